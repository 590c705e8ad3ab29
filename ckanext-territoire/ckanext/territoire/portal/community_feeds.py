"""The Atom feeds of reuses and of challenges (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from feedgen.feed import FeedGenerator
from flask import Blueprint, Response, request

from ckanext.territoire.community import challenge_store
from ckanext.territoire.logic.challenge import challenge_to_dict
from ckanext.territoire.portal.markup import to_extract
from ckanext.territoire.portal.typography import PARIS

feeds = Blueprint("territoire_feeds", __name__, url_prefix="/flux")
ENTRIES = 50
PAGES = sa.text("""
    SELECT '/reutilisations/' || r.slug AS path, c.changed_at::date AS day
      FROM territoire_reuse r JOIN territoire_contribution c ON c.id = r.contribution_id
     WHERE c.state = 'accepted'
     UNION ALL
    SELECT '/defis/' || slug, changed_at::date FROM territoire_challenge WHERE state = 'open'
     ORDER BY 1 LIMIT 20000
""")


@feeds.route("/reutilisations.atom")
def reuses() -> Response:
    """The reuses that were accepted lately."""
    found = toolkit.get_action("territoire_reuse_list")({}, {"limit": ENTRIES})["reuses"]
    told = [{**each, "at": each["published_at"]} for each in found]
    return _feed("réutilisations", "/reutilisations", told)


@feeds.route("/defis.atom")
def challenges() -> Response:
    """The challenges that are open."""
    today = datetime.now(PARIS).date()
    told = [
        {**challenge_to_dict(each), "page": f"{_site()}/defis/{each.challenge.slug}",
         "author": challenge_to_dict(each)["organization_title"],
         "at": f"{each.challenge.changed_at.isoformat(timespec='seconds')}Z"}
        for each in challenge_store.public(today, ENTRIES) if each.challenge.is_open_on(today)
    ]  # fmt: skip
    return _feed("défis ouverts", "/defis", told)


def contributed() -> Iterator[tuple[str, str]]:
    """The pages of reuses and challenges for the list of pages: address, and day of change."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(PAGES).all()
    return ((row.path, row.day.isoformat()) for row in rows)


def _feed(title: str, page: str, entries: Iterable[Mapping[str, Any]]) -> Response:
    own, told = f"{_site()}{request.path}", list(entries)
    feed = FeedGenerator()
    feed.id(own)
    feed.title(f"{toolkit.config['ckan.site_title']}\u00a0: {title}")
    feed.language("fr")
    feed.link(href=own, rel="self", type="application/atom+xml")
    feed.link(href=f"{_site()}{page}", rel="alternate", type="text/html")
    feed.author(name=str(toolkit.config["ckan.site_title"]))
    feed.updated(max((each["at"] for each in told), default="1970-01-01T00:00:00Z"))
    for each in told:
        entry = feed.add_entry(order="append")
        entry.id(each["page"])
        entry.title(each["title"])
        entry.link(href=each["page"], rel="alternate", type="text/html")
        entry.updated(each["at"])
        entry.author(name=each["author"] or str(toolkit.config["ckan.site_title"]))
        entry.summary(to_extract(each["body"], 400) or each["title"])
    answer: Any = Response(feed.atom_str(), content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=600"
    answer.add_etag()
    return answer.make_conditional(request)


def _site() -> str:
    return str(toolkit.config["ckan.site_url"]).rstrip("/")
