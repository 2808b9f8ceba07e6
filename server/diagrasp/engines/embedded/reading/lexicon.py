"""Words that handwriting in diagrams is likely to say, and the choice of one where the net is torn.

In print every letter is seen, and spelling has no say (`decode.py`).  In handwriting letters run into each other, and a
reader, net or human, leans on the words it expects.  A word of the list is taken where the net finds it nearly as
likely as what it read letter by letter: each letter of a listed word is worth `LEAN` nats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAN: Final = 2.1
"""Nats that each letter of a listed word is worth."""
MOST: Final = 20.0
"""Nats that a whole word is worth at most: long words are sure of themselves."""
JOINED: Final = 3
"""Words that a listed one may have been read apart into."""
SPACE: Final = 6.0
"""Nats that a space read is worth: a listed word across it must be likelier by that."""
TRIED: Final = 40
"""Listed words that are weighed exactly, the likeliest by their letters alone."""
_NEVER: Final = -1e9

VERBS: Final = """
accept add allocate analyse analyze answer apply appoint approve archive arrange ask assess assign attach book build
buy calculate call cancel change charge check choose clean clear close collect complete compute confirm consider
contact continue convince copy correct count create deal decide decline define delete deliver deposit describe design
determine discuss dispatch display distribute divide document download draw edit end enter estimate evaluate examine
exit execute expect explain extract fail fill filter finish fix follow forward generate get give handle hand identify
implement inform initialise initialize input insert inspect install invite issue join keep label leave link list load
log look make manage mark match measure meet merge modify monitor move multiply name need negotiate notify obtain offer
open order organise organize output pack pass pay perform pick place plan post prepare present press print prioritise
process produce propose provide publish purchase put query quit raise rate read receive recommend record reduce refund
refuse register reject release remind remove repair repeat replace reply report request require reserve reset resolve
respond restart restore retrieve return review revise run save scan schedule search select sell send serve set ship
show sign solve sort specify start stop store submit subtract sum supply swap take test track train transfer transport
treat try turn type update upload use validate verify visit wait want warn wash withdraw work write
"""
NOUNS: Final = """
access account accountant action address admission agency agent agreement amount answer applicant application
appointment approval area assessment attachment authority balance bank base batch bill board body book box branch budget
button candidate car card case cash catalogue category chart choice city claim class client clerk code comment committee
company complaint component condition contract cost counter country course credit customer damage data database date day
deadline decision degree delivery demand department desk detail device diploma director discount document doctor door
driver element email employee employer end engine engineer enquiry equipment error evaluation event exam example
expense expert factor factory failure feedback fee field figure file flight food form format function goods grade graph
group guest head home hospital hour house idea incident index information input instruction insurance interview
inventory invoice issue item job key kitchen lane language law letter level library licence limit line link list loan
location login loop machine mail man manager market material matter maximum meal medicine meeting member memory
menu message method minimum minute mistake model module money month motivation name need network node note notice
notification number object offer office officer online operation operator option order organisation output owner
package page paper parcel part partner party passenger password patient payment period person phone photo pinboard
place plan plane point policy pool position post price printer problem procedure process product production professor
program project proposal protocol purchase quality quantity question queue quote range rate reason receipt record
referee regulation rejection reminder report request requirement reservation resource response restaurant result
review risk role room route rule salary sale sample scan schedule school secretary section sensor server service
session shelf shipment shop signature size slot solution source specification staff stage start statement station
status step stock stop storage store student study subject sum supervisor supplier supply support system table tablet
target task tax taxi teacher team technician temperature test text thing ticket time title tool topic train training
transaction transport trip truck type undo unit university user value variable vehicle vendor version video visa
waiter warehouse warranty water way web website week weight woman word work worker year zone
"""
OTHERS: Final = """
a about according again all alternative and another any are as at available back bad before begin beginning by
central complete completed correct default different done each early else empty enough existing external fail failed
false few final first for free from full general good greater has high if in initial initially insufficient internal
into invalid is it large last late later less local long low main manual manually many maybe medium missing more most
much necessary negative new next no none not of off ok old on one only open or other otherwise out over own paid per
please positive possible previous public ready received rejected remaining same second sent short signed single small
special still successful sufficient suitable than that the their them then there third this three through to too total
two under until up urgent valid very via was when where whether while with within without wrong yes your zero
bought brought built chosen done drawn driven found given gone held kept known left lost made met paid put read ran
seen sent shown sold taken told understood won written
"""
RUSSIAN: Final = """
акт анализ банк больше бухгалтерия ввод вернуть возврат вход выбор выбрать вывод выдать вызвать выполнить выставить
выход готово да данные дата директор добавить договор документ документы доставить доставка если завершить загрузить
задача заказ закрыть запись заполнить запрос запросить зарегистрировать заявка значение иначе информация исполнитель
исправить клиент комиссия конец контроль курьер лист логин менеджер меньше назначить найти начало начать не нет новый
номер обновить обработать оператор оплата оплатить определить остановить отдел отказ отклонить открыть отменить
отправить отчёт ошибка пароль передать повторить подготовить подписать подтвердить показать покупатель получить
пользователь поставщик поступила принять проверить проверка продажа продолжить процесс работа рассмотреть рассчитать
расчёт регистрация результат решение руководитель сервер система склад создать согласовать сообщение сообщить
сохранить список сравнить старт стоп сумма счёт товар уведомить удалить условие утвердить файл форма цикл шаг этап
"""


def english() -> set[str]:
    """The listed words with the endings that verbs and nouns take."""
    words = set(OTHERS.split()) | set(VERBS.split()) | set(NOUNS.split())
    for noun in NOUNS.split():
        words.add(noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeou" else noun + _s(noun))
    for verb in VERBS.split():
        soft = verb.removesuffix("e")
        past = soft[:-1] + "ied" if verb.endswith("y") and verb[-2] not in "aeou" else soft + "ed"
        words |= {verb + _s(verb), past, soft + "ing"}
    return words


def _s(word: str) -> str:
    return "es" if word.endswith(("s", "x", "ch", "sh")) else "s"


@lru_cache(maxsize=4)
def lexicon(alphabet: str) -> Lexicon:
    """The list for a net with this alphabet."""
    return Lexicon(english() | set(RUSSIAN.split()), alphabet)


class Lexicon:
    """Listed words as codes of a net's alphabet, in small letters, capitalised and in capitals."""

    def __init__(self, words: Iterable[str], alphabet: str) -> None:
        self._code = {c: i + 1 for i, c in enumerate(alphabet)}
        self._alphabet = alphabet
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(words):
            forms = {word, word.capitalize(), word.upper()} if len(word) >= 2 else set()
            known = sorted(form for form in forms if all(c in self._code for c in form))
            if known:
                self._by_length.setdefault(len(word), []).extend(known)
        self._codes = {n: np.array([self._encode(w) for w in ws]) for n, ws in self._by_length.items()}

    def _encode(self, word: str) -> list[int]:
        return [self._code[c] for c in word]

    def settle(self, looks: Sequence[NDArray[np.float32]], text: str) -> str:
        """`text` with doubtful words taken from the list; words that were read apart are joined where the list says so.

        `looks`: (T, classes) log-probabilities, class 0 the blank, of the line as it is, and of the same line drawn
        wider or narrower: what one of them mistakes the others seldom do, and a word is judged by all of them.
        """
        tokens = self._tokens(looks[0])
        if not tokens:
            return text
        cuts = [0.0, *((a[-1][0] + b[0][0] + 1) / 2 for a, b in pairwise(tokens)), float(len(looks[0]))]
        best: list[tuple[float, list[str]]] = [(0.0, [])]
        for end in range(1, len(tokens) + 1):
            options = []
            for start in range(max(0, end - JOINED), end):
                word, score = self._choose(_between(looks, cuts[start], cuts[end]), alone=end - start == 1)
                if word is not None:
                    score -= SPACE * (end - start - 1)
                    options.append((best[start][0] + score, [*best[start][1], word]))
            best.append(max(options))
        chosen = " ".join(w for w in best[-1][1] if w)
        plain = " ".join("".join(self._alphabet[c - 1] for _, c in token) for token in tokens)
        return text if chosen == plain else chosen

    def _tokens(self, logp: NDArray[np.float32]) -> list[list[tuple[int, int]]]:
        """The steps and codes of the letters read, word by word."""
        best = logp.argmax(axis=1)
        tokens: list[list[tuple[int, int]]] = [[]]
        for t, c in enumerate(best.tolist()):
            if c and (t == 0 or best[t - 1] != c):
                if self._alphabet[c - 1] == " ":
                    tokens.append([])
                else:
                    tokens[-1].append((t, c))
        return [token for token in tokens if token]

    def _choose(self, looks: list[NDArray[np.float32]], *, alone: bool) -> tuple[str | None, float]:
        """What a stretch of the line says, and how many nats that is worth; a listed word or nothing if not `alone`."""
        read = [[c for token in self._tokens(look) for _, c in token] for look in looks]
        literal = ["".join(self._alphabet[c - 1] for c in codes) for codes in read]
        said = list(dict.fromkeys(word for word in literal if word)) if alone else []
        word = literal[0]
        offers: list[str] = []
        letters = sum(c.isalpha() for c in word)
        if len(word) >= 2 and letters >= 0.6 * len(word) and sum(c.isdigit() for c in word) <= 1:
            offers = self._offers(looks, min(len(w) for w in literal if w), max(len(w) for w in literal))
        if not said and not offers:
            return (word, 0.0) if alone else (None, 0.0)
        words = list(dict.fromkeys([*said, *offers]))
        seen = np.mean([likelihoods(look, [self._encode(w) for w in words]) for look in looks], axis=0)
        listed = set(offers)
        worth = np.array([min(MOST, LEAN * len(w)) if w in listed else 0.0 for w in words])
        k = int((seen + worth).argmax())
        return words[k], float(seen[k] + worth[k])

    def _offers(self, looks: list[NDArray[np.float32]], shortest: int, longest: int) -> list[str]:
        """The listed words that the looks may say, by their letters in any order."""
        reaches = [look.max(axis=0) for look in looks]
        offers: list[tuple[float, str]] = []
        for n in range(max(2, shortest - max(2, 2 * shortest // 5)), longest + max(2, 2 * longest // 5) + 1):
            if n not in self._codes or n > min(len(look) for look in looks):
                continue
            codes = self._codes[n]
            hopes = sum(reach[codes].sum(axis=1) for reach in reaches) / len(looks) + min(MOST, LEAN * n)
            offers.extend((float(hopes[i]), self._by_length[n][i]) for i in np.argsort(-hopes)[:TRIED])
        offers.sort(reverse=True)
        return [w for _, w in offers[:TRIED]]


def _between(looks: Sequence[NDArray[np.float32]], start: float, end: float) -> list[NDArray[np.float32]]:
    """The same stretch of every look, given in steps of the first."""
    first = len(looks[0])
    out = []
    for look in looks:
        a, b = round(start * len(look) / first), round(end * len(look) / first)
        out.append(look[a : max(b, a + 1)])
    return out


def likelihoods(logp: NDArray[np.float32], words: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """The log-probability of each word, over all of its alignments: CTC's forward pass, all words at once.

    `logp`: (T, classes); `words`: codes of their letters. (Graves et al. 2006, section 4.1.)
    """
    longest = max(len(w) for w in words)
    states = np.zeros((len(words), 2 * longest + 1), np.int64)
    for row, word in zip(states, words, strict=True):
        row[1 : 2 * len(word) : 2] = word
    skip = np.zeros(states.shape, bool)
    skip[:, 3::2] = (states[:, 3::2] != states[:, 1:-2:2]) & (states[:, 3::2] > 0)
    alpha = np.full(states.shape, _NEVER)
    alpha[:, 0] = logp[0, 0]
    alpha[:, 1] = logp[0, states[:, 1]]
    for step in logp[1:]:
        before = alpha
        alpha = before.copy()
        alpha[:, 1:] = np.logaddexp(alpha[:, 1:], before[:, :-1])
        alpha[:, 2:] = np.where(skip[:, 2:], np.logaddexp(alpha[:, 2:], before[:, :-2]), alpha[:, 2:])
        alpha += step[states]
    last = np.array([2 * len(w) for w in words])
    rows = np.arange(len(words))
    return np.asarray(np.logaddexp(alpha[rows, last], alpha[rows, last - 1]), np.float64)
