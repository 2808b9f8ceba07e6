"""The turns of phrase of ordinary instructions in Russian and English: conditions, jumps, loops, ends, roles."""

from __future__ import annotations

import re

_I = re.IGNORECASE
_STEP = (
    r"(?:шаг(?:а|у|ом|е|и|ам|ов)?|пункт(?:а|у|е|ы|ам|ов)?|п\.?\s?п\.|п\.|этап(?:а|у|е|ы|ам|ов)?|"
    r"steps?|items?|points?|stages?)"
)
_VERB = (
    r"(?:перейти|перейдите|переходи(?:м|те|ть|т)|переход|вернуться|вернитесь|верн[её]мся|возврат|возвращает(?:ся|есь)|"
    r"возвращаются|возвращаемся|возвращаться|повторить|повторите|повторять|повторяйте|повтор|начать(?:\sзаново|\sснова)?|"
    r"продолжить|go|return|jump|continue|proceed|skip|repeat|restart|resume|move\son)"
)
_TO = (
    r"(?:\s+(?:back|again|straight|снова|обратно|сразу|заново|все|all))*\s*(?:\b(?:к|ко|на|с|со|до|to|at|from|with)\b)?"
)
JUMP = re.compile(
    rf"{_VERB}{_TO}\s*(?:(?:{_STEP})\s*(?:№\s*)?|(?<=\bto)\s+|(?<=\bк)\s+|(?<=№))(?P<to>\d+(?:\.\d+)*)"
    rf"(?:\s*(?:[-–—]|по|до|to|through|и|and)\s*\d+(?:\.\d+)*)?\s*$",
    _I,
)
"""`вернуться к шагу 3`, `go back to step 3`, `повторите шаги 3-4`; searched at the end of a statement."""
PAREN_JUMP = re.compile(r"\s*\(\s*([^()]*)\s*\)\s*$")
END = re.compile(
    r"(?:(?:и|and|then|затем|после чего)\s+)?(?:конец(?:\s+(?:процесса|алгоритма|работы))?|"
    r"(?:завершить|закончить|завершите|закончите|прекратить|остановить)(?:\s+(?:процесс|работу|выполнение|алгоритм))?|"
    r"(?:процесс|работа)\s+(?:завершается|завершена|заканчивается|заверш[её]н)|"
    r"(?:stop|end|finish|exit|quit)(?:\s+(?:here|the\s+process|the\s+procedure|process))?|"
    r"(?:the\s+)?(?:process|procedure)\s+(?:ends|stops|is\s+over))\s*$",
    _I,
)
START = re.compile(r"(?:начало|старт|start|begin)\s*$", _I)
IF = re.compile(
    r"(?:если(?!\s+нет\b\s*[,:—-])|в\s+(?:том\s+)?случае,?\s+если|в\s+случае,?\s+когда|при\s+условии,?\s+что|когда|"
    r"if(?!\s+not\b\s*[,:])|in\s+case|when|whenever|provided\s+that)\s+",
    _I,
)
ON = re.compile(rf"(?:при|в\s+случае|in\s+case\s+of|on)\s+(?P<what>[^.;:]+?)[,:]?\s+(?=(?:{_VERB})\b)", _I)
"""`При отсутствии оплаты перейти к шагу 4`."""
ELSE = re.compile(
    r"(?:иначе|в\s+противном\s+случае|в\s+ином\s+случае|если\s+(?:же\s+)?нет|если\s+это\s+не\s+так|otherwise|else|"
    r"if\s+not)\b[\s,:—–-]*",
    _I,
)
ELSE_INSIDE = re.compile(
    r"\s*[;,.]\s*(?:а\s+)?(?:иначе|в\s+противном\s+случае|в\s+ином\s+случае|если\s+нет|otherwise|else|if\s+not)\b"
    r"[\s,:—–-]*",
    _I,
)
THEN = re.compile(r"\s*,?\s*\b(?:то|тогда|then)\b[\s,:]*", _I)
COLON = re.compile(r"\s*:\s+|\s*:\s*$|\s+[—–-]\s+")
COMMA = re.compile(r",(?!\d)\s+")
WHILE = re.compile(
    r"(?:(?:до\s+тех\s+пор,?\s+)?пока|while|as\s+long\s+as|until)\s+(?:(?P<no>не|not)\s+)?(?P<what>.+)$", _I
)
REPEAT = re.compile(
    r"(?:повторять|повторяйте|повторить|repeat|do)(?:\s+(?:следующее|шаги|the\s+following))?[\s,:]*"
    r"(?:(?:до\s+тех\s+пор,?\s*)?(?:пока|while|(?P<until>until))\s+(?:(?P<no>не|not)\s+)?(?P<what>.+))?$",
    _I,
)
REPEAT_STEPS = re.compile(
    rf"(?:повторять|повторяйте|повторить|повторите|repeat)\s+{_STEP}\s*(?P<to>\d+(?:\.\d+)*)(?:\s*[-–—]\s*[\d.]*\d)?[\s,]*"
    r"(?:до\s+тех\s+пор,?\s*)?(?:пока|while|(?P<until>until))\s+(?:(?P<no>не|not)\s+)?(?P<what>.+)$",
    _I,
)
WHILE_STEPS = re.compile(
    rf"(?:(?:до\s+тех\s+пор,?\s+)?пока|while|as\s+long\s+as|(?P<until>until))\s+(?P<what>(?P<no>не\s+|not\s+)?.+?),?\s+"
    rf"(?:повторять|повторяйте|повторить|repeat)\s+(?:{_STEP})\s*(?P<to>\d+(?:\.\d+)*)(?:\s*[-–—]\s*[\d.]*\d)?$",
    _I,
)
"""`Пока качество не достигнуто, повторять шаги 1-2`."""
TIMES = re.compile(r"(?:повторять|повторить|повторите|repeat)\s+(?P<what>\d+\s*(?:раза?|times?))$", _I)
ON_AND_ON = re.compile(
    rf"(?:перейти|переходите?|переходим|go|proceed|continue|move)(?:\s+on)?\s*(?:к|на|to|with)\s+(?:the\s+)?"
    rf"(?:следующ\w+|next)(?:\s+{_STEP})?$|(?:продолжить|продолжайте|continue|go\s+on|proceed|ничего\s+не\s+делать|do\s+nothing)$",
    _I,
)
"""`go on to the next step`: nothing is done."""
STEP_NAMED = re.compile(rf"(?:см\.?\s*|see\s+)?{_STEP}\s*(?:№\s*)?(?P<to>\d+(?:\.\d+)*)$", _I)
BACK = re.compile(r"\b(?:верну|назад|повтор|возвра|перей|return|back|repeat|go\b)", _I)
OUTCOME = re.compile(
    r"(?:не\s+)?(?:\w{3,}(?:ано|ено|ято|ана|ена|ята|аны|ены|яты|ан|ён|ен|ят)|успешно|успех|ошибка|неудача|есть|верно|неверно|"
    r"valid|invalid|ok|okay|success|failure|error|pass(?:ed)?|fail(?:ed)?|approved|rejected|accepted|declined|found|"
    r"not\s+found|correct|incorrect)$",
    _I,
)
"""What a step may come to: `одобрено`, `rejected`."""
EACH = re.compile(r"(?:для\s+кажд\w+|по\s+кажд\w+|for\s+(?:each|every)|for\s+all)\s+(.+)$", _I)
PARALLEL = re.compile(
    r"(?:параллельно|одновременно|in\s+parallel|simultaneously|at\s+the\s+same\s+time|concurrently)\s*$", _I
)
ANSWER = re.compile(r"(?P<said>да|нет|yes|no|true|false|истина|ложь)\s*(?:[,:—–-]|→|->|=>)\s*(?P<what>.*)$", _I)
CASE = re.compile(r"(?P<said>[^.;:—–]{1,60}?)\s*(?::|\s[—–-]\s|→|->|=>)\s*(?P<what>.+)$")
CHOICE = re.compile(r"\b(?:в\s+зависимости\s+от|depending\s+on|принять\s+решение|выбрать|decide|choose)\b", _I)
ROLE_AFTER = re.compile(
    r"\s*(?:\[\s*(?:роль:|role:)?\s*([^\[\]]+?)\s*\]|\(\s*(?:роль|role|исполнитель|ответственный|owner|actor)\s*[:—-]\s*"
    r"([^()]+?)\s*\))\s*[.:;]?\s*$",
    _I,
)
ROLE_BEFORE = re.compile(r"([A-ZА-ЯЁ][\w./-]*(?:[ ][\w./-]+){0,3})\s*:\s+(?=\S)")
NO_ROLE = re.compile(
    r"(?:если|иначе|да|нет|шаг|этап|примечание|внимание|важно|цель|результат|пока|повторять|параллельно|if|else|"
    r"otherwise|yes|no|step|note|warning|important|goal|result|while|repeat|in\s+parallel|for\s+each|для\s+кажд\w+|"
    r"when|когда)\b",
    _I,
)
AND_THEN = re.compile(r"(?:,|;)?\s*(?:\bи\b|\band\b|\bзатем\b|\bthen\b|\bпосле\s+чего\b|,|;|—|–|\s-)\s*$", _I)
SENTENCE = re.compile(
    r"(?<=[^\W\d_]{2})[.;]\s+(?=(?:если|иначе|в\s+противном|в\s+ином|в\s+случае|при\s|когда|пока|перейти|вернуться|"
    r"повтор|процесс\s+заверш|завершить|if|otherwise|else|when|in\s+case|go|return|repeat|process\s+ends|the\s+process\s+ends|"
    r"stop|end)\b|(?:при|если)\s)|:\s+(?=(?:если|if|in\s+case|в\s+случае)\s)",
    _I,
)
"""Where a step's text goes on with another statement."""
ITEM = re.compile(
    r"(?P<pad>\s*)(?:(?:\*\*)?(?:шаг|этап|step|stage)\s*№?\s*(?P<step>\d+(?:\.\d+)*)(?:\*\*)?\s*[.:)—–-]?(?:\*\*)?\s+|"
    r"\(?(?P<number>\d+(?:\.\d+)*)(?:[.)]|(?<=\.\d)|(?=\s*\|))\s+|(?P<letter>[a-zа-яё])[.)]\s+|(?P<bullet>[-*•–—+▪◦])\s+)"
    r"(?P<text>.*)$",
    _I,
)


def tidy(text: str) -> str:
    """Without Markdown's marks and the stop at the end."""
    text = re.sub(r"\\([\\|<*`_&~.\-+#>)])", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    text = " ".join(text.split())
    return text[:-1].rstrip() if text.endswith((";", ",")) or (text.endswith(".") and not text.endswith("..")) else text


def risen(text: str) -> str:
    """With a capital at the beginning."""
    return text[:1].upper() + text[1:]
