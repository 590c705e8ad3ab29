"""What is told of datasets that several sources carry, as JSON with its French words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.harvest_adapter import published
from harvesters.origin import Nearness, winner_of
from harvesters.same import Proposal, Reason, address_form

Data = dict[str, Any]
REASONS = {
    Reason.CLAIM: "le même identifiant",
    Reason.PAGE: "la même page d’origine",
    Reason.FILES: "les mêmes fichiers",
    Reason.CONTENT: "le même titre et le même texte, chez le même producteur",
}
NEARNESS = {
    Nearness.PRODUCER: "portail du producteur",
    Nearness.REGION: "portail local ou régional",
    Nearness.NATION: "portail national",
}
STATES = {
    "live": "présent",
    "missing": "absent depuis peu",
    "retired": "n’y est plus",
}
VOCABULARIES = {"license_id": "licences", "frequency": "frequencies", "theme": "themes"}
SHOWN = (
    "title", "notes", "license_id", "frequency", "theme", "communes", "publisher_name",
    "contact_name", "contact_email", "temporal_start", "temporal_end", "url",
)  # fmt: skip


def proposal(found: Proposal) -> Data:
    """Tell a proposal: its datasets side by side, the one that the rule prefers first."""
    known = {each.dataset_id: each for each in published.read(found.datasets)}
    best = winner_of(each.origin for each in known.values())
    order = sorted(known.values(), key=lambda each: (each.origin != best, each.source_title))
    shown = [_show(each.dataset_id) for each in order]
    files = [{address_form(r["url"]) for r in package["resources"]} for package in shown]
    shared = {form for one in files for form in one if sum(form in each for each in files) > 1}
    return {
        "datasets": [
            _side(each, package, shared) for each, package in zip(order, shown, strict=True)
        ],
        "winner": order[0].dataset_id,
        "reasons": [reason.value for reason in found.reasons],
        "reasons_text": [REASONS[reason] for reason in found.reasons],
        "differences": differences(shown),
    }


def _show(dataset_id: str) -> Data:
    return toolkit.get_action("package_show")({"ignore_auth": True}, {"id": dataset_id})


def _side(each: published.Published, package: Data, shared: set[str]) -> Data:
    return {
        "id": each.dataset_id,
        "name": each.name,
        "title": each.title,
        "organization": (package.get("organization") or {}).get("title") or "",
        "source": each.source_title,
        "source_id": each.source_id,
        "nearness": NEARNESS[each.origin.nearness],
        "modified": package.get("modified") or package["metadata_modified"],
        "page": package.get("url") or "",
        "files": [
            {
                "name": resource.get("name") or resource["url"],
                "format": resource.get("format") or "",
                "is_shared": address_form(resource["url"]) in shared,
            }
            for resource in package["resources"]
        ],
    }


def differences(packages: Sequence[Mapping[str, Any]]) -> list[Data]:
    """List the fields in which datasets differ: `label`, and one text a dataset in `values`."""
    labels = _labels()
    found = []
    for name in SHOWN:
        values = [_text(name, package.get(name)) for package in packages]
        if len(set(values)) > 1:
            found.append({"label": labels.get(name, name), "values": values})
    return found


def _labels() -> dict[str, str]:
    schema = toolkit.h.scheming_get_dataset_schema("dataset") or {"dataset_fields": []}
    return {
        field["field_name"]: toolkit.h.scheming_language_text(field.get("label", ""))
        for field in schema["dataset_fields"]
    }


def _text(name: str, value: object) -> str:
    told = toolkit.h.territoire_to_list(value) if name in ("theme", "communes") else [value]
    return ", ".join(sorted(_word(name, " ".join(str(each or "").split())) for each in told))


def _word(name: str, value: str) -> str:
    """The word that people read for an id of a vocabulary or the code of a commune."""
    if name == "communes":
        return str(toolkit.h.territoire_commune_names().get(value, value))
    if name in VOCABULARIES:
        term = toolkit.h.territoire_vocabulary_term(VOCABULARIES[name], value)
        return str(term.label) if term else value
    return value


def merged(ids: Sequence[str]) -> list[Data]:
    """Tell the datasets that have several origins, in this order."""
    known = {each.dataset_id: each for each in published.read(ids)}
    origins, last = published.origins_of(ids), published.last_events(ids)
    return [
        {
            "id": each,
            "name": known[each].name,
            "title": known[each].title,
            "origins": [origin(row) for row in origins.get(each, [])],
            "last": _event(last[each]) if each in last else None,
        }
        for each in ids
        if each in known
    ]


def origin(row: Mapping[str, Any]) -> Data:
    """Tell one known origin. `state` is that of the record at its source."""
    return {
        "source": row["source_title"],
        "source_name": row["source_name"],
        "source_id": row["source_id"],
        "remote_id": row["remote_id"],
        "title": row["title"],
        "page": toolkit.h.territoire_safe_url(row["landing_page"]) or "",
        "is_published": row["stand"] == "published",
        "is_chosen": row["is_chosen"],
        "joined_by": {"joined": "identifiant", "merged": "officier"}.get(row["stand"], ""),
        "state": row["state"],
        "state_text": STATES[row["state"]],
        "seen_at": published.moment(row["seen_at"]),
    }


def _event(row: Mapping[str, Any]) -> Data:
    return {
        "act": row["act"],
        "at": published.moment(row["happened_at"]),
        "by": row["actor"],
        "reason": row["reason"],
    }


def told_apart(row: Mapping[str, Any]) -> Data:
    """Tell a pair that was judged different."""
    return {
        "ids": [row["one"], row["other"]],
        "titles": [row["one_title"], row["other_title"]],
        "names": [row["one_name"], row["other_name"]],
        "by": row["decided_by"],
        "at": published.moment(row["decided_at"]),
        "reason": row["reason"],
    }
