"""Random class, entity-relationship and use case diagrams, and their Mermaid and PlantUML sources."""

from __future__ import annotations

import random
from typing import NamedTuple

from diagrasp.model import Diagram, Edge, EdgeKind, Group, Head, Line, Node


class _Words(NamedTuple):
    """Our own words of one language."""

    things: tuple[str, ...]
    fields: tuple[str, ...]
    methods: tuple[str, ...]
    verbs: tuple[str, ...]
    packages: tuple[str, ...]
    actors: tuple[str, ...]
    goals: tuple[str, ...]
    systems: tuple[str, ...]
    notes: tuple[str, ...]


WORDS = {
    "ru": _Words(
        ("Заказ", "Клиент", "Товар", "Счёт", "Склад", "Платёж", "Договор", "Сотрудник", "Отдел", "Накладная",
         "Позиция заказа", "OrderService", "Поставщик", "Адрес", "Скидка", "Уведомление", "PaymentGateway", "Отчёт"),
        ("номер: int", "дата: Date", "сумма: Decimal", "название: string", "статус: Статус", "адрес: string",
         "активен: bool", "email: string", "остаток: int"),
        ("оплатить(): void", "отменить()", "рассчитатьСумму(): Decimal", "отправить(кому: string)", "сохранить()",
         "найти(id: int): Заказ", "проверить(): bool"),
        ("содержит", "использует", "создаёт", "принадлежит", "оформляет", "хранит", "управляет"),
        ("Продажи", "Склад и доставка", "Ядро", "Интеграция"),
        ("Покупатель", "Администратор", "Менеджер", "Платёжная система", "Курьер"),
        ("Оформить заказ", "Войти в систему", "Выбрать товар", "Оплатить заказ", "Посмотреть историю заказов",
         "Сформировать отчёт", "Изменить каталог", "Проверить остатки", "Получить уведомление", "Вернуть товар"),
        ("Интернет-магазин", "Система учёта", "Личный кабинет"),
        ("Хранится 5 лет", "Только для юридических лиц", "Создаётся автоматически"),
    ),
    "en": _Words(
        ("Order", "Customer", "Product", "Invoice", "Warehouse", "Payment", "Contract", "Employee", "Department",
         "OrderLine", "OrderService", "Supplier", "Address", "Discount", "Notification", "PaymentGateway", "Report"),
        ("number: int", "date: Date", "total: Decimal", "name: string", "status: Status", "address: string",
         "active: bool", "email: string", "stock: int"),
        ("pay(): void", "cancel()", "calculateTotal(): Decimal", "send(to: string)", "save()", "find(id: int): Order",
         "isValid(): bool"),
        ("contains", "uses", "creates", "belongs to", "places", "stores", "manages"),
        ("Sales", "Storage and delivery", "Core", "Integration"),
        ("Customer", "Administrator", "Manager", "Payment system", "Courier"),
        ("Place an order", "Log in", "Choose a product", "Pay for the order", "View order history", "Make a report",
         "Edit the catalogue", "Check stock", "Get notified", "Return goods"),
        ("Online shop", "Accounting system", "Customer area"),
        ("Kept for 5 years", "Companies only", "Created automatically"),
    ),
}  # fmt: skip
RELATIONS: tuple[tuple[EdgeKind, Head, Line], ...] = (
    ("inheritance", "triangle", "solid"), ("realization", "triangle", "dashed"),
    ("composition", "filled_diamond", "solid"), ("aggregation", "diamond", "solid"),
    ("association", "arrow", "solid"), ("dependency", "arrow", "dashed"), ("association", "none", "solid"),
)  # fmt: skip
SHAFTS = {"triangle": "|>", "filled_diamond": "*", "diamond": "o", "arrow": ">", "none": ""}
COUNTS: tuple[Head, ...] = ("one", "zero_or_one", "one_or_many", "zero_or_many")
LEFT = {"one": "||", "zero_or_one": "|o", "one_or_many": "}|", "zero_or_many": "}o"}
RIGHT = {"one": "||", "zero_or_one": "o|", "one_or_many": "|{", "zero_or_many": "o{"}
STEREOTYPES = ("interface", "service", "abstract", "enumeration", "entity")


def _tree(rng: random.Random, count: int, more: int) -> list[tuple[int, int]]:
    """Pairs that join all of `count` things, and a few more; none twice."""
    pairs = [(rng.randrange(k), k) for k in range(1, count) if rng.random() < 0.92]
    for _ in range(more):
        a, b = sorted(rng.sample(range(count), 2))
        if (a, b) not in pairs:
            pairs.append((a, b))
    return pairs


