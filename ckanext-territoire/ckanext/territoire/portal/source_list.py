"""The officer's screen of all sources: health first, what changed, what to do next."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import current_app, request

from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.portal import source_words
from ckanext.territoire.portal.source_pages import call, show_page, sources
from ckanext.territoire.portal.source_words import Wanted
from ckanext.territoire.territory.officers import is_officer

__all__ = ["sources"]
REVIEWS = "/moissons/a-relire"
FOR_OFFICERS = (
    ("/moissons/doublons", "Doublons"),
    ("/moissons/decouvrir", "Découvrir des sources"),
)


@sources.route("/")
def index() -> str:
    """Every source that the reader may change, what needs somebody first."""
    if not toolkit.g.user:
        toolkit.abort(403, "Connectez-vous pour voir les moissons.")
    listed = source_words.sort_sources(call("territoire_source_list"))
    wanted, now = source_words.read_wanted(request.args), utc_now()
    found = source_words.with_words(listed, wanted.words)
    shown = [each for each in found if wanted.health in ("", each["health"])]
    return show_page(
        "source_list.html",
        total=len(listed),
        waiting=sum(_act(each) is not None for each in listed),
        wanted=wanted,
        counts=source_words.count_states(found),
        lines=[_line(each, now) for each in shown],
        beside=_beside(sum(each["reviews"] for each in listed)),
        here=_here(wanted),
    )


def _line(each: dict[str, Any], now: Any) -> dict[str, Any]:
    return {
        "source": each,
        "state": source_words.BY_HEALTH[each["health"]],
        "said": source_words.say_state(each),
        "week": source_words.say_week(each),
        "last": source_words.say_last(each, now),
        "next": source_words.say_coming(each, now),
        "act": _act(each),
    }


def _act(each: dict[str, Any]) -> dict[str, str] | None:
    """The next thing to do, and where; `None` when there is nothing."""
    page = toolkit.url_for("territoire_sources.show", name=each["name"])
    run = each["last_ended"]
    report = f"{page}/{run['job_id']}" if run else page
    review = REVIEWS if _exists(REVIEWS) else page
    acts = {
        "decide": ("Voir et décider", report if each["is_held"] else page),
        "failing": ("Lire le compte rendu", report),
        "partial": ("Lire le compte rendu", report),
        "empty": ("Lire le compte rendu", report),
        "late": ("Voir la source", page),
        "review": ("Relire", f"{review}?source={each['name']}"),
        "draft": ("Essayer de nouveau", page),
    }
    label, url = acts.get(each["health"], ("", ""))
    return {"label": label, "url": url} if label else None


def _beside(reviews: int) -> list[dict[str, Any]]:
    """The pages beside this one, as far as they exist."""
    pages = [(REVIEWS, "À relire"), *(FOR_OFFICERS if is_officer(toolkit.g.user) else ())]
    return [
        {"url": path, "label": label, "count": reviews if path == REVIEWS else 0}
        for path, label in pages
        if _exists(path)
    ]


def _exists(path: str) -> bool:
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def _here(wanted: Wanted) -> Any:
    def address(health: str) -> str:
        told = {"etat": health, "q": wanted.words}
        query = {name: value for name, value in told.items() if value}
        return str(toolkit.url_for("territoire_sources.index", **query))

    return address
