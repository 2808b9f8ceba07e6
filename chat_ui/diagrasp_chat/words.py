"""How people ask: the words and patterns that `intents` looks for.

Patterns are matched against text in lower case with ё as е and single spaces; they are verbose, so blanks do not count.
"""

from __future__ import annotations

import re

SPOKEN_FORMATS = {
    "mermaid": r"мермейд\w*|мермаид\w*",
    "plantuml": r"plant\s+uml|плант\s?[юу]мл\w*",
    "bpmn": r"бпмн|бипиэмэн",
    "drawio": r"draw\.?\s?io|diagrams\.net|дро[уй]?\s?ио|драв\s?ио",
    "excalidraw": r"экскали?др[ао]\w*",
    "dot": r"graphviz|граф(?:виз|вис)\w*",
    "json": r"джейсон\w*",
    "steps": r"steps?\s+table|table\s+of\s+steps|таблиц\w+\s+шагов|markdown|маркдаун\w*",
    "pseudocode": r"pseudo[\s-]?code|псевдо-?код\w*",
    "python": r"питон\w*|пайтон\w*",
    "svg": r"свг",
    "png": r"пнг|картинк[уеи]|picture|image",
}
"""What formats are called beside their ids, titles, aliases and suffixes."""

VERB = (
    r"(?:convert|export|save|download|translate|turn|transform|write|give|make|render|rewrite|output|get|want|need"
    r"|переве(?:ди|сти)\w*|перевод\w*|с?конверт\w+|преобраз\w+|экспорт\w*|сохран\w+|скача\w+|сдела\w+|выгруз\w+|запиш\w+"
    r"|напиш\w+|отда\w+|дай\w*|выве\w+|вывод\w*|получи\w*|хочу|нужн?[аоы]?|перепиш\w+|нарису\w+)"
)
SURE_VERB = r"convert|export|конверт|преобраз|перевед|экспорт|формат|format"
SHOW = r"(?:show|list|print|display|see|покаж\w*|показ\w*|выве\w+|перечисл\w+|дай\w*|напиш\w+)"
TO = r"(?:to|into|in|as|format|в|во|как|формат\w*)"
POLITE = r"(?:please|пожалуйста,?)"
ALL_FORMATS = r"\b(?:all|every|все\w*|кажд\w+)\s+(?:the\s+|the\s+other\s+)?(?:formats?|формат\w*)\b"

HELP = {"", "help", "помощь", "помоги", "справка", "хелп", "/help", "commands", "команды"}
HELP_QUESTION = re.compile(
    r"""what\ can\ (?:you|i)\ do(?:\ here)? | how\ does\ (?:this|it)\ work
      | что\ (?:ты\ )?умеешь | что\ (?:здесь\ )?можно(?:\ делать)? | как\ (?:это|ты)\ работает(?:ь|шь)?""",
    re.VERBOSE,
)
PAGE = re.compile(
    r"""(?:(?:show|read|open|покажи|прочитай|открой)\ )?(?:page|страниц[ауы]|стр\.?|лист)\ ?№?\ ?(\d{1,4})""",
    re.VERBOSE,
)
EXAMPLE = re.compile(r"(?:example|пример)\s*:\s*(.+)", re.IGNORECASE)

_ASKED = rf"(?:{POLITE}\s+)?(?:{SHOW}\s+)?(?:me\s+|мне\s+)?(?:the\s+|all\s+(?:the\s+)?|все\s+)?"
SHOW_STEPS = re.compile(
    _ASKED + r"(?:steps?|(?:steps?\s+)?table|table\s+of\s+steps|шаги|действия|таблиц[ау](?:\s+шагов)?|список\s+шагов)"
)
SHOW_OUTLINE = re.compile(
    _ASKED + r"(?:outline|algorithm|алгоритм|план|описание|текст\s+алгоритма)"
    r"|(?:describe|explain)(?:\s+(?:it|the\s+(?:algorithm|process|diagram)))?|опиши(?:\s+(?:алгоритм|процесс|схему))?"
)
SHOW_RESULT = re.compile(_ASKED + r"(?:diagram|result|redraw|схему|результат|перерисовку|диаграмму)")

