"""Where those who publish read what people send: reuses, questions, challenges taken up.

Each page only calls the actions of `logic/contribution.py`, which check the rights.
"""

from __future__ import annotations

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import publishers
from ckanext.territoire.community import queue, reuse_store
from ckanext.territoire.community.link_check import DEAD
from ckanext.territoire.community.model import Kind, State
from ckanext.territoire.community.words import KINDS, STATES, TOGETHER, said_done, said_together
from ckanext.territoire.logic.reuse import public_reuse
from ckanext.territoire.portal.contribution_door import to_errors
from ckanext.territoire.portal.contribution_view import EVERYBODY, about, read_asked, with_acts
from ckanext.territoire.portal.deposits import ask_login, call, chosen
from ckanext.territoire.portal.refused import Errors, of_item
from ckanext.territoire.portal.reuse_pages import words
from ckanext.territoire.portal.typography import count

received = Blueprint("territoire_received", __name__, url_prefix="/pilotage/contributions")
received.before_request(ask_login)
SHORT = 10  # decisions under what waits; all of them have a page of their own
PLACES = ("pour", "genre", "vue", "apres")


@received.route("")
def index() -> str:
    """What waits to be read, then what was decided, and the links that are dead."""
    return _render({}, "")


@received.route("/<contribution_id>", methods=["POST"])
def decide(contribution_id: str) -> str | Response:
    """Decide of one."""
    data = {name: request.form.get(name, "") for name in ("state", "seen", "answer")}
    try:
        done = call("territoire_contribution_decide", id=contribution_id, **data)
    except toolkit.ValidationError as fault:
        return _render(of_item(to_errors(fault), contribution_id), contribution_id)
    toolkit.h.flash_success(said_done(Kind(done["kind"]), State(done["state"])))
    return _back()


@received.route("/<contribution_id>/annuler", methods=["POST"])
def undo(contribution_id: str) -> Response:
    """Put back what the last decision has changed."""
    try:
        call("territoire_contribution_undo", id=contribution_id)
        toolkit.h.flash_success(
            "La décision est annulée ; l’auteur en est prévenu s’il l’avait su."
        )
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(_flat(fault)))
    return _back()


@received.route("/ensemble", methods=["POST"])
def decide_together() -> Response:
    """Decide of all that are ticked, in one way; or undo what was decided of them."""
    ticked, act = request.form.getlist("chosen")[: queue.PAGE], request.form.get("act", "")
    if not ticked or act not in TOGETHER:
        toolkit.h.flash_notice("Cochez d’abord les contributions dont vous décidez.")
        return _back()
    done, faults = 0, []
    for each in ticked:
        contribution_id, _, seen = each.partition(" ")
        try:
            if act == "undo":
                call("territoire_contribution_undo", id=contribution_id)
            else:
                call("territoire_contribution_decide", id=contribution_id, seen=seen, state=act,
                     answer=request.form.get("answer", ""))  # fmt: skip
            done += 1
        except toolkit.ValidationError as fault:
            faults += _flat(fault)
    if done:
        toolkit.h.flash_success(said_together(act, done))
    for fault in dict.fromkeys(faults):
        toolkit.h.flash_error(fault)
    return _back()


def _flat(fault: toolkit.ValidationError) -> list[str]:
    return [text for each in to_errors(fault).values() for text in each]


def waiting_contributions(organization: str = "") -> int:
    """Count what nobody of an organisation (its name), or of all, has read. A template helper."""
    owner = publishers.find(organization) if organization else None
    return sum(each.unread for each in queue.counts([owner.id] if owner else None))


def _back() -> Response:
    told = {name: request.args[name] for name in PLACES if request.args.get(name)}
    return toolkit.redirect_to("territoire_received.index", **told)


def _render(errors: Errors, refused: str = "") -> str:
    asked = read_asked(request.args)
    who = None if asked.is_all else chosen()
    listed = call("territoire_contribution_list", **asked.to_action(who.name if who else ""))
    is_first = not asked.after and not asked.is_past
    past = listed["decided"] if asked.is_past else listed["decided"][:SHORT] if is_first else []
    waiting = [] if asked.is_past else listed["waiting"]
    counted = listed["counts"]
    unread = sum(each["unread"] for each in counted)
    return toolkit.render("territoire/contribution_list.html", {
        "who": who,
        "asked": asked,
        "waiting": [with_acts(each) for each in waiting],
        "decided": [with_acts(each) for each in past],
        "more_decided": not asked.is_past and len(listed["decided"]) > SHORT,
        "next": listed["next_decided" if asked.is_past else "next"],
        "choices": asked.choices(counted, who),
        "about": about([*waiting, *past]),
        "kinds": {kind.value: label for kind, label in KINDS.items()},
        "states": {state.value: told for state, told in STATES.items()},
        "dead": [public_reuse(e) | {"fault": e.link_fault, "id": e.contribution.id,
                 "asked_at": e.link_asked_at} for e in reuse_store.dead_links(DEAD)]
        if asked.is_all and is_first else [],
        "errors": errors,
        "refused": refused,
        "typed": request.form,
        "everybody": EVERYBODY,
        "headline": count(unread, "contribution à lire", "contributions à lire"),
        **words(),
    })  # fmt: skip
