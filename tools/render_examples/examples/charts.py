"""Flowcharts, states and sequences, drawn by Mermaid, Graphviz and PlantUML."""

from __future__ import annotations

from diagrasp_train.generate.graphviz import GraphvizStyle
from diagrasp_train.generate.mermaid import MermaidStyle

from .build import diagram

INCIDENT = diagram(
    "flowchart",
    direction="TB",
    nodes="""
        start stadium Alert raised
        read process Read alert details
        real decision Real incident?
        close process Close as false alarm
        assign process Assign on-call engineer
        find process Find probable cause
        fix process Apply fix
        works decision Service healthy?
        review document Write incident review
        finish stadium Incident closed
    """,
    edges="""
        start > read > real
        real > close : No
        real > assign : Yes
        assign > find > fix > works
        works > find : No
        works > review : Yes
        review > finish
        close > finish
    """,
)

DEPLOY = diagram(
    "flowchart",
    direction="LR",
    groups="""
        ci subgraph Build
        cd subgraph Delivery
    """,
    nodes="""
        push rounded Push to main
        test process @ci Run tests
        green decision @ci Tests pass?
        image process @ci Build image
        registry database @ci Image store
        stage process @cd Deploy to staging
        smoke decision @cd Smoke test ok?
        prod process @cd Deploy to production
        back process @cd Roll back
        chat hexagon Notify team
    """,
    edges="""
        push > test > green
        green > chat : no
        green > image : yes
        image > registry > stage > smoke
        smoke > prod : yes
        smoke > back : no
        back > chat
        prod > chat
    """,
)

REPAIR = diagram(
    "flowchart",
    direction="TB",
    nodes="""
        a stadium Клиент принёс телефон
        b process Осмотреть телефон
        c decision Ремонт возможен?
        d process Назвать цену и срок
        e decision Клиент согласен?
        f process Заказать деталь
        g process Починить телефон
        h decision Всё работает?
        i process Вернуть телефон клиенту
        j stadium Конец
    """,
    edges="""
        a > b > c
        c > i : нет
        c > d : да
        d > e
        e > i : нет
        e > f : да
        f > g > h
        h > g : нет
        h > i : да
        i > j
    """,
)

VACATION = diagram(
    "flowchart",
    direction="LR",
    groups="""
        worker subgraph Сотрудник
        boss subgraph Руководитель
        hr subgraph Отдел кадров
    """,
    nodes="""
        ask data @worker Подать заявление на отпуск
        fly process @worker Уйти в отпуск
        see process @boss Проверить график отдела
        free decision @boss Даты свободны?
        order document @hr Подготовить приказ
        base database @hr Учёт отпусков
        pay process @hr Рассчитать отпускные
    """,
    edges="""
        ask > see > free
        free > ask : выбрать другие даты
        free > order : да
        order ..> base
        order > pay > fly
    """,
)

DOCUMENT_STATES = diagram(
    "state",
    nodes="""
        i initial
        draft state Черновик
        review state На согласовании
        fixing state На доработке
        signed state Подписан
        archive state В архиве
        recalled state Отозван
        f final
    """,
    edges="""
        i > draft
        draft > review : отправить
        review > fixing : есть замечания
        fixing > review : исправить
        review > signed : согласовать
        draft > recalled : отозвать
        signed > archive : истёк срок
        archive > f
        recalled > f
    """,
)

LOGIN = diagram(
    "sequence",
    groups="""
        alt frame alt
        good section @alt code is right
        bad section @alt code is wrong
    """,
    nodes="""
        u actor User
        w participant Web page
        s participant Sign-in service
        m participant Mail service
    """,
    edges="""
        u > w : Enter e-mail
        w > s : Start sign-in
        s > m : Send one-time code
        m ..> u : Letter with the code
        u > w : Enter code
        w > s : Check code
        [good]
        s ..> w : Session token
        w ..> u : Show account
        [bad]
        s ..> w : Error and attempts left
        w ..> u : Ask for the code again
    """,
)

CLAIM_PUML = """@startuml
skinparam shadowing false
skinparam defaultFontName "DejaVu Sans"
actor "Покупатель" as p
participant "Сайт магазина" as s
participant "Служба качества" as q
database "База заказов" as b
p -> s : Подать претензию
activate s
s -> b : Найти заказ
b --> s : Данные заказа
s -> q : Передать претензию
activate q
q -> q : Оценить дефект
alt дефект подтверждён
  q --> s : Решение о возврате
  s --> p : Срок возврата денег
else дефекта нет
  q --> s : Отказ с объяснением
  s --> p : Текст отказа
end
deactivate q
loop каждый день до ответа
  s -> p : Напомнить о претензии
end
deactivate s
@enduml
"""

CLAIM = diagram(
    "sequence",
    groups="""
        alt frame alt
        bad section @alt дефект подтверждён
        good section @alt дефекта нет
        loop frame loop
        day section @loop каждый день до ответа
    """,
    nodes="""
        p actor Покупатель
        s participant Сайт магазина
        q participant Служба качества
        b database База заказов
    """,
    edges="""
        p > s : Подать претензию
        s > b : Найти заказ
        b ..> s : Данные заказа
        s > q : Передать претензию
        q > q : Оценить дефект
        [bad]
        q ..> s : Решение о возврате
        s ..> p : Срок возврата денег
        [good]
        q ..> s : Отказ с объяснением
        s ..> p : Текст отказа
        [day]
        s > p : Напомнить о претензии
    """,
)

