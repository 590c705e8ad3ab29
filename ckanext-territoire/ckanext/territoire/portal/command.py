"""What the page of a source and the form of a dataset say of the officer's hand on harvests.

Templates call these where the page has already checked that its reader may change the source.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config
from ckanext.territoire.harvest_adapter import decisions, moderation, overlays, sources
from ckanext.territoire.harvest_adapter.routes import read_route
from ckanext.territoire.portal.run_words import labels_of, say_days, say_decision
from harvesters.origin import Nearness, level_of

SHOWN = 10
NEARNESSES = (
    ("", "selon son adresse"),
    ("producer", "celui d’un producteur"),
    ("region", "un portail régional"),
    ("nation", "un portail national"),
)
LEVELS = {
    Nearness.PRODUCER: "celui d’un producteur",
    Nearness.REGION: "un portail régional, et celui du producteur pour ce que publie "
    "son organisation",
    Nearness.NATION: "un portail national",
}


def command_of(source: dict[str, Any]) -> dict[str, Any]:
    """Gather what waits for a decision on a source, its rules and what was decided."""
    rule = moderation.load_rule(source["id"])
    stored = sources.load_source(source["id"])
    schema = toolkit.h.scheming_get_dataset_schema("dataset")
    labels = labels_of([*schema["dataset_fields"], *schema["resource_fields"]])
    history = decisions.history(source["id"], SHOWN)
    return {
        "rule": rule,
        "organization_review": moderation.load_rule(stored.organization_id).review,
        "grace": "" if rule.grace_days is None else say_days(rule.grace_days).split("\u00a0")[0],
        "nearnesses": NEARNESSES,
        "level": LEVELS[level_of(replace(read_route(source["id"]), said=None))],
        "common_grace": config.grace_days(),
        "waiting": moderation.count_waiting(source["id"]),
        "frozen": decisions.count_frozen(source["id"]),
        "choices": overlays.list_choices(source["id"]),
        "decisions": [
            row
            | {
                "sentence": say_decision(row, labels),
                "decided_at": row["decided_at"].isoformat(),
                "has_run": bool(row["job_id"]),
            }
            for row in history
        ],
    }


def corrections_of(dataset_id: str) -> dict[str, Any] | None:
    """Count the corrected fields of a harvested dataset; `None` for one that is not."""
    package = model.Package.get(dataset_id)
    source_id = overlays.source_of(package.id) if package else ""
    if not source_id:
        return None
    assert package
    rows = overlays.list_corrections(package.id)
    source = model.Package.get(source_id)
    return {
        "source": source.title if source else "",
        "count": len(rows),
        "waiting": sum(row["says"] is not None for row in rows),
    }
