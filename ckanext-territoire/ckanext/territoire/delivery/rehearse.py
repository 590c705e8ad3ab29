"""Run a version of a schema on the live files of the members, beside the one they follow.

Nothing is written. Corrections accepted for former files are left out, on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ckanext.territoire import files
from ckanext.territoire.delivery import store
from ckanext.territoire.delivery.references import references
from harvesters.model import Issue
from harvesters.table.check_file import CheckAsk, check_file
from harvesters.table.received import Cause, Checked
from harvesters.table.typed import open_database
from schemas.model import Schema, Severity


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One live file under both versions: (good, bad) rows. `causes` are the errors that would be
    more than now, the most frequent first; `issue` says why the file could not be read."""

    insee: str
    resource_id: str
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)
    causes: tuple[Cause, ...] = ()
    issue: Issue | None = None


def rehearse(current: Schema, wanted: Schema) -> Iterator[Rehearsed]:
    """Check each live file of the slug under the current version and under the wanted one."""
    for insee, resource_id, sha256 in store.live_files(current.slug):
        before, after = (_check(schema, insee, sha256) for schema in (current, wanted))
        if isinstance(before, Issue) or isinstance(after, Issue):
            issue = before if isinstance(before, Issue) else after
            assert isinstance(issue, Issue)
            yield Rehearsed(insee, resource_id, issue=issue)
            continue
        yield Rehearsed(
            insee,
            resource_id,
            (before.good, before.bad),
            (after.good, after.bad),
            _new_causes(before, after),
        )


def _check(schema: Schema, insee: str, sha256: str) -> Checked | Issue:
    ask = CheckAsk((schema,), schema.id, references=references(), depositor=insee)
    source = files.path_of(sha256)
    if not source.is_file():
        return Issue("TER-CFG-103", found=sha256)
    with TemporaryDirectory(dir=files.draft_folder()) as name, open_database(Path(name)) as base:
        verdict = check_file(base, source, Path(name), ask)
    if isinstance(verdict, Issue):
        return verdict
    assert verdict.checked is not None
    return verdict.checked


def _new_causes(before: Checked, after: Checked) -> tuple[Cause, ...]:
    known = Counter({(each.code, each.field): each.count for each in before.causes})
    errors = [each for each in after.causes if each.severity is Severity.ERROR]
    new = [each for each in errors if each.count > known[each.code, each.field]]
    return tuple(sorted(new, key=lambda each: -each.count))
