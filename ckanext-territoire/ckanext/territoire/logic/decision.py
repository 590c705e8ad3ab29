"""The action that lists what waits for a decision of the EPCI, the oldest first.

Each kind keeps its own action to decide: `territoire_delivery_publish` and `_refuse` for a
delivery, `territoire_privacy_decide` for personal data, `territoire_source_decide` for a harvest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import publish, store
from ckanext.territoire.delivery.model import Delivery, Feed, Reason
from ckanext.territoire.territory import officers
from schemas.load import table_schemas

Data = dict[str, Any]
# what may be accepted as it is, without opening the report
PLAIN = frozenset({Reason.BRAKE, Reason.COMMUNE})


@toolkit.side_effect_free
def territoire_decision_list(context: Context, data_dict: Data) -> list[Data]:
    """List what waits for a decision: held deliveries, held harvests that the caller may change.

    `kind` is `delivery` (`reasons`, `difference`, `is_overtaken`: a newer file is online already)
    or `harvest` (`source`, `sentence`); `can_accept` says whether the caller may accept it at once.
    """
    toolkit.check_access("territoire_matrix_show", context, data_dict)
    may_act = bool(context.get("ignore_auth")) or officers.may_act(context.get("user") or "")
    runs = toolkit.get_action("territoire_source_list")(Context(**context), {})
    held = store.held_deliveries()
    live = store.live_numbers([feed.id for _, feed in held])
    listed = [_delivery(*pair, live) | _rights(pair[0], may_act) for pair in held]
    listed += [_harvest(source) for source in runs if _is_held(source)]
    return sorted(listed, key=lambda each: each["since"])


def _rights(delivery: Delivery, may_act: bool) -> Data:
    is_plain = PLAIN.issuperset(delivery.reasons) and bool(delivery.good)
    return {"can_accept": may_act and is_plain, "can_refuse": may_act}


def _delivery(delivery: Delivery, feed: Feed, live: Mapping[str, int]) -> Data:
    owner = publishers.find(feed.org_id)
    return {
        "kind": "delivery",
        "id": delivery.id,
        "since": delivery.received_at.isoformat(timespec="seconds"),
        "organization_title": owner.title if owner else feed.org_id,
        "title": table_schemas().get(delivery.schema_id) or "Modèle à choisir",
        "insee": feed.insee,
        "slug": feed.slug,
        "file_name": delivery.file_name,
        "way": delivery.by_way.value,
        "good": delivery.good or 0,
        "bad": delivery.bad or 0,
        "reasons": [reason.value for reason in delivery.reasons],
        "reasons_text": [publish.LABELS[reason] for reason in delivery.reasons],
        "difference": delivery.report.get("difference"),
        "communes": delivery.report.get("communes") or {},
        "is_overtaken": live.get(feed.id, 0) > delivery.number,
    }


def _is_held(source: Data) -> bool:
    run = source["last_run"]
    return bool(run and run["state"] == "held")


def _harvest(source: Data) -> Data:
    run = source["last_run"]
    return {
        "kind": "harvest",
        "id": run["job_id"],
        "since": _aware(run["finished_at"] or run["started_at"]),
        "organization_title": source["organization"],
        "title": source["title"],
        "source": source["name"],
        "sentence": run["sentence"],
        "can_accept": True,
        "can_refuse": True,
    }


def _aware(moment: str) -> str:
    """The runs are kept in UTC without saying so."""
    return moment if "+" in moment else f"{moment[:19]}+00:00"


ACTIONS: dict[str, Callable[..., Any]] = {"territoire_decision_list": territoire_decision_list}
# the queue is for those who see the matrix: see `territoire_matrix_show`
AUTH: dict[str, Callable[..., Any]] = {}
