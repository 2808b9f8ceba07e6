"""The outline's sentences in Russian and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language.  `{0}`, `{1}` stand for labels already quoted, or numbers."""

    header: tuple[str, str, str]
    outline: str
    quotes: tuple[str, str]
    question: str
    case: str
    given: str
    given_case: str
    otherwise: str
    otherwise_case: str
    go_on: str
    several: str
    several_of: str
    events: str
    event: str
    choose: str
    choose_by: str
    choose_some: str
    choose_some_by: str
    option: str
    subprocess: str
    interrupt: str
    normally: str
    interrupt_inside: str
    normally_inside: str
    parallel: str
    arm: str
    loop_while: str
    loop_while_case: str
    loop_while_not: str
    loop_while_not_case: str
    loop: str
    loop_until: str
    loop_until_case: str
    loop_until_not: str
    loop_until_not_case: str
    forever: str
    leave: str
    repeat: str
    end: str
    end_at: str
    jump: str
    jump_mark: str
    mark: str
    start: str
    finish: str
    happening: str
    label_only: str
    process: str
    another: str
    separate: str
    cycle: str
    unreachable: str
    message: str
    message_from: str
    message_step: str
    alone: str


RU = Words(
    header=("№", "Наименование действия", "Роль"),
    outline="Порядок действий",
    quotes=("«", "»"),
    question="Если {0} — {1}",
    case="Если {0}",
    given="По условию {0}",
    given_case="По условию {0} — {1}",
    otherwise="Иначе",
    otherwise_case="Иначе ({0})",
    go_on="продолжить",
    several="Каждое выполненное условие",
    several_of="Каждое выполненное условие {0}",
    events="Дождаться первого из событий",
    event="Событие {0}",
    choose="Один из вариантов",
    choose_by="В зависимости от {0}",
    choose_some="Один или несколько вариантов",
    choose_some_by="Один или несколько вариантов по условию {0}",
    option="Вариант {0}",
    subprocess="Подпроцесс",
    interrupt="Если во время шага {0} наступит {1}",
    normally="Если шаг {0} завершён",
    interrupt_inside="Если во время подпроцесса наступит {0}",
    normally_inside="Если подпроцесс завершён",
    parallel="Параллельно",
    arm="Ветвь {0}",
    loop_while="Пока {0}",
    loop_while_case="Пока {0} — {1}",
    loop_while_not="Пока не {0}",
    loop_while_not_case="Пока {0} — не {1}",
    loop="Повторять",
    loop_until="Повторять, пока {0}",
    loop_until_case="Повторять, пока {0} — {1}",
    loop_until_not="Повторять, пока не {0}",
    loop_until_not_case="Повторять, пока {0} — не {1}",
    forever="Повторять бесконечно",
    leave="выйти из цикла",
    repeat="начать цикл заново",
    end="завершить",
    end_at="завершить: {0}",
    jump="перейти к шагу {0}",
    jump_mark="перейти к [{0}]",
    mark="[{0}]",
    start="Начало: {0}",
    finish="Конец: {0}",
    happening="Событие: {0}",
    label_only="{0}",
    process="Процесс {0}",
    another="Другое начало",
    separate="Отдельная часть",
    cycle="Часть без входа",
    unreachable="Недостижимо от начала",
    message="После сообщения",
    message_from="После сообщения от {0}",
    message_step="После сообщения от шага {0}",
    alone="Без связей",
)

EN = Words(
    header=("No.", "Action", "Role"),
    outline="Order of actions",
    quotes=("“", "”"),
    question="If {0} is {1}",
    case="If {0}",
    given="Given {0}",
    given_case="Given {0} is {1}",
    otherwise="Otherwise",
    otherwise_case="Otherwise ({0})",
    go_on="go on",
    several="Each condition that holds",
    several_of="Each condition of {0} that holds",
    events="Wait for the first of the events",
    event="Event {0}",
    choose="One of the options",
    choose_by="Depending on {0}",
    choose_some="One or more of the options",
    choose_some_by="One or more of the options by {0}",
    option="Option {0}",
    subprocess="Subprocess",
    interrupt="If {1} happens during step {0}",
    normally="If step {0} is done",
    interrupt_inside="If {0} happens during the subprocess",
    normally_inside="If the subprocess is done",
    parallel="In parallel",
    arm="Part {0}",
    loop_while="While {0}",
    loop_while_case="While {0} is {1}",
    loop_while_not="While not {0}",
    loop_while_not_case="While {0} is not {1}",
    loop="Repeat",
    loop_until="Repeat while {0}",
    loop_until_case="Repeat while {0} is {1}",
    loop_until_not="Repeat until {0}",
    loop_until_not_case="Repeat until {0} is {1}",
    forever="Repeat forever",
    leave="leave the loop",
    repeat="begin the loop again",
    end="end",
    end_at="end: {0}",
    jump="go to step {0}",
    jump_mark="go to [{0}]",
    mark="[{0}]",
    start="Start: {0}",
    finish="End: {0}",
    happening="Event: {0}",
    label_only="{0}",
    process="Process {0}",
    another="Another start",
    separate="Separate part",
    cycle="Part without an entry",
    unreachable="Not reachable from the start",
    message="After a message",
    message_from="After a message from {0}",
    message_step="After a message from step {0}",
    alone="Without connections",
)

LANGUAGES = {"ru": RU, "en": EN}