def random_classes(rng: random.Random, language: str) -> Diagram:
    """A random class diagram: compartments, relations of every kind, multiplicities, at times packages."""
    words = WORDS[language]
    names = rng.sample(words.things, rng.randint(4, 8))
    groups = [Group(id=f"P{k}", label=name) for k, name in enumerate(rng.sample(words.packages, 2))]
    grouped = rng.random() < 0.3
    nodes = []
    for k, name in enumerate(names):
        rows = [rng.choice("+-#") + f for f in rng.sample(words.fields, rng.choice((0, 1, 2, 3)))]
        rows += [rng.choice("++-") + m for m in rng.sample(words.methods, rng.choice((0, 0, 1, 2)))]
        home = groups[k % 2].id if grouped and rng.random() < 0.8 else None
        nodes.append(Node(id=f"K{k}", label=name.replace(" ", ""), shape="class", rows=tuple(rows), group=home))
    edges = []
    for a, b in _tree(rng, len(nodes), rng.randint(0, 2)):
        kind, head, line = rng.choice(RELATIONS)
        ends = (nodes[b].id, nodes[a].id) if head in ("triangle", "diamond", "filled_diamond") else (
            nodes[a].id, nodes[b].id)  # fmt: skip
        plain = head != "triangle"
        edges.append(
            Edge(
                source=ends[0], target=ends[1], kind=kind, head=head, line=line,
                label=rng.choice(words.verbs) if plain and rng.random() < 0.5 else "",
                source_label=rng.choice(("1", "*", "0..*", "1..*")) if plain and rng.random() < 0.3 else "",
                target_label=rng.choice(("1", "*", "0..1")) if plain and rng.random() < 0.3 else "",
            )
        )  # fmt: skip
    if not any(n.group for n in nodes):
        groups = []
    return Diagram(kind="class", nodes=tuple(nodes), edges=tuple(edges), groups=tuple(groups))


def random_entities(rng: random.Random, language: str) -> Diagram:
    """A random entity-relationship diagram with crow's feet."""
    words = WORDS[language]
    names = rng.sample([w for w in words.things if w.isalpha()], rng.randint(3, 7))
    nodes = []
    for k, name in enumerate(names):
        fields = rng.sample(words.fields, rng.choice((0, 2, 3, 4)))
        rows = [" ".join(reversed(f.split(": "))) for f in fields if f.split(": ")[1].isascii()]
        nodes.append(Node(id=f"K{k}", label=name, shape="entity", rows=tuple(rows)))
    edges = []
    for a, b in _tree(rng, len(nodes), rng.randint(0, 1)):
        line: Line = "solid" if rng.random() < 0.75 else "dashed"
        edges.append(
            Edge(
                source=nodes[a].id, target=nodes[b].id, kind="relation", line=line, label=rng.choice(words.verbs),
                tail=rng.choice(COUNTS), head=rng.choice(COUNTS),
            )
        )  # fmt: skip
    return Diagram(kind="er", nodes=tuple(nodes), edges=tuple(edges))


def random_usecases(rng: random.Random, language: str) -> Diagram:
    """Actors, use cases in a system's boundary or without it, include, extend and inheritance."""
    words = WORDS[language]
    actors = rng.sample(words.actors, rng.randint(1, 3))
    goals = rng.sample(words.goals, rng.randint(3, 7))
    groups = (Group(id="S", label=rng.choice(words.systems)),) if rng.random() < 0.6 else ()
    home = groups[0].id if groups else None
    nodes = [Node(id=f"A{k}", label=name, shape="actor") for k, name in enumerate(actors)]
    nodes += [Node(id=f"U{k}", label=name, shape="usecase", group=home) for k, name in enumerate(goals)]
    edges = []
    for k in range(len(goals)):
        if k and rng.random() < 0.3:
            word: str = rng.choice(("include", "extend"))
            edges.append(
                Edge(source=f"U{rng.randrange(k)}", target=f"U{k}", kind="dependency", line="dashed", label=f"«{word}»")
            )
        else:
            arrow = rng.random() < 0.5
            edges.append(
                Edge(
                    source=f"A{rng.randrange(len(actors))}", target=f"U{k}", kind="association",
                    head="arrow" if arrow else "none",
                )
            )  # fmt: skip
    if len(actors) > 1 and rng.random() < 0.3:
        edges.append(Edge(source="A1", target="A0", kind="inheritance", head="triangle"))
    return Diagram(kind="usecase", nodes=tuple(nodes), edges=tuple(edges), groups=groups)


