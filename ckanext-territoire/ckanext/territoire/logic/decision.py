"""Actions that list what waits for the EPCI: each decision, the oldest first; all kinds, counted.

Each kind keeps its own action to decide: `territoire_delivery_publish` and `_refuse` for a
delivery, `territoire_privacy_decide` for personal data, `territoire_source_decide` for a harvest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import publishers
from ckanext.territoire.community import queue
from ckanext.territoire.delivery import publish, store
from ckanext.territoire.delivery.model import Delivery, Feed, Reason
from ckanext.territoire.developers import keys
from ckanext.territoire.flags import store as flags
from ckanext.territoire.harvest_adapter import published
from ckanext.territoire.harvest_adapter.health import Health
from ckanext.territoire.links import addresses
from ckanext.territoire.territory import officers
from schemas.load import table_schemas

Data = dict[str, Any]
TROUBLE = {each.value for each in (Health.FAILING, Health.LATE, Health.PARTIAL, Health.EMPTY)}
# what may be accepted as it is, without opening the report
PLAIN = frozenset({Reason.BRAKE, Reason.COMMUNE})


@toolkit.side_effect_free
def territoire_decision_list(context: Context, data_dict: Data) -> list[Data]:
    """List what waits for a decision: held deliveries, held harvests that the caller may change.

    `kind` is `delivery` (`reasons`, `difference`, `is_overtaken`: a newer file is online already)
    or `harvest` (`source`, `sentence`); `can_accept` says whether the caller may accept it at once.
    """
    toolkit.check_access("territoire_matrix_show", context, data_dict)
    return _decisions(context, toolkit.get_action("territoire_source_list")(Context(**context), {}))


def _decisions(context: Context, sources: list[Data]) -> list[Data]:
    held = store.held_deliveries()
    live = store.live_numbers([feed.id for _, feed in held])
    may_act = _may_act(context)
    listed = [_delivery(*pair, live) | _rights(pair[0], may_act) for pair in held]
    listed += [_harvest(source) for source in sources if _is_held(source)]
    return sorted(listed, key=lambda each: each["since"])


@toolkit.side_effect_free
def territoire_task_list(context: Context, data_dict: Data) -> list[Data]:
    """Count all that waits for the officers, of each `kind` that has any, the most urgent first,
    with `since` when the oldest waits (`""`: not known).

    `delivery` and `harvest` held, `source` in trouble, `choice` between a correction and its
    source, `flag` of readers, `contribution` that nobody has read, `question` that is shown without
    an answer, `review` of harvested datasets, `duplicate`, `key` whose owner asks for more, and
    `address` of mail that does not answer.
    """
    toolkit.check_access("territoire_matrix_show", context, data_dict)
    sources = toolkit.get_action("territoire_source_list")(Context(**context), {})
    decisions = _decisions(context, sources)
    waiting = [each for each in decisions if not each.get("is_overtaken")]
    told = [_task(kind, [e["since"] for e in waiting if e["kind"] == kind])
            for kind in ("delivery", "harvest")]  # fmt: skip
    told += [_task("source", [e["failing_since"] or "" for e in sources if e["health"] in TROUBLE])]
    told += [_counted("choice", sum(each["choices"] for each in sources))]
    told += [_flags(), *_contributions()]
    told += [_counted("review", sum(each["reviews"] for each in sources))]
    told += [_counted("duplicate", len(published.proposals()))]
    told += [_task("key", [e.wish.at for e in keys.all_keys() if e.wish])]
    if _may_act(context):
        told += [_task("address", [_utc(each.since) for each in addresses.paused()])]
    return [each for each in told if each["count"]]


def _task(kind: str, moments: list[str]) -> Data:
    return _counted(kind, len(moments), min(filter(None, moments), default=""))


def _counted(kind: str, number: int, since: str = "") -> Data:
    return {"kind": kind, "count": number, "since": since}


def _flags() -> Data:
    number, since = flags.waiting(None)
    return _counted("flag", number, since.isoformat(timespec="seconds") if since else "")


def _contributions() -> list[Data]:
    counts = queue.counts(None)
    since = min((_utc(each.since) for each in counts if each.unread), default="")
    unread = sum(each.unread for each in counts)
    shown = sum(each.waiting for each in counts) - unread
    return [_counted("contribution", unread, since), _counted("question", shown)]


def _may_act(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or officers.may_act(context.get("user") or "")


def _utc(moment: datetime) -> str:
    return _aware(moment.isoformat(timespec="seconds"))


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


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_decision_list": territoire_decision_list,
    "territoire_task_list": territoire_task_list,
}
# both are for those who see the matrix: see `territoire_matrix_show`
AUTH: dict[str, Callable[..., Any]] = {}
