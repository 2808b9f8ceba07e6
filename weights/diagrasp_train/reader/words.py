"""Words for training lines: Debian's `hunspell-ru` (with its endings worked out) and `wamerican`, plus the trade's own.

The dictionaries are read where Debian installs them and are never shipped; without them the built-in lists serve alone.
"""

from __future__ import annotations

import functools
import random
import re
from pathlib import Path
from typing import Final

HUNSPELL_RU: Final = Path("/usr/share/hunspell/ru_RU")
AMERICAN: Final = Path("/usr/share/dict/american-english")


def split_words(text: str) -> tuple[str, ...]:
    """The words of a block of text."""
    return tuple(text.split())


RU_VERBS: Final = split_words(
    """
    проверить создать отправить получить зарегистрировать согласовать утвердить подписать оплатить оформить
    подготовить выбрать заполнить загрузить сохранить удалить обновить рассчитать сформировать передать принять
    отклонить закрыть открыть назначить уведомить запросить найти добавить изменить выполнить завершить начать
    собрать упаковать отгрузить доставить списать зарезервировать записать прочитать вернуть показать ввести
    нажать войти выйти подтвердить отменить ожидать обработать сравнить разобрать внести уточнить направить
    провести выдать вызвать
    """
)
RU_NOUNS: Final = split_words(
    """
    заявка заявки заявку заказ заказа договор договора счёт счет счета оплата оплаты товар товара склад склада
    клиент клиента клиенту документ документы документов отчёт отчет отчёта данные данных запрос запроса ошибка
    ошибки ответ ответа система системы пользователь пользователя менеджер менеджера бухгалтер бухгалтерия
    директор руководитель поставщик поставщика покупатель сервис сервер база баз платёж платеж платежа доставка
    доставки сумма суммы остаток остатки остатков цена цены скидка письмо уведомление акт акта накладная накладную
    файл файла список списка процесс процесса задача задачи этап шаг начало конец старт стоп да нет если иначе
    пока цикл условие проверка регистрация согласование утверждение отдел продаж закупок логист оператор инженер
    эксперт заявитель исполнитель заказчик подрядчик комиссия банк касса карта карты пароль логин токен сессия
    корзина каталог форма поле кнопка экран страница результат решение статус версия код номер дата время срок
    день месяц год сотрудник кандидат вакансия резюме собеседование обучение приказ отпуск больничный пациент врач
    лаборатория анализ диагноз студент преподаватель курс экзамен оценка проект план бюджет риск качество контроль
    брак ремонт оборудование материал партия рейс билет
    """
)
RU_ADJ: Final = split_words(
    """
    новый новая новое старый готов готово верный верно корректный корректны полный пустой принят принята отклонён
    отклонено оплачен оплачено подписан подписано активный закрыт закрыта открыт внутренний внешний главный общий
    итоговый повторный срочный первый второй третий последний электронный бумажный
    """
)
RU_SMALL: Final = split_words(
    "и в на с по из за к от до не для о об у при без под или но а же ли что как то так его их"
)
RU_SHORT: Final = split_words(
    """
    Да Нет да нет ДА НЕТ Если Иначе Начало Конец Старт Стоп Готово Ошибка Ок ОК Ввод Вывод Успех Отказ Назад Далее
    или и не И ИЛИ НЕ от до на по Цикл Вход Выход Клиент Склад Банк Сервер База Роль Шаг Этап ИТ ИП ООО АО НДС ФИО
    ИНН КПП БД ПО ТЗ ОТК ЭДО ЭЦП СБ УК РФ
    """
)