def mermaid_source(diagram: Diagram, rng: random.Random) -> str:
    """Mermaid's classDiagram or erDiagram."""
    return "\n".join(_mermaid_classes(diagram, rng) if diagram.kind == "class" else _mermaid_entities(diagram)) + "\n"


def _mermaid_classes(diagram: Diagram, rng: random.Random) -> list[str]:
    out = ["classDiagram"]
    if rng.random() < 0.3:
        out.append("    direction LR")
    for group in (*diagram.groups, None):
        mine = [n for n in diagram.nodes if n.group == (group.id if group else None)]
        if group and mine:
            out.append(f"    namespace {group.label.replace(' ', '_')} {{")
        for n in mine:
            out.append(f'    class {n.id}["{n.label}"] {{')
            if rng.random() < 0.2:
                out.append(f"        <<{rng.choice(STEREOTYPES)}>>")
            out += [f"        {row}" for row in n.rows]
            out.append("    }")
        if group and mine:
            out.append("    }")
    for e in diagram.edges:
        shaft = "--" if e.line == "solid" else ".."
        near = f' "{e.source_label}"' if e.source_label else ""
        far = f'"{e.target_label}" ' if e.target_label else ""
        if rng.random() < 0.5 and e.head != "none":
            mark = {"|>": "<|", ">": "<"}.get(SHAFTS[e.head], SHAFTS[e.head])
            near, far = (f' "{e.target_label}"' if e.target_label else ""), (
                f'"{e.source_label}" ' if e.source_label else "")  # fmt: skip
            line = f"    {e.target}{near} {mark}{shaft} {far}{e.source}"
        else:
            line = f"    {e.source}{near} {shaft}{SHAFTS[e.head]} {far}{e.target}"
        out.append(line + (f" : {e.label}" if e.label else ""))
    return out


def _mermaid_entities(diagram: Diagram) -> list[str]:
    out = ["erDiagram"]
    names = {n.id: n.label for n in diagram.nodes}
    for n in diagram.nodes:
        out.append(f"    {names[n.id]} {{" if n.rows else f"    {names[n.id]}")
        out += [f"        {row}" for row in n.rows]
        if n.rows:
            out.append("    }")
    for e in diagram.edges:
        shaft = "--" if e.line == "solid" else ".."
        out.append(f'    {names[e.source]} {LEFT[e.tail]}{shaft}{RIGHT[e.head]} {names[e.target]} : "{e.label}"')
    return out


def plantuml_source(diagram: Diagram, rng: random.Random) -> str:
    """PlantUML's class, entity or use case diagram."""
    out = ["@startuml"]
    if rng.random() < 0.25:
        out.append("skinparam monochrome true")
    if rng.random() < 0.3:
        out.append("skinparam shadowing false")
    if rng.random() < 0.3 or (diagram.kind == "usecase" and rng.random() < 0.6):
        out.append("left to right direction")
    if rng.random() < 0.3:
        out.append(f"skinparam dpi {rng.choice((110, 130, 150))}")
    out.append(f'skinparam defaultFontName "{rng.choice(("DejaVu Sans", "Liberation Sans", "Roboto"))}"')
    if diagram.kind == "class" and rng.random() < 0.3:
        out.append("skinparam classAttributeIconSize 0")
    if diagram.kind == "er" and rng.random() < 0.7:
        out.append("hide circle")
    container = "rectangle" if diagram.kind == "usecase" else "package"
    for group in (*diagram.groups, None):
        mine = [n for n in diagram.nodes if n.group == (group.id if group else None)]
        if group and mine:
            out.append(f'{container} "{group.label}" {{')
        for n in mine:
            word = {"class": rng.choice(("class", "class", "class", "interface", "abstract class"))}.get(
                n.shape, n.shape
            )
            stereotype = " <<service>>" if n.shape == "class" and rng.random() < 0.15 else ""
            out.append(f'{word} "{n.label}" as {n.id}{stereotype}' + (" {" if n.rows else ""))
            out += [f"  {row}" for row in n.rows] + (["}"] if n.rows else [])
        if group and mine:
            out.append("}")
    for e in diagram.edges:
        shaft = "--" if e.line == "solid" else ".."
        near = f' "{e.source_label}"' if e.source_label else ""
        far = f'"{e.target_label}" ' if e.target_label else ""
        label = f" : {e.label}" if e.label else ""
        if diagram.kind == "er":
            shaft = LEFT[e.tail] + shaft + RIGHT[e.head]
        else:
            shaft += SHAFTS[e.head]
        out.append(f"{e.source}{near} {shaft} {far}{e.target}{label}")
    return "\n".join([*out, "@enduml"]) + "\n"
