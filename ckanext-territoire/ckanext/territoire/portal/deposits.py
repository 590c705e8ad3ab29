"""The pages where a clerk deposits: what to publish, then a file, an address or typed rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import files
from ckanext.territoire.portal.deposit_grid import read_rows
from ckanext.territoire.portal.depositor import Depositor, depositor
from ckanext.territoire.portal.refused import Errors, refusals
from harvesters.errors import sentence
from harvesters.model import Issue

deposits = Blueprint("territoire_deposits", __name__, url_prefix="/deposer")
Page = str | Response
Rows = list[dict[str, str]]
BLANK_ROWS, MAX_ROWS = 5, 100
TYPED_FILE = "saisie-"
NOBODY = (
    "Votre compte ne publie pas pour cette organisation. Demandez à la personne qui s’occupe des"
    " données à l’intercommunalité de vous y rattacher."
)


def call(action: str, **data: Any) -> Any:
    """Call an action as the person at work; a refusal is a page."""
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Vous ne publiez pas pour cette organisation.")
    except toolkit.ObjectNotFound as fault:
        toolkit.abort(404, str(fault.message or "Cette page n’existe pas."))


def ask_login() -> Response | None:
    """Lead a visitor to the login page, and back."""
    if toolkit.g.user:
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else "/depots"
    return toolkit.redirect_to("user.login", came_from=back)


def problems(fault: toolkit.ValidationError) -> list[str]:
    """The sentences of a refusal."""
    told = fault.error_dict.values()
    return [str(text) for texts in told for text in (texts if isinstance(texts, list) else [texts])]


def chosen() -> Depositor:
    """For whom this page is; a person without organisation is told whom to ask."""
    who = depositor(request.args.get("pour", ""))
    return who or toolkit.abort(403, NOBODY)


deposits.before_request(ask_login)


@deposits.route("", methods=["GET", "POST"])
def index() -> Page:
    """Choose what to publish, or deposit a file that is then recognised."""
    who = chosen()
    errors: Errors = {}
    if request.method == "POST":
        answer = _receive(who, "")
        if isinstance(answer, Response):
            return answer
        errors = answer
    query = request.args.get("q", "").strip()
    listed = call("territoire_schema_list", q=query)
    deposited = call("territoire_delivery_list", organization=who.name)
    live = {each["feed"]["slug"]: each for each in deposited if each["state"] == "live"}
    shown = {
        "waiting": sum(each["state"] in ("draft", "held") for each in deposited),
        "expected": [each for each in listed if each["is_expected"]],
        "others": [each for each in listed if not each["is_expected"]],
    }
    return toolkit.render(
        "territoire/deposit_index.html",
        {**shown, "who": who, "query": query, "live": live, "errors": errors},
    )


@deposits.route("/<slug>", methods=["GET", "POST"])
def new(slug: str) -> Page:
    """Deposit for one theme: a file or an address; the grid is a page of its own."""
    who, schema = chosen(), call("territoire_schema_show", id=slug)
    errors: Errors = {}
    if request.method == "POST":
        answer = _receive(who, schema["id"])
        if isinstance(answer, Response):
            return answer
        errors = answer
    shown = {"who": who, "schema": schema, "errors": errors, "typed": request.form}
    return toolkit.render("territoire/deposit_new.html", shown)


def _receive(who: Depositor, schema_id: str) -> Response | Errors:
    """Deposit the file or the address of the form; what is refused is said."""
    upload, url = request.files.get("upload"), request.form.get("url", "").strip()
    data: dict[str, Any] = {"organization": who.name, "schema": schema_id}
    data |= {"url": url} if url else {"upload": upload}
    return _create(data)


def _create(data: dict[str, Any]) -> Response | Errors:
    try:
        made = call("territoire_delivery_create", **data)
    except toolkit.ValidationError as fault:
        return refusals(fault, delivery="url" if "url" in data else "upload")
    if made["state"] == "live":
        toolkit.h.flash_notice("Ce fichier est déjà en ligne, tel quel : il n’y a rien à faire.")
    return toolkit.redirect_to("territoire_deliveries.show", delivery_id=made["id"])


@deposits.route("/<slug>/saisir", methods=["GET", "POST"])
def enter(slug: str) -> Page:
    """Type rows; those that are in line already are there to be changed."""
    who, schema = chosen(), call("territoire_schema_show", id=slug)
    names = [control["name"] for control in schema["form"]]
    draft = _draft(request.values.get("depot", ""))
    errors: Errors = {}
    is_whole = True
    if request.method == "POST":
        rows = read_rows(request.form, names)
        if "add" not in request.form:
            answer = _create_typed(who, schema["id"], rows)
            if isinstance(answer, Response):
                _forget(draft)
                return answer
            errors = answer
    else:
        rows = _typed_rows(draft) if draft else _live_rows(who, schema)
        is_whole = len(rows) <= MAX_ROWS
        rows = rows if is_whole else []
    blank = BLANK_ROWS if "add" in request.form else max(BLANK_ROWS - len(rows), 1)
    rows = rows if errors else rows + [{}] * blank
    return toolkit.render(
        "territoire/deposit_enter.html",
        {"who": who, "schema": schema, "rows": rows, "errors": errors, "is_whole": is_whole,
         "draft": draft, "typed": request.method == "POST"},
    )  # fmt: skip


def _create_typed(who: Depositor, schema_id: str, rows: Rows) -> Response | Errors:
    if not any(any(row.values()) for row in rows):
        return {"": [sentence(Issue("TER-API-100"))]}
    return _create({"organization": who.name, "schema": schema_id, "rows": rows})


def _draft(delivery_id: str) -> Mapping[str, Any] | None:
    """The typed delivery that is taken up again."""
    if not delivery_id:
        return None
    found = call("territoire_delivery_show", id=delivery_id)
    is_typed = found["file_name"].startswith(TYPED_FILE)
    return found if is_typed and found["state"] in ("draft", "held") else None


def _forget(draft: Mapping[str, Any] | None) -> None:
    """Leave out a draft that was typed again."""
    if draft:
        call("territoire_delivery_refuse", id=draft["id"])


def _typed_rows(draft: Mapping[str, Any]) -> Rows:
    with files.path_of(draft["sha256"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _live_rows(who: Depositor, schema: Mapping[str, Any]) -> Rows:
    """The rows that are in line, from the clean file of the commune, then those that wait to be
    corrected: what is typed replaces them all."""
    listed = call("territoire_delivery_list", organization=who.name, schema=schema["slug"])
    live = next((each for each in listed if each["state"] == "live"), None)
    if live is None or not live["feed"]["resource_id"]:
        return []
    try:
        resource = call("resource_show", id=live["feed"]["resource_id"])
        with files.path_of(resource["hash"]).open(encoding="utf-8", newline="") as file:
            good = [_as_typed(row, schema["form"]) for row in csv.DictReader(file)]
    except OSError:
        return []
    bad = call("territoire_delivery_rows", id=live["id"], limit=MAX_ROWS + 1)
    return good + [row["cells"] for row in bad]


def _as_typed(row: Mapping[str, str], form: list[dict[str, Any]]) -> dict[str, str]:
    """Write a clean row in the words of the controls: « true » is the word for yes."""
    told = dict(row)
    for control in form:
        words = {"Oui": "true", "Non": "false"}
        for choice in control["choices"]:
            if words.get(choice["label"]) == told.get(control["name"]):
                told[control["name"]] = choice["value"]
    return told
