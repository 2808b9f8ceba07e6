"""Flowcharts drawn by Excalidraw and draw.io."""

from __future__ import annotations

from diagrasp_train.generate.scene import SceneStyle

from .build import diagram

RELEASE = diagram(
    "flowchart",
    direction="TB",
    nodes="""
        idea ellipse New idea
        talk process Discuss with users
        worth decision Worth building?
        park process Put on the shelf
        build process Build a small version
        try process Try it for a week
        liked decision Users like it?
        ship rounded Ship to everyone
    """,
    edges="""
        idea > talk > worth
        worth > park : no
        worth > build : yes
        build > try > liked
        liked > build : not yet
        liked > ship : yes
    """,
)

DELIVERY = diagram(
    "flowchart",
    direction="TB",
    nodes="""
        start stadium Заказ оплачен
        pack process Упаковать товар
        city decision Доставка по городу?
        courier process Назначить курьера
        post process Передать в службу доставки
        call process Позвонить покупателю
        home decision Покупатель дома?
        give process Вручить заказ
        paper document Подписать накладную
        finish stadium Заказ доставлен
    """,
    edges="""
        start > pack > city
        city > courier : да
        city > post : нет
        courier > call > home
        home > call : нет
        home > give : да
        give > paper > finish
        post > finish
    """,
)

EXCALIDRAW = {
    "idea-excalidraw-en": (
        RELEASE,
        SceneStyle(scale=1.5, fills=("transparent", "#d0ebff", "#fff3bf"), seed=5, sharp=True),
    ),
}
DRAWIO = {
    "delivery-drawio-ru": (
        DELIVERY,
        SceneStyle(
            scale=1.5,
            fills=("#dae8fc", "#d5e8d4", "#fff2cc"),
            stroke="#4d4d4d",
            stroke_width=1,
            roughness=0,
            font="Roboto",
        ),
    ),
}