SOURCE_START = re.compile(
    r"""\s*(?:
        (?:graph|flowchart(?:-\w+)?)[ \t]*(?:(?:TB|TD|BT|LR|RL)[ \t]*)?(?:;|\n)
      | (?:graph|flowchart)[ \t]+(?:TB|TD|BT|LR|RL)\b
      | (?:sequenceDiagram|(?:state|class)Diagram(?:-v2)?|erDiagram|mindmap|C4Context|journey)[ \t]*(?:\n|\Z)
      | @start(?:uml|mindmap|salt|wbs)\b
      | <\?xml\b | <!DOCTYPE\b | <(?:\w+:)?definitions\b | <mxfile\b | <mxGraphModel\b | <svg\b
      | (?:strict\s+)?(?:di)?graph\b[^{;\n]*\{
      | \{\s*"(?:version|kind|nodes|edges|type|elements|groups|title|direction)"\s*:
      | \|\s*(?:№|No\.?|\#)\s*\|
    )""",
    re.VERBOSE,
)
"""The beginnings of diagram sources: Mermaid, PlantUML, XML, DOT, JSON, a table of steps."""

NUMBERED_LINE = re.compile(r"^\s*\d{1,3}[.)]\s+\S", re.MULTILINE)
FENCE = re.compile(r"[ \t]{0,3}```+[ \t]*([\w.+-]*)")

STEP_NUMBER = re.compile(
    r"""\b(?:steps?|шаг\w*|действи\w+|пункт\w*)\s*(?:№|\#|no\.?|number|номер)?\s*(\d{1,4}(?:\.\d{1,3})*)
      | \b(\d{1,4})[-\s]?(?:st|nd|rd|th|й|го|му|м|я|е)?\s+(?:step|шаг\w*)""",
    re.VERBOSE,
)
FORWARD = re.compile(r"\bdo(?:es)?\b.*\blead|where\s+do(?:es)?\b")
"""`what does step 3 lead to` asks for what follows, though it has the words of `what leads to`."""


