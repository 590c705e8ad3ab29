"""The pages of what was deposited: the list, the report, the decision, the grid of bad rows.

Each page only calls the actions of `logic/delivery.py`, which check the rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request, stream_with_context

from ckanext.territoire.delivery.merged import load_merged
from ckanext.territoire.delivery.references import references
from ckanext.territoire.portal.bad_rows import to_csv
from ckanext.territoire.portal.deposit_grid import read_corrections, to_grid
from ckanext.territoire.portal.deposit_view import Beside, read_choice, to_report
from ckanext.territoire.portal.deposit_words import STATES, WAYS
from ckanext.territoire.portal.deposits import ask_login, call, chosen, problems
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.typography import count
from schemas.load import find

deliveries = Blueprint("territoire_deliveries", __name__, url_prefix="/depots")
deliveries.before_request(ask_login)
Page = str | Response
PAGE, AT_ONCE = 25, 1_000
WAITING = ("draft", "held")


def _back(delivery_id: str) -> Response:
    return toolkit.redirect_to("territoire_deliveries.show", delivery_id=delivery_id)


def _try(action: str, **data: Any) -> Any:
    """Call an action; answer `None` when it is refused, and say why on the next page."""
    try:
        return call(action, **data)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(problems(fault)))
        return None


@deliveries.route("")
def index() -> str:
    """What was deposited for an organisation: what waits first, then the newest."""
    who = chosen()
    listed = call("territoire_delivery_list", organization=who.name)
    names = _names({each["by_id"] for each in listed})
    return toolkit.render(
        "territoire/deposit_list.html",
        {
            "who": who,
            "waiting": [each for each in listed if each["state"] in WAITING],
            "past": [each for each in listed if each["state"] not in WAITING],
            "states": STATES,
            "ways": WAYS,
            "names": names,
        },
    )


def _names(user_ids: set[str]) -> dict[str, str]:
    """Name the people who deposited, as far as the reader may know them."""
    found = {}
    for user_id in user_ids - {""}:
        try:
            shown = toolkit.get_action("user_show")({"user": toolkit.g.user}, {"id": user_id})
            found[user_id] = shown["display_name"]
        except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
            continue
    return found


@deliveries.route("/<delivery_id>")
def show(delivery_id: str) -> str:
    """The report of a delivery, and what can be done with it."""
    delivery = call("territoire_delivery_show", id=delivery_id)
    feed = delivery["feed"]
    around = call(
        "territoire_delivery_list", organization=feed["organization_id"], schema=feed["slug"]
    )
    own = [each for each in around if each["feed_id"] == delivery["feed_id"]]
    live = next((each for each in own if each["state"] == "live"), None)
    former = next((each for each in own if each["state"] == "replaced"), None)
    beside = Beside(live if live and live["id"] != delivery_id else None, communes_of(delivery))
    return toolkit.render(
        "territoire/deposit_show.html",
        {
            "delivery": delivery,
            "report": to_report(delivery, beside),
            "former": former,
            "merged": _merged(feed["slug"]) if delivery["state"] == "live" else None,
            "states": STATES,
            "ways": WAYS,
        },
    )


def communes_of(delivery: Mapping[str, Any]) -> dict[str, str]:
    """Name the communes of the rows."""
    wanted = set(delivery["report"].get("communes") or ())
    return {each.insee: each.name for each in references().communes if each.insee in wanted}


def _merged(slug: str) -> Mapping[str, Any] | None:
    """The dataset of the merged table."""
    found = load_merged(slug)
    return call("package_show", id=found.dataset_id) if found else None


@deliveries.route("/<delivery_id>/publier", methods=["POST"])
def publish(delivery_id: str) -> Response:
    """Publish the good rows; `accept` are the reasons that were looked at."""
    accepted = request.form.getlist("accept")
    done = _try("territoire_delivery_publish", id=delivery_id, accept=accepted)
    if done and done["state"] == "live":
        toolkit.h.flash_success(f"{count(done['good'], 'ligne publiée', 'lignes publiées')}.")
    return _back(delivery_id)


@deliveries.route("/<delivery_id>/refuser", methods=["POST"])
def refuse(delivery_id: str) -> Response:
    """Leave a delivery out."""
    if _try("territoire_delivery_refuse", id=delivery_id):
        toolkit.h.flash_success("Dépôt refusé. Ce qui est en ligne n’a pas changé.")
    return _back(delivery_id)


@deliveries.route("/<delivery_id>/annuler", methods=["POST"])
def undo(delivery_id: str) -> Response:
    """Take back the delivery that is live: this one, and not the one that came after it."""
    if call("territoire_delivery_show", id=delivery_id)["state"] != "live":
        toolkit.h.flash_error("Ce dépôt n’est plus en ligne : il n’y a rien à annuler.")
        return _back(delivery_id)
    done = _try("territoire_delivery_undo", id=delivery_id)
    if done:
        live = done["live"]
        told = (
            f"{count(live['good'], 'ligne d’avant est revenue', 'lignes d’avant sont revenues')}"
            if live
            else "ses lignes ne sont plus en ligne"
        )
        toolkit.h.flash_success(f"Publication annulée : {told}.")
    return _back(delivery_id)


@deliveries.route("/<delivery_id>/choisir", methods=["POST"])
def choose(delivery_id: str) -> Response:
    """Read the file another way: its template, its sheet, its columns."""
    delivery = call("territoire_delivery_show", id=delivery_id)
    schema_id = request.form.get("schema") or delivery["schema_id"]
    is_reset = "again" in request.form or schema_id != delivery["schema_id"]
    choice = {} if is_reset else read_choice(request.form, delivery)
    if _try("territoire_delivery_choose", id=delivery_id, schema=schema_id, choice=choice):
        toolkit.h.flash_success("Le fichier a été relu.")
    return _back(delivery_id)


@deliveries.route("/<delivery_id>/corriger", methods=["GET", "POST"])
def correct(delivery_id: str) -> Page:
    """The grid of the bad rows; what was corrected is checked at once."""
    delivery = call("territoire_delivery_show", id=delivery_id)
    schema = find(delivery["schema_id"])
    if schema is None or delivery["state"] not in (*WAITING, "live"):
        toolkit.h.flash_error("Les lignes de ce dépôt n’attendent plus de correction.")
        return _back(delivery_id)
    after = request.values.get("apres", 0, int)
    rows = call("territoire_delivery_rows", id=delivery_id, limit=AT_ONCE, after=after)
    errors: Errors = {}
    if request.method == "POST":
        answer = _correct(delivery, rows)
        if isinstance(answer, Response):
            return answer
        errors = answer
    grid = to_grid(rows, schema, (after, PAGE), request.form)
    shown = {"delivery": delivery, "report": to_report(delivery), "grid": grid, "errors": errors}
    return toolkit.render("territoire/deposit_correct.html", shown)


def _correct(delivery: Mapping[str, Any], rows: list[dict[str, Any]]) -> Response | Errors:
    wishes = read_corrections(request.form, rows)
    if not wishes:
        return {"": ["Aucune valeur n’a été changée."]}
    try:
        done = call("territoire_delivery_correct", id=delivery["id"], corrections=wishes)
    except toolkit.ValidationError as fault:
        return refusals(fault, delivery="")
    mended = max((delivery["bad"] or 0) - (done["bad"] or 0), 0)
    toolkit.h.flash_success(
        f"{count(len(wishes), 'correction enregistrée', 'corrections enregistrées')}\u00a0: "
        f"{count(mended, 'ligne est devenue bonne', 'lignes sont devenues bonnes')}."
    )
    return _back(done["id"])


@deliveries.route("/<delivery_id>/lignes-a-corriger.csv")
def bad_rows(delivery_id: str) -> Response:
    """The bad rows with their reasons, for a spreadsheet; formulas are defused."""
    delivery = call("territoire_delivery_show", id=delivery_id)
    schema = find(delivery["schema_id"])
    if schema is None:
        toolkit.abort(404, "Ce dépôt n’a pas de modèle : ses lignes ne sont pas contrôlées.")
    lines = stream_with_context(to_csv(schema, _every_row(delivery_id)))
    answer = Response(lines, mimetype="text/csv")
    name = f"lignes-a-corriger-{schema.slug}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    request.environ["__no_cache__"] = True  # CKAN then keeps it out of shared caches
    return answer


def _every_row(delivery_id: str) -> Iterator[Mapping[str, Any]]:
    after = 0
    while rows := call("territoire_delivery_rows", id=delivery_id, limit=AT_ONCE, after=after):
        yield from rows
        after = rows[-1]["line"]
