"""The pages of an invitation: a whole first deposit for one theme, without account."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.model import Delivery, State
from ckanext.territoire.links import store
from ckanext.territoire.links.facts import place_of
from ckanext.territoire.links.model import Kind, Link
from ckanext.territoire.portal.deliveries import communes_of
from ckanext.territoire.portal.deposit_grid import read_corrections, read_rows, to_grid
from ckanext.territoire.portal.deposit_view import Beside, read_choice, to_report
from ckanext.territoire.portal.deposits import BLANK_ROWS, problems
from ckanext.territoire.portal.invited_report import for_invited
from ckanext.territoire.portal.link_acts import (
    act,
    is_for_officer,
    merged_dataset,
    own_deliveries,
    own_delivery,
    public_dataset,
    repair_address,
    tell_officer,
)
from ckanext.territoire.portal.link_door import guard, opened
from ckanext.territoire.portal.refused import Errors, refusals
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas.load import find

invitations = Blueprint("territoire_invitations", __name__, url_prefix="/invitation")
guard(invitations)
Page = str | Response
Data = dict[str, Any]
PAGE, AT_ONCE = 25, 1_000


@invitations.route("/<token>", methods=["GET", "POST"])
def index(token: str) -> Page:
    """What is asked, and the ways to do it; or take up what was begun."""
    link = opened(token, Kind.DEPOSIT)
    errors: Errors = {}
    if request.method == "POST":
        answer = _receive(link, token, {"upload": request.files.get("upload")})
        if isinstance(answer, Response):
            return answer
        errors = answer
    begun = next((each for each in own_deliveries(link) if _is_begun(each)), None)
    return _show("invitation.html", link, token, errors=errors, begun=begun)


@invitations.route("/<token>/saisir", methods=["GET", "POST"])
def enter(token: str) -> Page:
    """Type rows instead of sending a file."""
    link = opened(token, Kind.DEPOSIT)
    schema = _schema(link)
    rows = read_rows(request.form, [control["name"] for control in schema["form"]])
    errors: Errors = {}
    if request.method == "POST" and "add" not in request.form:
        is_empty = not any(any(row.values()) for row in rows)
        told = (
            {"": [sentence(Issue("TER-API-100"))]}
            if is_empty
            else _receive(link, token, {"rows": rows})
        )
        if isinstance(told, Response):
            return told
        errors = told
    rows += [] if errors else [{}] * BLANK_ROWS
    return _show("invitation_enter.html", link, token, errors=errors, rows=rows)


@invitations.route("/<token>/<delivery_id>")
def report(token: str, delivery_id: str) -> Page:
    """The report of a deposit, and its publication."""
    link = opened(token, Kind.DEPOSIT)
    own = own_delivery(link, delivery_id)
    delivery = act(link, "territoire_delivery_show", id=own.id)
    feed = delivery["feed"]
    is_online = own.state is State.LIVE
    live = None if is_online else deliveries.live_delivery(own.feed_id)
    beside = act(link, "territoire_delivery_show", id=live.id) if live else None
    told = to_report(delivery, Beside(beside, communes_of(delivery)))
    return _show(
        "invitation_report.html", link, token,
        delivery=delivery,
        report=for_invited(told, _schema(link)["title"]),
        is_for_officer=is_for_officer(own),
        own_dataset=public_dataset(feed["dataset_id"]) if is_online else None,
        merged=merged_dataset(link.slug) if is_online else None,
        repair=repair_address(link, own) if is_online and own.bad else "",
    )  # fmt: skip


@invitations.route("/<token>/<delivery_id>/publier", methods=["POST"])
def publish(token: str, delivery_id: str) -> Response:
    """Publish the good rows of a deposit that nothing holds."""
    link = opened(token, Kind.DEPOSIT)
    own = own_delivery(link, delivery_id)
    _try(link, own, "territoire_delivery_publish", accept=[])
    return _to_report(token, own.id)


@invitations.route("/<token>/<delivery_id>/choisir", methods=["POST"])
def choose(token: str, delivery_id: str) -> Response:
    """Read the file another way; the theme is that of the link."""
    link = opened(token, Kind.DEPOSIT)
    own = own_delivery(link, delivery_id)
    delivery = act(link, "territoire_delivery_show", id=own.id)
    if (request.form.get("schema") or link.slug).split("/")[0] != link.slug:
        toolkit.h.flash_error(
            f"Ce lien permet de déposer « {_schema(link)['title']} » seulement. Pour d’autres "
            "données, demandez un autre lien."
        )
        return _to_report(token, own.id)
    choice = {} if "again" in request.form else read_choice(request.form, delivery)
    schema_id = delivery["schema_id"] or link.slug
    if _try(link, own, "territoire_delivery_choose", schema=schema_id, choice=choice):
        toolkit.h.flash_success("Le fichier a été relu.")
    return _to_report(token, own.id)


@invitations.route("/<token>/<delivery_id>/corriger", methods=["GET", "POST"])
def correct(token: str, delivery_id: str) -> Page:
    """Correct bad rows before the publication."""
    link = opened(token, Kind.DEPOSIT)
    own = own_delivery(link, delivery_id)
    schema = find(own.schema_id)
    if schema is None or not own.is_waiting:
        return _to_report(token, own.id)
    rows = act(link, "territoire_delivery_rows", id=own.id, limit=AT_ONCE)
    errors: Errors = {}
    if request.method == "POST":
        wishes = read_corrections(request.form, rows)
        errors = {} if wishes else {"": ["Aucune valeur n’a été changée."]}
        if wishes:
            _try(link, own, "territoire_delivery_correct", corrections=wishes)
            return _to_report(token, own.id)
    grid = to_grid(rows, schema, (request.values.get("apres", 0, int), PAGE), request.form)
    return _show("invitation_correct.html", link, token, own=own, grid=grid, errors=errors)


def _receive(link: Link, token: str, data: Data) -> Response | Errors:
    """Deposit; what this invitation had begun before is left out."""
    begun = [each.id for each in own_deliveries(link) if each.is_waiting]
    try:
        made = act(
            link, "territoire_delivery_create", organization=link.org_id, schema=link.slug, **data
        )
    except toolkit.ValidationError as fault:
        return refusals(fault, delivery="upload")
    store.count_use(link.id)
    for delivery_id in begun:
        act(link, "territoire_delivery_refuse", id=delivery_id)
    if made["state"] == "live":
        toolkit.h.flash_notice("Ce fichier est déjà en ligne, tel quel : il n’y a rien à faire.")
        return toolkit.redirect_to("territoire_invitations.index", token=token)
    own = own_delivery(link, made["id"])
    if is_for_officer(own):
        tell_officer(link, own)
    return _to_report(token, own.id)


def _try(link: Link, before: Delivery, action: str, **data: Any) -> bool:
    """Act on a delivery; a refusal is said on the next page, a new hold is told to the officer."""
    try:
        act(link, action, id=before.id, **data)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(problems(fault)))
        return False
    store.count_use(link.id)
    now = own_delivery(link, before.id)
    if is_for_officer(now) and not is_for_officer(before):
        tell_officer(link, now)
    return True


def _is_begun(delivery: Delivery) -> bool:
    return delivery.is_waiting or delivery.state is State.LIVE


def _schema(link: Link) -> Data:
    return dict(toolkit.get_action("territoire_schema_show")({}, {"id": link.slug}))


def _to_report(token: str, delivery_id: str) -> Response:
    return toolkit.redirect_to(
        "territoire_invitations.report", token=token, delivery_id=delivery_id
    )


def _show(template: str, link: Link, token: str, **values: Any) -> str:
    shown = {"link": link, "token": token, "place": place_of(link.org_id), "schema": _schema(link)}
    return toolkit.render(f"territoire/{template}", shown | values)