def _topic(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


TOPICS = (
    ("count", _topic(r"how\ many | сколько | количество | ^число\ ")),
    (
        "loops",
        _topic(
            r"\bloops?\b | \bcycles?\b | \bцикл\w* | \bвозврат\w* | \bповтор\w* | \bgo(?:es)?\ back | \bвозвраща\w+"
        ),
    ),
    (
        "previous",
        _topic(
            r"""\bprecedes?\b | \bbefore\b | \bleads?\ (?:in)?to\ (?:the\ )?(?:step|шаг|[«"“])
              | \bcomes?\ to\b | what\ leads | предшеств\w+ | \bперед\b | \bдо\ шага
              | \bвед[еу]т\ (?:к|в|на)\  | откуда | из\ как\w+\ шаг"""
        ),
    ),
    (
        "next",
        _topic(
            r"""\bfollow\w* | \bafter(?:wards)?\b | \bnext\b | \bthen\b | \bleads?\b
              | where\ (?:does|do|to)\b.*\b(?:go|lead) | \bпосле\b | \bследу\w+ | дальше | далее | \bпотом\b | \bзатем\b
              | \bкуда\b | к\ чему\ вед\w+ | приводит"""
        ),
    ),
    (
        "when",
        _topic(
            r"""\bwhen\b | (?:under|on)\ (?:what|which)\ condition | \bкогда\b | при\ как\w+\ услови\w+
              | в\ как\w+\ случа\w+"""
        ),
    ),
    (
        "conditions",
        _topic(
            r"""\bconditions?\b | \bdecisions?\b | \bbranch\w* | \bforks?\b | \bgateways?
              | \bуслови\w+ | \bразвилк\w+ | \bрешени\w+ | \bветвлени\w+ | \bшлюз\w*"""
        ),
    ),
    (
        "roles",
        _topic(
            r"""(?:which|what|list|show|all)\ (?:the\ )?(?:\w+\ )?(?:roles?|lanes?|participants?|actors?)\b
              | who\ (?:is|are)\ involved | who\ (?:takes?|participates?)
              | ^(?:roles?|lanes?|participants?|роли|участники|дорожки)$
              | как\w+\ (?:есть\ )?(?:роли|участник\w+|дорожк\w+) | кто\ участву\w+
              | (?:покаж\w+|перечисл\w+)\ (?:роли|участник\w+)"""
        ),
    ),
    ("who", _topic(r"\bwho(?:se)?\b | \bкто\b | \bкем\b | \bчья\b | \bчей\b | ответствен\w+ | \bresponsible\b")),
    (
        "role_steps",
        _topic(
            r"""what\ (?:does|do|must|should)\ .+\ do\b | (?:steps|tasks|duties)\ of\ |
                что\ (?:долж(?:ен|на|ны)\ )?(?:дела|выполня)\w+ |
                (?:шаги|действия|обязанности|задачи)\ (?:роли|участника)"""
        ),
    ),
    (
        "start",
        _topic(r"\bstarts?\b | \bbegin\w* | \bfirst\ step | \bначин\w+ | \bначал[оа]\b | \bперв\w+\ шаг | \bс\ чего\b"),
    ),
    (
        "end",
        _topic(
            r"""\bends?\b | \bfinish\w* | \blast\ step | \bfinal\b | \bконч\w+ | \bзаканчив\w+ | \bзаконч\w+
              | \bзаверш\w+ | \bпоследн\w+\ шаг | \bконец\b"""
        ),
    ),
    ("describe", _topic(r"\bsteps?\b | \bшаг\w* | \bпункт\b")),
)
"""Topics of questions; the first that fits wins."""

NOUNS = (
    ("role", _topic(r"\b(?:roles?|lanes?|participants?|actors?|people|рол\w+|участник\w+|дорож\w+|исполнител\w+)")),
    (
        "decision",
        _topic(
            r"\b(?:conditions?|decisions?|branch\w*|gateways?|forks?|услови\w+|развил\w+|решени\w+|шлюз\w*|ветвлени\w+)"
        ),
    ),
    (
        "arrow",
        _topic(r"\b(?:arrows?|edges?|connections?|links?|transitions?|стрел\w+|связ\w+|переход\w+|соединени\w+)"),
    ),
    ("element", _topic(r"\b(?:elements?|nodes?|symbols?|shapes?|блок\w*|элемент\w+|фигур\w*|узл\w+)")),
    ("step", _topic(r"")),
)
"""What can be counted; the last one is what remains."""

_NOT_LABELS = """
a an the is are was do does did what which who whom whose where when why how many much there in on at of to from for
by with and or it its this that these those step steps happens happen comes come goes go follow follows following
after before next then lead leads leading must should can done made condition conditions under role task tasks
please me show tell about get reached if i we they he she them responsible carries carry out performs perform
executes execute begins starts ends
кто что кем чья чей где когда куда откуда как какой какая какое какие каких каким при из от до после перед за на по
в во к ко с со у о об и или а но же ли не бы это этот эта эти шаг шага шагу шаге шагом шаги шагов идет идут следует
следуют следующий ведет ведут будет происходит происходят случается дальше далее потом затем делает делают делать
выполняет выполняют выполняется выполнять должен должна должны есть роль роли роль условии условие условия случае
который которая мне покажи скажи нужно номер действие действия сколько ответственный отвечает участник
"""
NOT_LABELS = frozenset(_NOT_LABELS.split())
"""Words of questions that say nothing about which step is meant."""
