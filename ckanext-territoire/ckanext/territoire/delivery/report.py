"""What a delivery tells people: JSON that pages, mails and the API show; sentences are French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ckanext.territoire.delivery.apply import Difference
from ckanext.territoire.delivery.model import Delivery
from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.table.check_file import FileVerdict
from harvesters.table.received import Cause
from schemas.load import table_schemas


def unreadable(issue: Issue) -> dict[str, Any]:
    """The report of a file that cannot be read."""
    return {"issue": {"code": issue.code, "sentence": sentence(issue)}}


def to_report(
    verdict: FileVerdict, difference: Difference | None, more: Mapping[str, Any]
) -> dict[str, Any]:
    """The report of a checked file. Keys: what was understood (`sentence`, `match`, `aside`…),
    what is wrong (`causes`), what would change (`difference`), and `more`."""
    received, match, checked = verdict.received, verdict.match, verdict.checked
    return {
        "sentence": received.sentence,
        "issues": [sentence(each) for each in received.issues],
        "headers": list(received.headers),
        "sheet": received.origin.sheet,
        "header_line": received.origin.header_line,
        "sheets": list(received.sheets),
        "row_count": received.row_count,
        "aside": [
            {"why": a.why.value, "count": a.count, "samples": list(a.samples)}
            for a in received.aside
        ],
        "candidates": [
            {
                "schema_id": c.schema_id,
                "title": table_schemas().get(c.schema_id, c.schema_id),
                "confidence": round(c.confidence, 2),
                "because": c.because,
            }
            for c in verdict.candidates[:5]
        ],
        "match": [
            {"field": m.field, "header": m.header, "how": m.how.value}
            for m in (match.matches if match else ())
        ],
        "missing": list(match.missing) if match else [],
        "extra": list(match.extra) if match else [],
        "rewritten": [
            {"field": r.field, "how": r.how.value, "count": r.count,
             "before": r.before, "after": r.after}
            for r in verdict.rewritten
        ],
        "corrected": verdict.corrected,
        "causes": [_cause(each) for each in (checked.causes if checked else ())],
        "difference": asdict(difference) if difference else None,
        **more,
    }  # fmt: skip


def changed_columns(live: Delivery | None, verdict: FileVerdict) -> dict[str, list[str]]:
    """Name the headers that came or went since the live file; `{}` when they are the same."""
    if live is None or "headers" not in live.report:
        return {}
    before, after = live.report["headers"], verdict.received.headers
    gone = [name for name in before if name and name not in after]
    new = [name for name in after if name and name not in before]
    return {"gone": gone, "new": new} if gone or new else {}


def _cause(cause: Cause) -> dict[str, Any]:
    where = f"colonne « {cause.field} »" if cause.field else "ligne"
    issue = Issue(cause.code, where, cause.found, cause.expected)
    return {
        "code": cause.code,
        "field": cause.field,
        "severity": cause.severity.value,
        "count": cause.count,
        "lines": list(cause.lines),
        "found": cause.found,
        "expected": cause.expected,
        "sentence": sentence(issue),
    }
