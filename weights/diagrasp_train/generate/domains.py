"""What the random processes are about: roles, steps, questions, events and documents of everyday work, ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Domain:
    """One line of work in one language; `states` are of the thing that is worked on, `moves` lead between them."""

    language: str
    pools: tuple[str, ...]
    roles: tuple[str, ...]
    steps: tuple[str, ...]
    questions: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    documents: tuple[str, ...]
    states: tuple[str, ...]
    moves: tuple[str, ...]
    waits: tuple[str, ...]


YES_NO = {
    "ru": (("да", "нет"), ("Да", "Нет"), ("есть", "нет"), ("успешно", "ошибка"), ("одобрено", "отказ"), ("+", "−")),
    "en": (("yes", "no"), ("Yes", "No"), ("ok", "error"), ("approved", "rejected"), ("True", "False"),
           ("[yes]", "[no]")),
}  # fmt: skip
CASES = {
    "ru": ("до 10 000 ₽", "от 10 000 до 100 000 ₽", "свыше 100 000 ₽", "срочно", "обычный порядок", "VIP", "иначе"),
    "en": ("under $100", "$100 to $1,000", "over $1,000", "urgent", "standard", "premium", "otherwise"),
}
NOTES = {
    "ru": (
        "Не позднее 2 рабочих дней",
        "Только для новых клиентов",
        "Ответственный: старший смены",
        "См. регламент № 14",
    ),
    "en": ("Within 2 working days", "New customers only", "Owner: shift lead", "See policy 14"),
}
TERMINALS = {
    "ru": (("Начало", "Конец"), ("Старт", "Финиш"), ("начало", "конец")),
    "en": (("Start", "End"), ("Begin", "Done"), ("START", "STOP")),
}


def _read(text: str) -> tuple[Domain, ...]:
    found: list[Domain] = []
    for block in text.split("\n\n"):
        fields: dict[str, tuple[str, ...]] = {}
        for line in block.splitlines():
            name, colon, values = line.partition(":")
            if colon and not line.startswith("#"):
                fields[name] = tuple(v.strip() for v in values.split("|"))
        if fields:
            (language,) = fields.pop("language")
            found.append(Domain(language, **fields))
    return tuple(found)


@cache
def domains(language: str) -> tuple[Domain, ...]:
    """The domains of a language, from domains.txt."""
    text = resources.files(__package__).joinpath("domains.txt").read_text(encoding="utf-8")
    return tuple(d for d in _read(text) if d.language == language)
