"""Questions on the data and their public answers; and asking for data that nobody publishes yet.

Nothing is shown before those who publish the data have read it (`portal/contribution_pages.py`).
"""

from __future__ import annotations

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import publishers
from ckanext.territoire.community import store
from ckanext.territoire.community.datasets import Dataset, epci_id, public_datasets
from ckanext.territoire.community.written import clean
from ckanext.territoire.logic.question import LISTED, public_question
from ckanext.territoire.portal import contribution_door as door
from ckanext.territoire.portal.reuse_pages import Pages

questions = Blueprint("territoire_questions", __name__, url_prefix="/questions")
requests = Blueprint("territoire_requests", __name__)
FIELDS = ("title", "body", "author", "email")


@questions.route("")
def index() -> str:
    """The public questions: those on a dataset (`jeu`), else all."""
    dataset = _dataset()
    page = min(max(request.args.get("page", 1, int), 1), 10_000)
    asked = {"dataset": dataset.id if dataset else "", "offset": (page - 1) * LISTED}
    found = toolkit.get_action("territoire_question_list")({}, asked)
    pages = Pages(page, -(-found["total"] // LISTED))
    return toolkit.render(
        "territoire/question_list.html", {**found, "dataset": dataset, "pages": pages}
    )


@questions.route("/<question_id>")
def show(question_id: str) -> str:
    """One question with its answer."""
    found = store.question(question_id)
    if found is None:
        return toolkit.abort(404, "Cette question n’existe pas, ou n’est pas montrée.")
    about = public_datasets(store.datasets_of(found.id))
    return toolkit.render("territoire/question_show.html", {
        "question": public_question(found),
        "datasets": [{"name": each.name, "title": each.title} for each in about],
    })  # fmt: skip


@questions.route("/poser", methods=["GET", "POST"])
def ask() -> str | Response:
    """Ask a question on a dataset (`jeu`)."""
    return _asked(_dataset())


@requests.route("/demander", methods=["GET", "POST"])
def new() -> str | Response:
    """Ask for data that nobody publishes yet."""
    return _asked(None)


def _asked(dataset: Dataset | None) -> str | Response:
    errors: door.Errors = {}
    wait = 0
    if request.method == "POST":
        wait = door.wait_s()
        errors = door.too_fast() if wait else _send(dataset)
        if not errors:
            if dataset:
                return toolkit.redirect_to("dataset.read", id=dataset.name)
            return toolkit.redirect_to("territoire_questions.index")
    reader = publishers.find(dataset.org_id if dataset else epci_id())
    shown = {"dataset": dataset, "errors": errors, "typed": request.form, "reader": reader}
    return door.answered("territoire/question_new.html", shown, wait)


def _send(dataset: Dataset | None) -> door.Errors:
    if door.is_robot():
        door.thank(None)
        return {}
    data = {name: request.form.get(name, "") for name in FIELDS}
    made, errors = door.send(
        "territoire_question_create", data | {"dataset": dataset.id if dataset else ""}
    )
    if not errors:
        door.thank(made)
    return errors


def _dataset() -> Dataset | None:
    """The dataset of the address; one that nobody sees is no page."""
    asked = clean(request.args.get("jeu"))
    named = public_datasets([asked]) if asked else ()
    if asked and not named:
        toolkit.abort(404, "Ce jeu de données n’existe pas, ou n’est pas public.")
    return named[0] if named else None
