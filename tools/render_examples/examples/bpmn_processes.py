"""BPMN processes with pools and lanes, drawn by bpmn-js."""

from __future__ import annotations

from diagrasp_train.generate.bpmn import BpmnStyle
from diagrasp_train.generate.place import Spacing

from .build import diagram

ORDER_APPROVAL = diagram(
    "bpmn",
    groups="""
        p pool ООО «Северный ветер»
        sales lane @p Менеджер по продажам
        finance lane @p Финансовый отдел
        store lane @p Склад
    """,
    nodes="""
        s start_event:message @sales Заявка получена
        check user_task @sales Проверить заявку клиента
        full exclusive_gateway @sales Заявка полная?
        ask send_task @sales Запросить недостающие данные
        limit service_task @finance Проверить кредитный лимит
        enough exclusive_gateway @finance Лимита хватает?
        bill user_task @finance Выставить счёт на предоплату
        pay intermediate_event:message @finance Оплата поступила
        pick manual_task @store Собрать заказ
        ship task @store Передать заказ в доставку
        tell send_task @sales Сообщить клиенту о доставке
        wait intermediate_event:timer @sales Через 3 дня
        survey user_task @sales Узнать мнение клиента
        done end_event @sales Заказ выполнен
    """,
    edges="""
        s > check > full
        full > ask : нет
        ask > check
        full > limit : да
        limit > enough
        enough > bill : нет
        bill > pay > pick
        enough > pick : да
        pick > ship > tell > wait > survey > done
    """,
)

PURCHASE = diagram(
    "bpmn",
    groups="""
        buyer pool АО «Заря»
        shop lane @buyer Цех
        supply lane @buyer Отдел закупок
        lawyer lane @buyer Юрист
        director lane @buyer Директор
        vendor pool Поставщик
    """,
    nodes="""
        s start_event @shop Нужны материалы
        need user_task @shop Составить заявку на материалы
        stock service_task @supply Сверить остатки на складе
        have exclusive_gateway @supply Материалы есть?
        issue manual_task @shop Получить материалы со склада
        e1 end_event @shop Материалы выданы
        rfq send_task @supply Запросить цены у поставщика
        got intermediate_event:message @supply Предложение получено
        compare user_task @supply Сравнить предложения
        sum exclusive_gateway @supply Сумма больше 500 000 ₽?
        approve user_task @director Рассмотреть закупку
        ok exclusive_gateway @director Закупка согласована?
        no end_event:error @director Закупка отклонена
        split parallel_gateway @supply
        contract user_task @lawyer Подготовить договор
        risks business_rule_task @lawyer Оценить риски поставщика
        budget script_task @supply Зарезервировать бюджет
        join parallel_gateway @supply
        order send_task @supply Отправить заказ поставщику
        goods intermediate_event:message @supply Материалы привезли
        accept manual_task @shop Принять материалы
        good exclusive_gateway @shop Качество подходит?
        act user_task @shop Оформить акт о браке
        put task @shop Оприходовать материалы
        e2 end_event @shop Закупка завершена
        vs start_event:message @vendor Запрос цен
        offer task @vendor Подготовить предложение
        send send_task @vendor Отправить предложение
        vo intermediate_event:message @vendor Заказ получен
        make subprocess+collapsed @vendor Изготовить партию
        carry task @vendor Доставить материалы
        ve end_event @vendor Заказ закрыт
    """,
    edges="""
        s > need > stock > have
        have > issue : да
        issue > e1
        have > rfq :: нет
        rfq > got > compare > sum
        sum > approve : да
        approve > ok
        ok > no : нет
        ok > split : да
        sum > split :: нет
        split > contract > risks > join
        split > budget > join
        join > order > goods > accept > good
        good > put : да
        good > act : нет
        act > order
        put > e2
        vs > offer > send > vo > make > carry > ve
        rfq ~> vs
        send ~> got
        order ~> vo
        carry ~> goods
    """,
)

CLAIM = diagram(
    "bpmn",
    groups="""
        p pool Harbour Insurance
        desk lane @p Claims desk
        expert lane @p Assessor
        money lane @p Payments
    """,
    nodes="""
        s start_event:message @desk Claim received
        register service_task @desk Register claim
        docs user_task @desk Check documents
        complete exclusive_gateway @desk Documents complete?
        remind send_task @desk Ask for documents
        late boundary_event:timer @desk ^docs 5 days
        close task @desk Close claim as overdue
        e0 end_event @desk Claim closed
        visit manual_task @expert Inspect damage
        report user_task @expert Write report
        covered exclusive_gateway @expert Damage covered?
        reject send_task @desk Send refusal
        e1 end_event @desk Claim refused
        split parallel_gateway @money
        pay service_task @money Transfer payment
        letter send_task @money Send settlement letter
        join parallel_gateway @money
        e2 end_event:terminate @money Claim settled
    """,
    edges="""
        s > register > docs > complete
        complete > remind : no
        remind > docs
        late > close > e0
        complete > visit : yes
        visit > report > covered
        covered > reject : no
        reject > e1
        covered > split : yes
        split > pay > join
        split > letter > join
        join > e2
    """,
)

EXAMPLES = {
    "order-approval-ru": (ORDER_APPROVAL, BpmnStyle(font="Liberation Sans", scale=1.5)),
    "purchase-large-ru": (PURCHASE, BpmnStyle(font="Liberation Sans", scale=3.0, spacing=Spacing(column=70, row=70))),
    "claim-bpmn-en": (CLAIM, BpmnStyle(font="Liberation Sans", scale=1.25, fill="#eef5ff", stroke="#1f3a5f")),
}
