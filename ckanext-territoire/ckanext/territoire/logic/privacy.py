"""Actions and authorisations on personal data found in deliveries: see it, decide, account for it.

Whoever publishes for an organisation sees what was found and may keep it in (mask a column,
withhold the table). To let personal data out belongs to an officer of the EPCI, with the text that
allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import correct, publish, store
from ckanext.territoire.delivery.model import By, Delivery, Feed, State, Way
from ckanext.territoire.privacy import store as decisions
from ckanext.territoire.territory import officers
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from harvesters.privacy.decisions import CHOICES, Choice, Decision, standing, undecided
from harvesters.privacy.findings import LABELS, Finding, Kind, finding_from_dict, finding_to_issue
from schemas.load import table_schemas

Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_privacy_show(context: Context, data_dict: Data) -> Data:
    """Show the personal data found in the delivery `id`, where, and what was decided.

    Answers `findings` (each with its `sentence`, its `decision` or null, and `is_waiting`),
    `decisions` (all of them, oldest first), `is_held`, and the `choices` that the caller has.
    """
    delivery, feed = _found(data_dict)
    toolkit.check_access("territoire_privacy_show", context, data_dict)
    return _shown(context, delivery, feed)


def territoire_privacy_decide(context: Context, data_dict: Data) -> Data:
    """Decide of what was found in the delivery `id`.

    `kind` and `column` name the finding; `decision` is `mask` (publish without the column),
    `withhold` (publish nothing) or `publish`; `reason` says why; `legal_basis`, needed to publish,
    names the text that allows it. The decision stands for the next files. A waiting delivery is
    examined again; of a live one a masked column is emptied at once. Answers as
    `territoire_privacy_show`, of the delivery that stands then.
    """
    delivery, feed = _found(data_dict)
    decision = _to_decision(data_dict, _findings(delivery))
    toolkit.check_access("territoire_privacy_decide", context, data_dict)
    user: Any = model.User.get(context.get("user"))
    by_id = user.id if user else ""
    title = table_schemas().get(delivery.schema_id, delivery.schema_id)
    subject = decisions.Subject(feed.id, delivery.id, feed.resource_id, feed.org_id, title)
    decisions.record(subject, decision, by_id)
    try:
        now = _follow(delivery, decision, By(by_id, Way.DEPOSIT))
    except Refused as fault:
        raise toolkit.ValidationError({"delivery": [str(fault)]}) from fault
    return _shown(context, now, feed)


@toolkit.side_effect_free
def territoire_privacy_register(context: Context, data_dict: Data) -> list[Data]:
    """List every decision, one row each, for the data protection officer; `organization` (id or
    name) keeps those of one."""
    toolkit.check_access("territoire_privacy_register", context, data_dict)
    wanted = data_dict.get("organization")
    owner = publishers.find(wanted)
    if wanted and owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    return [_to_row(row) for row in decisions.register([owner.id] if owner else None)]


def _found(data_dict: Data) -> tuple[Delivery, Feed]:
    delivery_id = str(toolkit.get_or_bust(data_dict, "id"))
    delivery = store.load_delivery(delivery_id)
    feed = store.load_feed(delivery.feed_id) if delivery else None
    if delivery is None or feed is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-TAB-070", found=delivery_id)))
    return delivery, feed


def _findings(delivery: Delivery) -> list[Finding]:
    return [finding_from_dict(each) for each in delivery.report.get("privacy") or ()]


def _to_decision(data_dict: Data, findings: list[Finding]) -> Decision:
    """Read a decision; one that is not about a finding, or is not justified, is refused."""
    kind, column, told, reason, basis = (
        str(data_dict.get(key) or "").strip()
        for key in ("kind", "column", "decision", "reason", "legal_basis")
    )
    choices = {choice.value: choice for choice in Choice}
    known = {(each.kind.value, each.column): each for each in findings}
    fault = None
    if told not in choices:
        fault = Issue("TER-PUB-110", found=told, expected=", ".join(choices))
    elif (kind, column) not in known:
        fault = Issue("TER-PUB-111", column, kind)
    elif not reason:
        fault = Issue("TER-PUB-112")
    elif choices[told] is Choice.PUBLISH and not basis:
        fault = Issue("TER-PUB-113")
    if fault:
        raise toolkit.ValidationError({"decision": [sentence(fault)]})
    return Decision(Kind(kind), column, choices[told], reason, basis)


def _follow(delivery: Delivery, decision: Decision, by: By) -> Delivery:
    """Do at once what was decided."""
    if delivery.is_waiting:
        return publish.examine_again(delivery.id)
    if delivery.state is State.LIVE and decision.choice is Choice.MASK:
        return correct.correct(delivery.id, (), by)  # the same file, once more
    return delivery


def _shown(context: Context, delivery: Delivery, feed: Feed) -> Data:
    recorded = decisions.recorded_for(feed.resource_id, feed.id)
    decided = [each.decision for each in recorded]
    findings = _findings(delivery)
    waiting, last = undecided(findings, decided), standing(decided)
    stored = delivery.report.get("privacy") or ()
    return {
        "delivery_id": delivery.id,
        "state": delivery.state.value,
        "is_held": bool(waiting),
        "findings": [
            dict(told)
            | {
                "sentence": sentence(finding_to_issue(finding)),
                "decision": _decision_to_dict(last.get((finding.kind, finding.column))),
                "is_waiting": finding in waiting,
            }
            for told, finding in zip(stored, findings, strict=True)
        ],
        "decisions": [
            _decision_to_dict(each.decision)
            | {
                "delivery_id": each.delivery_id,
                "decided_by": each.by_name,
                "decided_at": each.decided_at.isoformat(timespec="seconds"),
            }
            for each in recorded
        ],
        "choices": [
            {"value": choice.value, "label": label}
            for choice, label in CHOICES.items()
            if choice is not Choice.PUBLISH or _is_officer_of_epci(context)
        ],
    }


def _decision_to_dict(decision: Decision | None) -> Any:
    return decision and {
        "kind": decision.kind.value,
        "kind_label": LABELS[decision.kind],
        "column": decision.column,
        "decision": decision.choice.value,
        "decision_label": CHOICES[decision.choice],
        "reason": decision.reason,
        "legal_basis": decision.legal_basis,
    }


def _to_row(row: Mapping[str, Any]) -> Data:
    """One decision as a row of the register; the headers are for people."""
    return {
        "numero": row["id"],
        "date": row["decided_at"].isoformat(timespec="seconds"),
        "organisation": row["owner_title"],
        "table": row["table_title"],
        "ressource": row["resource_id"],
        "depot": row["delivery_id"],
        "donnee": LABELS[Kind(row["kind"])],
        "colonne": row["column_name"],
        "decision": CHOICES[Choice(row["decision"])],
        "motif": row["reason"],
        "base_legale": row["legal_basis"],
        "decide_par": row["by_name"],
    }


def _is_officer_of_epci(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or officers.may_act(context.get("user") or "")


def _may_see(context: Context, data_dict: Data) -> AuthResult:
    """Whoever publishes for the organisation of the delivery."""
    _, feed = _found(data_dict)
    user = context.get("user")
    if user and authz.has_user_permission_for_group_or_org(feed.org_id, user, "update_dataset"):
        return {"success": True}
    return {"success": False, "msg": "Réservé aux personnes qui publient pour cette organisation."}


def _may_decide(context: Context, data_dict: Data) -> AuthResult:
    """Keeping data in is for all who publish; letting it out for the EPCI."""
    if data_dict.get("decision") == Choice.PUBLISH.value and not _is_officer_of_epci(context):
        return {"success": False, "msg": "Publier des données personnelles est décidé par l’EPCI."}
    return _may_see(context, data_dict)


def _officers_of_epci(context: Context, data_dict: Data) -> AuthResult:
    return {"success": _is_officer_of_epci(context), "msg": "Réservé à l’EPCI."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_privacy_show": territoire_privacy_show,
    "territoire_privacy_decide": territoire_privacy_decide,
    "territoire_privacy_register": territoire_privacy_register,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_privacy_show": _may_see,
    "territoire_privacy_decide": _may_decide,
    "territoire_privacy_register": _officers_of_epci,
}