EN_VERBS: Final = split_words(
    """
    check create send receive register approve sign pay prepare select fill load save delete update compute
    generate forward accept reject close open assign notify request find add change execute finish start collect
    pack ship deliver reserve write read return show enter click log confirm cancel wait process compare parse
    handle get set validate review submit print call make build run test deploy merge push pull fetch store order
    book issue inform complete archive contact evaluate analyze define plan identify calculate transfer verify
    archive match
    """
)
EN_NOUNS: Final = split_words(
    """
    request order contract invoice payment product goods warehouse customer client document report data error
    answer response system user manager accountant director supplier buyer service server database delivery amount
    stock price discount letter message notification file list process task stage step start end stop yes no true
    false loop condition check registration approval department sales purchasing operator engineer expert
    applicant bank card password login token session cart catalog form field button screen page result decision
    status version code number date time deadline day month year employee candidate vacancy interview training
    leave patient doctor analysis student teacher course exam project plan budget risk quality control repair
    equipment material batch flight ticket claim insurance policy case credit loan account shipment package item
    invoice receipt email phone address name id type queue topic event trigger timer signal thread worker cache
    proxy gateway router device sensor model view controller interface class object method string integer boolean
    float char array vector map set node edge graph tree
    """
)
EN_ADJ: Final = split_words(
    """
    new old ready valid invalid complete empty accepted rejected paid signed active closed open internal external
    main total repeated urgent first second third last electronic available not required optional successful
    failed pending correct wrong local remote public private abstract static final
    """
)
EN_SMALL: Final = split_words("the a an of to in on for with from by at and or is are not as if then else when into")
EN_SHORT: Final = split_words(
    """
    Yes No yes no YES NO Y N true false True False OK Ok Start End Stop Begin Error Success Fail Done Retry Exit
    Login Logout Input Output If Else Loop While For and or not AND OR NOT XOR API DB UI ID URL HTTP SQL XML JSON
    PDF CRM ERP SAP IT HR QA CEO User Admin Client Server Cache Queue Node Edge in out A B C D E F X Y Z to from
    else alt opt par loop ref break note 1 2 3 0 +1 -1 * 0..* 1..* 1..1 0..1 n m N M
    """
)
DE_WORDS: Final = split_words(
    """
    Prüfung Antrag prüfen Überweisung ausführen Kunde Bestellung Rechnung Lager Schaden Auftrag erhalten
    bestätigen ablehnen genehmigen für über Größe Straße Fähigkeit gültig ungültig Büro Verkäufer Käufer schließen
    öffnen Geschäftsführer Änderung löschen hinzufügen ändern Ende Beginn ja nein Nein Ja und oder nicht zurück
    Übergabe
    """
)
TYPES: Final = split_words(
    """
    String int Integer bool boolean float double void List Map Date UUID char long Object Set Optional str dict
    list None any number Array byte BigDecimal DateTime Decimal varchar text timestamp bigint uuid date FK PK
    """
)
UNITS: Final = split_words("дней дня мин ч сек шт. кг days h min ms s days MB")


def _expand(
    stem: str, flags: str, rules: dict[str, list[tuple[str, str, re.Pattern[str]]]], rng: random.Random
) -> list[str]:
    forms = [stem]
    for flag in flags:
        options = [
            (strip, add)
            for strip, add, condition in rules.get(flag, ())
            if stem.endswith(strip) and condition.search(stem)
        ]
        for strip, add in rng.sample(options, min(3, len(options))):
            forms.append(stem[: len(stem) - len(strip)] + add if strip else stem + add)
    return forms


@functools.cache
def russian_words(seed: int = 0) -> tuple[str, ...]:
    """Dictionary words, up to three endings a rule class; the built-in nouns where hunspell-ru is not installed."""
    aff, dic = HUNSPELL_RU.with_suffix(".aff"), HUNSPELL_RU.with_suffix(".dic")
    if not (aff.exists() and dic.exists()):
        return RU_NOUNS
    rng = random.Random(seed)
    rules: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}
    for line in aff.read_text("utf-8").splitlines():
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "SFX":
            strip, add = ("" if p == "0" else p for p in parts[2:4])
            rules.setdefault(parts[1], []).append((strip, add, re.compile(f"(?:{parts[4]})$")))
    words: list[str] = []
    for line in dic.read_text("utf-8").splitlines()[1:]:
        stem, _, flags = line.strip().partition("/")
        if stem and not stem.isdigit():
            words += _expand(stem, flags, rules, rng)
    return tuple(dict.fromkeys(words))


@functools.cache
def english_words() -> tuple[str, ...]:
    """`wamerican` without possessives and accents; the built-in nouns where it is not installed."""
    if not AMERICAN.exists():
        return EN_NOUNS
    return tuple(w for w in AMERICAN.read_text("utf-8").split() if "'" not in w and w.isascii())
