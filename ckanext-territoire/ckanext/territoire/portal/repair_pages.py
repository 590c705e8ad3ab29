"""The page of a repair link: the bad rows of the live delivery of one feed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.model import Delivery, Feed, State
from ckanext.territoire.links import store
from ckanext.territoire.links.facts import place_of
from ckanext.territoire.links.model import Kind, Link
from ckanext.territoire.portal.deposit_grid import read_corrections, to_grid
from ckanext.territoire.portal.link_acts import (
    act,
    feed_of,
    is_for_officer,
    merged_dataset,
    public_dataset,
    tell_officer,
)
from ckanext.territoire.portal.link_door import guard, opened
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.typography import count
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas.load import find

repairs = Blueprint("territoire_repairs", __name__, url_prefix="/reparer")
guard(repairs)
Page = str | Response
PAGE, AT_ONCE = 25, 1_000


@repairs.route("/<token>")
def show(token: str) -> Page:
    """The rows that wait; or thanks, with where to see what is online."""
    link = opened(token, Kind.REPAIR)
    feed = feed_of(link)
    live = deliveries.live_delivery(feed.id)
    held = _held(feed, live)
    if live is None or not live.bad or held:
        return _show_end(link, feed, live, held)
    return _show_grid(link, token, live, {})


@repairs.route("/<token>/<delivery_id>", methods=["GET", "POST"])
def correct(token: str, delivery_id: str) -> Page:
    """Correct rows of the delivery that was shown; when another took its place, say so."""
    link = opened(token, Kind.REPAIR)
    live = deliveries.live_delivery(feed_of(link).id)
    if live is None or live.id != delivery_id:
        toolkit.h.flash_notice(_said(Issue("TER-API-129")))
        return _back(token)
    if request.method == "GET":
        return _show_grid(link, token, live, {})
    rows = act(link, "territoire_delivery_rows", id=live.id, limit=AT_ONCE)
    errors = _correct(link, live, rows)
    return _show_grid(link, token, live, errors) if errors else _back(token)


def _back(token: str) -> Response:
    return toolkit.redirect_to("territoire_repairs.show", token=token)


def _correct(link: Link, live: Delivery, rows: Sequence[Mapping[str, Any]]) -> Errors:
    """Correct and tell what became of it; answers why nothing was done."""
    schema = find(live.schema_id)
    names = {each.name for each in schema.fields} if schema else set()
    wishes = [wish for wish in read_corrections(request.form, rows) if wish["field"] in names]
    if not wishes:
        return {"": ["Aucune valeur n’a été changée."]}
    try:
        act(link, "territoire_delivery_correct", id=live.id, corrections=wishes)
    except toolkit.ValidationError as fault:
        return refusals(fault, delivery="")
    store.count_use(link.id)
    _tell(link, live, len(wishes))
    return {}


def _tell(link: Link, before: Delivery, wish_count: int) -> None:
    """Say what entered at once."""
    kept = count(wish_count, "correction enregistrée", "corrections enregistrées")
    now = deliveries.live_delivery(before.feed_id)
    if now is None or now.id == before.id:
        newest = deliveries.deliveries_of(before.feed_id, 1)[0]
        if is_for_officer(newest):
            tell_officer(link, newest)
        toolkit.h.flash_notice(f"{kept}.")
        return
    entered = max((before.bad or 0) - (now.bad or 0), 0)
    said = count(entered, "ligne vient d’entrer en ligne", "lignes viennent d’entrer en ligne")
    left = (
        count(now.bad or 0, "attend encore", "attendent encore")
        if now.bad
        else "plus rien n’attend"
    )
    toolkit.h.flash_success(f"{kept}\u00a0: {said}, {left}.")


def _held(feed: Feed, live: Delivery | None) -> Delivery | None:
    """A correction that is newer than the live rows and waits for somebody of the EPCI."""
    newest = next(iter(deliveries.deliveries_of(feed.id, 1)), None)
    is_newer = newest and live and newest.number > live.number
    return newest if newest and is_newer and newest.state is State.HELD else None


def _show_grid(link: Link, token: str, live: Delivery, errors: Errors) -> str:
    schema = find(live.schema_id)
    rows = act(link, "territoire_delivery_rows", id=live.id, limit=AT_ONCE)
    assert schema is not None
    after = request.values.get("apres", 0, int)
    shown = {
        "link": link,
        "delivery": act(link, "territoire_delivery_show", id=live.id),
        "grid": to_grid(rows, schema, (after, PAGE), request.form),
        "errors": errors,
        "action": toolkit.url_for("territoire_repairs.correct", token=token, delivery_id=live.id),
    }
    return toolkit.render("territoire/repair.html", shown)


def _show_end(link: Link, feed: Feed, live: Delivery | None, held: Delivery | None) -> str:
    shown = {
        "delivery": act(link, "territoire_delivery_show", id=live.id) if live else None,
        "own_dataset": public_dataset(feed.dataset_id),
        "merged": merged_dataset(feed.slug),
        "place": place_of(link.org_id),
        "is_held": held is not None,
    }
    return toolkit.render("territoire/repair_done.html", shown)


def _said(issue: Issue) -> str:
    return sentence(issue).removeprefix(f"{issue.code} : ")
