"""Items as built -> items as told: jumps that fall through go, loops get their kind, guards lose their nesting."""

from __future__ import annotations

from collections.abc import Callable

from diagrasp.algorithm.items import Arm, Branch, Do, Item, Jump, Loop, Parallel, jumps, visits

LONG = 4
"""The fewest nodes of an arm that is told after a choice whose other arms all lead away."""


def resolve(items: list[Item], following: str, loop: tuple[str, str] | None = None) -> None:
    """Drop jumps to what follows anyway and name those that leave or repeat the innermost loop.

    Args:
        following: the node that control comes to after the items; empty at the end of all.
        loop: the innermost loop's header and the node after it.
    """
    kept: list[Item] = []
    for i, item in enumerate(items):
        after = following
        if i + 1 < len(items):
            after = _first(items[i + 1])
        match item:
            case Jump(kind="end"):
                if after == "":
                    continue
            case Jump():
                if item.target == after:
                    continue
                if loop is not None and item.target == loop[0]:
                    item.kind = "repeat"
                elif loop is not None and item.target == loop[1]:
                    item.kind = "leave"
            case Branch():
                for arm in item.arms:
                    resolve(arm.body, after, loop)
            case Parallel():
                for arm in item.arms:
                    resolve(arm.body, after)
            case Loop():
                resolve(item.body, item.header, (item.header, after))
            case Do():
                pass
        kept.append(item)
    items[:] = kept


def _first(item: Item) -> str:
    match item:
        case Do() | Branch() | Parallel():
            return item.id
        case Loop():
            return item.header
        case Jump():
            return item.target


def ends(items: list[Item]) -> bool:
    """Whether control never comes to what follows the items."""
    if not items:
        return False
    match items[-1]:
        case Jump():
            return True
        case Branch() as branch:
            return branch.kind != "inclusive" and all(ends(arm.body) for arm in branch.arms)
        case Loop(kind="infinite"):
            return True
        case _:
            return False


def shape(items: list[Item], is_step: Callable[[str], bool]) -> None:
    """Tell the kinds of loops, and take long arms out of choices whose other arms lead away; innermost first."""
    for item in items:
        match item:
            case Branch() | Parallel():
                for arm in item.arms:
                    shape(arm.body, is_step)
            case Loop():
                shape(item.body, is_step)
                _classify(item, is_step)
            case _:
                pass
    flat: list[Item] = []
    for item in items:
        flat.append(item)
        if isinstance(item, Branch) and item.kind != "inclusive" and (way := _long_way(item)) is not None:
            moved, way.body = way.body, []
            flat.extend(moved)
    items[:] = flat


def _long_way(branch: Branch) -> Arm | None:
    sizes = [sum(1 for _ in visits(arm.body)) for arm in branch.arms]
    longest = max(range(len(sizes)), key=lambda i: sizes[i])
    others = [arm for i, arm in enumerate(branch.arms) if i != longest]
    if sizes[longest] < LONG or not others or not all(ends(arm.body) for arm in others):
        return None
    if branch.kind == "interrupt" or 2 * max(s for i, s in enumerate(sizes) if i != longest) <= sizes[longest]:
        return branch.arms[longest]
    return None


def _classify(loop: Loop, is_step: Callable[[str], bool]) -> None:
    body = loop.body
    if len(body) >= 2 and isinstance(body[0], Do) and isinstance(body[1], Branch) and not is_step(body[0].id):
        branch = body[1]
        pair = _pair(branch)
        if pair is not None and branch.id == body[0].id:
            stay, leave = pair
            loop.kind, loop.test = "while", body[0]
            loop.stay, loop.leave = _bare(stay), _bare(leave)
            loop.body = stay.body + body[2:]
            return
    last = body[-1] if body else None
    if isinstance(last, Branch) and (pair := _pair(last)) is not None and not pair[0].body:
        before = body[-2] if len(body) >= 2 else None
        if isinstance(before, Do) and before.id == last.id:
            loop.kind, loop.test = "do_while", before
            loop.stay, loop.leave = _bare(pair[0]), _bare(pair[1])
            loop.tested = is_step(before.id)
            loop.body = body[:-1] if loop.tested else body[:-2]
            return
    if not any(jump.kind in ("leave", "end", "jump") for jump in _own_jumps(body)):
        loop.kind = "infinite"


def _pair(branch: Branch) -> tuple[Arm, Arm] | None:
    """Of a choice between going on and leaving the loop: the arm that stays, the arm that leaves and does no more."""
    if len(branch.arms) != 2 or branch.kind != "exclusive":
        return None
    leaving = [len(a.body) == 1 and isinstance(a.body[0], Jump) and a.body[0].kind == "leave" for a in branch.arms]
    if leaving == [False, True]:
        return branch.arms[0], branch.arms[1]
    return (branch.arms[1], branch.arms[0]) if leaving == [True, False] else None


def _bare(arm: Arm) -> Arm:
    return Arm(arm.edge, arm.target, arm.condition, arm.default)


def _own_jumps(items: list[Item]) -> list[Jump]:
    """The jumps in a loop that concern it: those of loops inside that only repeat or leave these do not."""
    found: list[Jump] = []
    for item in items:
        match item:
            case Jump():
                found.append(item)
            case Loop():
                found += [jump for jump in jumps(item.body) if jump.kind not in ("leave", "repeat")]
            case Branch() | Parallel():
                for arm in item.arms:
                    found += _own_jumps(arm.body)
            case Do():
                pass
    return found