HIRING = diagram(
    "flowchart",
    direction="TB",
    nodes="""
        open ellipse Открыта вакансия
        post process Разместить объявление
        cv process Отобрать резюме
        fit decision Есть подходящие?
        talk process Провести собеседование
        task process Проверить тестовое задание
        hire decision Кандидат подходит?
        offer process Сделать предложение
        yes decision Кандидат согласен?
        done ellipse Сотрудник принят
    """,
    edges="""
        open > post > cv > fit
        fit > post : нет
        fit > talk : да
        talk > task > hire
        hire > cv : нет
        hire > offer : да
        offer > yes
        yes > cv : нет
        yes > done : да
    """,
)

PIPELINE = diagram(
    "flowchart",
    direction="LR",
    groups="""
        ingest subgraph Ingest
        clean subgraph Clean up
        serve subgraph Serve
    """,
    nodes="""
        sensors ellipse Sensors
        files data @ingest Daily files
        queue process @ingest Message queue
        parse process @clean Parse records
        valid decision @clean Valid?
        bad note @clean Reject log
        store database @serve Warehouse
        report process @serve Daily report
        api process @serve Query API
    """,
    edges="""
        sensors > queue
        files > parse
        queue > parse > valid
        valid ..> bad : no
        valid > store : yes
        store > report
        store > api
    """,
)

RETURN_PUML = """@startuml
skinparam shadowing false
|Покупатель|
start
:Заполнить заявление на возврат;
|Магазин|
:Проверить чек и срок;
if (Срок не истёк?) then (да)
  |Склад|
  :Осмотреть товар;
  :Составить акт осмотра;
  |Бухгалтерия|
  :Перечислить деньги;
else (нет)
  |Магазин|
  :Отказать в возврате;
endif
|Покупатель|
:Получить ответ;
stop
@enduml
"""

RETURN = diagram(
    "activity",
    groups="""
        buyer lane Покупатель
        shop lane Магазин
        store lane Склад
        money lane Бухгалтерия
    """,
    nodes="""
        i initial @buyer
        form process @buyer Заполнить заявление на возврат
        check process @shop Проверить чек и срок
        term decision @shop Срок не истёк?
        look process @store Осмотреть товар
        act process @store Составить акт осмотра
        pay process @money Перечислить деньги
        refuse process @shop Отказать в возврате
        m merge @shop
        answer process @buyer Получить ответ
        f final @buyer
    """,
    edges="""
        i > form > check > term
        term > look : да
        look > act > pay > m
        term > refuse : нет
        refuse > m
        m > answer > f
    """,
)

BACKUP_PUML = """@startuml
skinparam shadowing false
skinparam defaultFontName "DejaVu Sans"
start
:Open backup list;
while (More folders?) is (yes)
  :Copy folder;
  if (Copy failed?) then (yes)
    :Write error to log;
  else (no)
    :Compute checksum;
  endif
endwhile (no)
fork
  :Delete old copies;
fork again
  :Send report;
end fork
stop
@enduml
"""

BACKUP = diagram(
    "activity",
    nodes="""
        i initial
        open process Open backup list
        more decision More folders?
        copy process Copy folder
        failed decision Copy failed?
        log process Write error to log
        sum process Compute checksum
        m merge
        b1 bar
        old process Delete old copies
        report process Send report
        b2 bar
        f final
    """,
    edges="""
        i > open > more
        more > copy : yes
        copy > failed
        failed > log : yes
        failed > sum : no
        log > m
        sum > m
        m > more
        more > b1 : no
        b1 > old > b2
        b1 > report > b2
        b2 > f
    """,
)

MERMAID = {
    "incident-en": (INCIDENT, MermaidStyle(version="-11", scale=1.5, config={"theme": "default", "look": "classic"})),
    "deploy-dark-en": (
        DEPLOY,
        MermaidStyle(version="-11", scale=1.5, config={"theme": "dark"}, background="#1f2020", font="DejaVu Sans"),
    ),
    "repair-handdrawn-ru": (
        REPAIR,
        MermaidStyle(version="-11", scale=1.5, config={"look": "handDrawn", "handDrawnSeed": 7}, font="Neucha"),
    ),
    "vacation-ru": (VACATION, MermaidStyle(scale=1.5, font="PT Sans")),
    "document-states-ru": (
        DOCUMENT_STATES,
        MermaidStyle(version="-11", scale=1.5, config={"theme": "neutral"}, font="Roboto"),
    ),
    "login-sequence-en": (LOGIN, MermaidStyle(version="-11", scale=1.25, config={"theme": "default"})),
}
GRAPHVIZ = {
    "hiring-graphviz-ru": (
        HIRING,
        GraphvizStyle(
            dpi=110,
            node=(("fontname", "DejaVu Sans"), ("fontsize", "12")),
            edge=(("fontname", "DejaVu Sans"), ("fontsize", "11")),
            fills=("#fff7d6", "#e3f1e3", "#e5ecf8"),
        ),
    ),
    "pipeline-graphviz-en": (
        PIPELINE,
        GraphvizStyle(
            dpi=110,
            graph=(("nodesep", "0.5"), ("ranksep", "0.7"), ("fontname", "Liberation Serif")),
            node=(("fontname", "Liberation Serif"),),
            edge=(("fontname", "Liberation Serif"), ("color", "#404040")),
        ),
    ),
}
PLANTUML = {
    "return-activity-ru": (RETURN, RETURN_PUML),
    "backup-activity-en": (BACKUP, BACKUP_PUML),
    "quality-sequence-ru": (CLAIM, CLAIM_PUML),
}
