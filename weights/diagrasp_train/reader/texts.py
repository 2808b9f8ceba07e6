"""Texts of training lines: what stands in diagrams, in the proportions in which reading it matters."""

from __future__ import annotations

import random
from collections.abc import Callable

from diagrasp_train.reader import words as w
from diagrasp_train.reader.algorithms import Steps
from diagrasp_train.reader.alphabet import ALPHABET, ASCII_SIGNS, LATIN_MARKED, RUSSIAN, SIGNS

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_LONE: tuple[str, ...] = (*"-–—+*=?!.:/&#%@→←↑↓•×<>✓✗°№\"'|~^_…", *w.split_words("... -- == -> => && || () {} []"))


class Texts:
    """An endless source of labels; the same seed gives the same labels."""

    def __init__(self, seed: int, algorithms: float = 0.0) -> None:
        """`algorithms`: share of steps of algorithms, beside all others."""
        self.rng = random.Random(seed)
        self.russian = w.russian_words()
        self.english = w.english_words()
        self._kinds: list[tuple[float, Callable[[], str]]] = [
            (0.34, self._russian_phrase),
            (0.22, self._english_phrase),
            (0.14, self._short),
            (0.06, self._identifier),
            (0.05, self._signature),
            (0.06, self._number),
            (0.04, self._condition),
            (0.02, self._address),
            (0.03, self._mixed),
            (0.015, self._german),
            (0.025, self._noise),
        ]
        if algorithms > 0:
            steps = Steps(self.rng)
            self._kinds = [(share * (1 - algorithms), make) for share, make in self._kinds]
            self._kinds.append((algorithms, steps.sample))

    def sample(self, latin_only: bool = False) -> str:
        """One label of 1 to about 60 characters of the alphabet; `latin_only` for fonts without Cyrillic."""
        while True:
            make = self.rng.choices([k for _, k in self._kinds], [p for p, _ in self._kinds])[0]
            text = " ".join(make().split())
            if text and len(text) <= 60 and all(c in ALPHABET for c in text):
                if latin_only and any(c in RUSSIAN for c in text):
                    continue
                return text

    # -- phrases

    def _cased(self, words: list[str]) -> str:
        r = self.rng.random()
        text = " ".join(words)
        if r < 0.55:
            text = text[:1].upper() + text[1:]
        elif r < 0.70:
            text = text.upper()
        elif r < 0.78:
            text = " ".join(x[:1].upper() + x[1:] for x in words)
        return text

    def _punctuated(self, text: str, quotes: str = "«»") -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.72:
            return text
        if r < 0.80:
            return text + "?"
        if r < 0.84:
            return text + rng.choice([".", ",", ":", "!", "...", ";", "…"])
        if r < 0.87:
            return f"({text})"
        if r < 0.90:
            q = rng.choice([quotes, '""', "“”", "''", "„“"])
            return q[0] + text + q[1]
        if r < 0.93:
            return f"{rng.randint(1, 20)}{rng.choice(['. ', ') ', '.', ' - '])}{text}"
        if r < 0.955:
            return f"{text} {rng.choice(['№', '#', 'N', '№ '])}{rng.randint(1, 999)}"
        if r < 0.975:
            return f"[{text}]"
        return rng.choice(["- ", "• ", "* ", "→ ", "+ ", "<<", "«"]) + text

    def _break_into(self, words: list[str]) -> list[str]:
        """Sometimes a comma, a bracket, a dash between or a hyphen at the end, as wrapped labels have."""
        rng = self.rng
        if len(words) > 1 and rng.random() < 0.18:
            i = rng.randrange(1, len(words))
            r = rng.random()
            if r < 0.4:
                words[i - 1] += ","
            elif r < 0.6:
                words.insert(i, rng.choice(["-", "–", "—", "/", "&", "+", "→"]))
            elif r < 0.8:
                words[i] = "(" + words[i]
                words[-1] += ")" if rng.random() < 0.8 else ""
            else:
                words[i - 1 : i + 1] = [words[i - 1] + rng.choice(["-", "/"]) + words[i]]
        if rng.random() < 0.02:
            words[-1] += "-"
        return words

    def _russian_phrase(self) -> str:
        rng = self.rng
        known = rng.random() < 0.5
        count = rng.choices([1, 2, 3, 4, 5], [30, 33, 21, 11, 5])[0]
        words = []
        for i in range(count):
            if i and rng.random() < 0.18:
                words.append(rng.choice(w.RU_SMALL))
            if not known and rng.random() < 0.85:
                words.append(rng.choice(self.russian))
            else:
                words.append(
                    rng.choice(
                        w.RU_VERBS if i == 0 and rng.random() < 0.5 else rng.choice([w.RU_NOUNS, w.RU_NOUNS, w.RU_ADJ])
                    )
                )
        return self._punctuated(self._cased(self._break_into(words)))

    def _english_phrase(self) -> str:
        rng = self.rng
        known = rng.random() < 0.5
        count = rng.choices([1, 2, 3, 4, 5], [28, 32, 22, 12, 6])[0]
        words = []
        for i in range(count):
            if i and rng.random() < 0.22:
                words.append(rng.choice(w.EN_SMALL))
            if not known and rng.random() < 0.85:
                words.append(rng.choice(self.english))
            else:
                words.append(
                    rng.choice(
                        w.EN_VERBS if i == 0 and rng.random() < 0.5 else rng.choice([w.EN_NOUNS, w.EN_NOUNS, w.EN_ADJ])
                    )
                )
        return self._punctuated(self._cased(self._break_into(words)), '""')

    def _german(self) -> str:
        return self._punctuated(" ".join(self.rng.choice(w.DE_WORDS) for _ in range(self.rng.randint(1, 3))), "„“")

    def _mixed(self) -> str:
        rng = self.rng
        pool = [w.EN_SHORT, w.EN_NOUNS, w.EN_NOUNS]
        words = [rng.choice(w.RU_NOUNS + w.RU_VERBS) for _ in range(rng.randint(1, 3))]
        words.insert(
            rng.randint(0, len(words)), self._identifier() if rng.random() < 0.4 else rng.choice(rng.choice(pool))
        )
        return self._punctuated(self._cased(words) if rng.random() < 0.6 else " ".join(words))

    def _short(self) -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.12:
            return rng.choice(_LONE)
        if r < 0.40:
            text = rng.choice(w.RU_SHORT)
        elif r < 0.66:
            text = rng.choice(w.EN_SHORT)
        elif r < 0.76:
            text = rng.choice(RUSSIAN[:33]) + rng.choice(["", str(rng.randint(1, 99))])
        elif r < 0.90:
            text = rng.choice(_LATIN.upper() + _LATIN) + rng.choice(["", str(rng.randint(1, 99))])
        else:
            text = str(rng.randint(0, rng.choice((9, 99))))
        r = rng.random()
        return (
            f"[{text}]"
            if r < 0.08
            else f"({text})"
            if r < 0.14
            else text + rng.choice(["?", ":", ".", ","])
            if r < 0.2
            else text
        )

    # -- signs

    def _name(self) -> str:
        rng = self.rng
        parts = [rng.choice(w.EN_VERBS + w.EN_NOUNS) for _ in range(rng.choices([1, 2, 3], [3, 5, 2])[0])]
        style = rng.randrange(5)
        if style == 0:
            return "_".join(parts)
        if style == 1:
            return "_".join(parts).upper()
        if style == 2:
            return "".join(x.title() for x in parts)
        if style == 3:
            return "-".join(parts)
        return parts[0] + "".join(x.title() for x in parts[1:])

    def _identifier(self) -> str:
        rng = self.rng
        name = self._name()
        r = rng.random()
        if r < 0.15:
            return f"{name}{rng.randint(0, 99)}"
        if r < 0.25:
            return f"{name}.{self._name()}"
        if r < 0.35:
            return f"{name}()"
        if r < 0.42:
            return f"«{name}»" if rng.random() < 0.5 else f"<<{name}>>"
        if r < 0.47:
            return f"/{name}/{{id}}"
        if r < 0.52:
            return f"{name}.{rng.choice(['py', 'json', 'xml', 'md', 'txt', 'pdf', 'xlsx', 'docx', 'csv', 'yaml'])}"
        if r < 0.60:
            return f":{name}" if rng.random() < 0.5 else f"@{name}"
        return name

    def _signature(self) -> str:
        rng = self.rng
        mark = rng.choice(["+", "-", "#", "~", "+ ", "- ", ""])
        kind = rng.choice(w.TYPES)
        r = rng.random()
        if r < 0.3:
            return f"{mark}{self._name()}: {kind}"
        if r < 0.55:
            inside = "" if rng.random() < 0.5 else f"{rng.choice(w.EN_NOUNS)}: {rng.choice(w.TYPES)}"
            return f"{mark}{self._name()}({inside})" + (f": {kind}" if rng.random() < 0.6 else "")
        if r < 0.7:
            return f"{mark}{kind} {self._name()}" + ("()" if rng.random() < 0.4 else "")
        if r < 0.8:
            return f"{kind} {self._name()} {rng.choice(['PK', 'FK', 'UK', 'NOT NULL'])}"
        if r < 0.9:
            return f"{self._name()}: {rng.choice(['List', 'Map', 'Set', 'Optional'])}<{kind}>"
        return f"{self._name()} = {rng.choice(['0', '1', 'null', 'true', 'new ' + self._name() + '()', '[]'])}"

    def _number(self) -> str:
        rng = self.rng
        a, b = rng.randint(0, 999), rng.randint(0, 99)
        kinds: list[Callable[[], str]] = [
            lambda: str(rng.randint(0, 10 ** rng.randint(1, 7))),
            lambda: f"{rng.randint(1, 31):02}.{rng.randint(1, 12):02}.{rng.randint(1990, 2030)}",
            lambda: f"{rng.randint(1990, 2030)}-{rng.randint(1, 12):02}-{rng.randint(1, 31):02}",
            lambda: f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
            lambda: f"{a}%" if rng.random() < 0.5 else f"{b},{rng.randint(0, 9)} %",
            lambda: f"{rng.randint(1, 99)} {a:03} {rng.choice(['руб.', '₽', 'р.', 'USD', '€', '$'])}",
            lambda: f"{rng.choice('$€£')}{a}.{b:02}",
            lambda: f"{a},{b:02}" if rng.random() < 0.5 else f"{a}.{b}",
            lambda: f"{b} {rng.choice(w.UNITS)}",
            lambda: (
                f"{rng.choice(['№', '№ ', '#', 'п. ', 'v', 'в. '])}{a}" + rng.choice(["", f".{b}", f"/{b}", f"-{b}"])
            ),
            lambda: f"{rng.randint(1, 9)}.{rng.randint(1, 9)}" + rng.choice(["", f".{rng.randint(1, 9)}"]),
            lambda: f"{rng.choice(['T', 'Q', 'Ф', 'A', 'ГОСТ ', 'ISO ', 'S', 'q', 'x', 'n'])}{a}",
            lambda: f"+7 ({a:03}) {rng.randint(100, 999)}-{b:02}-{rng.randint(10, 99)}",
            lambda: f"{b}{rng.choice(['-', '–', '..', '...', '/', ':', 'x', '×', ' + ', ' - '])}{a}",
        ]
        return rng.choice(kinds)()

    def _condition(self) -> str:
        rng = self.rng
        left = rng.choice(
            [
                *"xyznijkab",
                rng.choice(w.EN_NOUNS),
                rng.choice(w.RU_NOUNS),
                self._name(),
                "Сумма",
                "Цена",
                "count",
                "total",
                "len(a)",
            ]
        )
        op = rng.choice([">=", "<=", "==", "!=", "=", ">", "<", "≥", "≤", "≠", ":=", "+=", "%", "in", "≈"])
        right = rng.choice(
            [str(rng.randint(0, 100000)), str(rng.randint(0, 9)), rng.choice(w.EN_NOUNS), "null", "true", "0", "N", "n"]
        )
        space = rng.choice(["", " ", " ", " "])
        text = f"{left}{space if op != 'in' else ' '}{op}{space if op != 'in' else ' '}{right}"
        r = rng.random()
        if r < 0.25:
            text += "?"
        elif r < 0.35:
            text = f"[{text}]"
        elif r < 0.45:
            text = rng.choice(["if ", "если ", "while ", "пока ", "for ", "Если "]) + text
        elif r < 0.5:
            text += (
                rng.choice([" && ", " || ", " and ", " и ", " или "]) + f"{rng.choice('xyzab')} > {rng.randint(0, 9)}"
            )
        return text

    def _address(self) -> str:
        rng = self.rng
        host = rng.choice(w.EN_NOUNS) + rng.choice([".ru", ".com", ".org", ".local", ".io"])
        r = rng.random()
        if r < 0.3:
            return (
                rng.choice(["http://", "https://", ""])
                + rng.choice(["www.", "", "api."])
                + host
                + rng.choice(["", "/" + self._name()])
            )
        if r < 0.55:
            return f"{rng.choice(w.EN_NOUNS)}@{host}"
        if r < 0.8:
            return (
                f"{rng.choice(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])} /"
                f"{rng.choice(['api/', 'v1/', ''])}{rng.choice(w.EN_NOUNS)}s" + rng.choice(["", "/{id}", "?q=1"])
            )
        return rng.choice(["/", "C:\\", "./", "~/", "\\\\"]) + rng.choice(["/", "\\"]).join(
            rng.choice(w.EN_NOUNS) for _ in range(rng.randint(1, 3))
        )

    def _noise(self) -> str:
        """Unlikely strings: every character gets its share, and the net learns shapes rather than words."""
        rng = self.rng
        pool = rng.choice(
            [RUSSIAN, RUSSIAN, _LATIN + _LATIN.upper(), ASCII_SIGNS, SIGNS, LATIN_MARKED, "0123456789", ALPHABET[1:]]
        )
        text = "".join(rng.choice(pool) for _ in range(rng.randint(1, 8)))
        if pool in (SIGNS, ASCII_SIGNS, LATIN_MARKED) and rng.random() < 0.6:
            word = rng.choice(rng.choice([w.RU_NOUNS, w.EN_NOUNS]))
            i = rng.randint(0, len(word))
            text = word[:i] + rng.choice(["", " "]) + text[: rng.randint(1, 2)] + rng.choice(["", " "]) + word[i:]
        return text
