"""Texts of algorithms as textbooks draw them: assignments, conditions, input and output, lone signs of loops."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from diagrasp_train.reader.words import split_words

_VARIABLES: Final = "xyzabcnmkijpqrstuvwfghdXYZABCNMKIJPQRSTUVWFGHDEL"
_NAMES: Final = split_words(
    "sum count max min avg num res temp fact flag total area len mid left right low high key val"
)
_VERBS: Final = split_words(
    """
    Input Output Print Read Write Display Enter Compute Calculate Set Let Get Show Return Find Call Ask Check Swap Add
    Increment Decrement Initialize Call Store Load Sort Test Receive Send Define Declare
    """
)
_RU_VERBS: Final = split_words(
    """
    Ввод Вывод Печать Ввести Вывести Вычислить Найти Прочитать Записать Присвоить Вернуть Сравнить Увеличить
    Уменьшить Начальное Проверить
    """
)
_EXCHANGE: Final = split_words("Input Output Print Read Write Display Enter Show Get")
_WORDS: Final = split_words(
    """
    Start Stop Begin End Exit Yes No True False Finish Done Return Else Loop Next Error OK Continue Repeat Ready T F
    Y N
    """
)
_RU_WORDS: Final = split_words("Начало Конец Старт Стоп Да Нет Ввод Вывод Выход Ошибка Цикл Возврат Готово Истина Ложь")
_COMPARED: Final = ("=", "<", ">", "<=", ">=", "==", "!=", "≤", "≥", "≠", "<>")
_SIGNS: Final = ("+", "-", "*", "/", "+", "*", "%", "^", "×")


class Steps:
    """An endless source of such texts."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def sample(self) -> str:
        """One step."""
        rng = self.rng
        r = rng.random()
        if r < 0.17:
            return self._cased(rng.choice(_RU_WORDS if rng.random() < 0.35 else _WORDS))
        if r < 0.42:
            return self._order(_RU_VERBS if rng.random() < 0.3 else _VERBS)
        if r < 0.70:
            return self._assignment()
        if r < 0.92:
            return self.condition()
        return rng.choice(
            [
                f"for {self._variable()} = {rng.randint(0, 2)} to {self._value()}", f"while {self.condition()}",
                f"{self._variable()}++", f"{self._variable()}--", f"if {self.condition()}",
                f"{self._variable()} += {self._value()}", f"{self._variable()}[{self._variable()}]",
            ]
        )  # fmt: skip

    def change(self) -> str:
        """What a box does."""
        return self._assignment() if self.rng.random() < 0.6 else self._order(_VERBS)

    def exchange(self) -> str:
        """What is read or shown."""
        return self._order(_EXCHANGE)

    def _order(self, verbs: Sequence[str]) -> str:
        rng = self.rng
        what = [self._value, self._value, self._listed, self._term, self._assignment][rng.randrange(5)]()
        return self._cased(rng.choice(verbs)) + rng.choice((" ", " ", " ", " ", ": ")) + what

    def _cased(self, word: str) -> str:
        r = self.rng.random()
        return word if r < 0.6 else word.lower() if r < 0.82 else word.upper()

    def _variable(self) -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.78:
            return rng.choice(_VARIABLES)
        if r < 0.88:
            return rng.choice(_VARIABLES) + str(rng.randint(0, 9))
        return self._cased(rng.choice(_NAMES))

    def _value(self) -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.45:
            return self._variable()
        if r < 0.75:
            return str(rng.randint(0, 9) if rng.random() < 0.7 else rng.randint(0, 1000))
        return self._function()

    def _function(self) -> str:
        rng = self.rng
        inside = self._variable() if rng.random() < 0.8 else f"{self._variable()},{self._variable()}"
        return f"{rng.choice('fghFGHpqsPQ') if rng.random() < 0.8 else rng.choice(_NAMES)}({inside})"

    def _term(self) -> str:
        rng = self.rng
        space = rng.choice(("", " ", " "))
        out = self._value()
        for _ in range(rng.choice((1, 1, 1, 2))):
            out += space + rng.choice(_SIGNS) + space + self._value()
        return out if rng.random() < 0.9 else f"({out})"

    def _listed(self) -> str:
        space = self.rng.choice(("", " "))
        return ("," + space).join(self._variable() for _ in range(self.rng.randint(2, 4)))

    def _assignment(self) -> str:
        rng = self.rng
        space = rng.choice(("", " ", " "))
        left = self._variable()
        right = left + space + rng.choice("+-*") + space + self._value() if rng.random() < 0.35 else self._value()
        right = self._term() if rng.random() < 0.3 else right
        return left + space + rng.choice(("=", "=", "=", "=", ":=", "←")) + space + right

    def condition(self) -> str:
        """What a diamond asks."""
        rng = self.rng
        space = rng.choice(("", " ", " "))
        left = self._variable() if rng.random() < 0.75 else self._term()
        text = left + space + rng.choice(_COMPARED) + space + self._value()
        return text + rng.choice(("", "", "?", " ?"))
