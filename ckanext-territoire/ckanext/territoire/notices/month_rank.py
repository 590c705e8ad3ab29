"""The three things to do of a monthly letter. Pure.

The rule, in this order:

1. what is needed comes before what is only expected (`INVITE`);
2. one of each need comes before a second one of the same: three different things rather than
   three missing tables;
3. needs come in the order of `Need`: what is ready and waits for an answer, what the law asks,
   rows to correct, a source in trouble, data past its rhythm, a licence to choose;
4. within one need, the most rows or datasets first, then the oldest, then by title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ckanext.territoire.notices.month_model import Need, Task
from schemas.vocabulary import plain

SHOWN = 3
RANK = {need: rank for rank, need in enumerate(Need)}
NEVER = "9"  # after any day


def ranked(tasks: Iterable[Task]) -> list[Task]:
    """Put what there is to do in order."""
    alike = sorted(
        tasks, key=lambda each: (-each.count, each.since or NEVER, plain(each.title), each.path)
    )
    seen: Counter[Need] = Counter()
    placed: list[tuple[tuple[bool, int, int], Task]] = []
    for task in alike:
        seen[task.need] += 1
        at = (task.need is Need.INVITE, seen[task.need], RANK[task.need])
        placed.append((at, task))
    return [task for _, task in sorted(placed, key=lambda pair: pair[0])]


def first_tasks(tasks: Iterable[Task]) -> tuple[tuple[Task, ...], int]:
    """Answer the things to do that a letter names, and how many needed ones it does not."""
    listed = ranked(tasks)
    rest = [each for each in listed[SHOWN:] if each.need is not Need.INVITE]
    return tuple(listed[:SHOWN]), len(rest)
