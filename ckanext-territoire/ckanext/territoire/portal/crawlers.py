"""What robots and feed readers ask: the list of pages, what moved lately.

Sources: sitemaps.org protocol 0.9 (50,000 addresses a file at most), RFC 4287 (Atom). What may be
walked is said in `templates/home/robots.txt` (RFC 9309).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from feedgen.feed import FeedGenerator
from flask import Blueprint, Response, request

from ckanext.territoire.portal.community_feeds import contributed
from ckanext.territoire.portal.identity_pages import look
from ckanext.territoire.portal.markup import to_extract
from ckanext.territoire.publishers import find
from ckanext.territoire.webhooks.datasets import left_lately

crawlers = Blueprint("territoire_crawlers", __name__)
PER_FILE = 20_000
ENTRIES = 50
XML = '<?xml version="1.0" encoding="utf-8"?>'
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
PUBLIC = "state = 'active' AND NOT private AND type = 'dataset'"
COUNT = sa.text(f"SELECT count(*) FROM package WHERE {PUBLIC}")
PAGE = sa.text(f"""
    SELECT name, metadata_modified FROM package WHERE {PUBLIC}
     ORDER BY id LIMIT :limit OFFSET :offset
""")
COMMUNES = sa.text("""
    SELECT name FROM "group" WHERE is_organization AND state = 'active' ORDER BY name
""")
FIXED = ("/", "/communes", "/suivi", "/utilisation", "/reutilisations", "/defis", "/questions",
         "/modeles", "/organization/", "/about")  # fmt: skip


@crawlers.route("/sitemap.xml")
def sitemap() -> Response:
    """List the pages, or the files that list them when they are many."""
    with model.meta.engine.connect() as connection:
        total = int(connection.execute(COUNT).scalar_one())
    if total <= PER_FILE:
        return _urls([*_fixed(), *_datasets(0)])
    parts = -(-total // PER_FILE)
    places = [f"{_site()}/sitemap-{number}.xml" for number in range(parts + 1)]
    lines = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>" for place in places)
    return _answer(
        f'{XML}<sitemapindex xmlns="{SITEMAP}">{lines}</sitemapindex>', "application/xml"
    )


@crawlers.route("/sitemap-<int:number>.xml")
def part(number: int) -> Response:
    """List a part: 0 is what is no dataset."""
    found = list(_datasets((number - 1) * PER_FILE)) if number else list(_fixed())
    return _urls(found) if found else toolkit.abort(404, "Cette liste n’existe pas.")


@crawlers.route("/flux/donnees.atom")
def latest() -> Response:
    """The datasets that moved lately."""
    return _feed(f"{toolkit.config['ckan.site_title']}\u00a0: dernières mises à jour", "")


@crawlers.route("/flux/producteurs/<name>.atom")
def of_publisher(name: str) -> Response:
    """The datasets of a publisher that moved lately, those that went to another one included."""
    publisher = find(name)
    if not publisher:
        return toolkit.abort(404, "Aucun producteur ne porte ce nom.")
    left = [_of_one_left(row, publisher.title, publisher.id)
            for row in left_lately(publisher.id, ENTRIES)]  # fmt: skip
    query = f'owner_org:"{publisher.id}"'
    return _feed(f"{publisher.title}\u00a0: dernières mises à jour", query, left)


def _of_one_left(row: dict[str, Any], publisher: str, publisher_id: str) -> dict[str, Any]:
    """An entry for a dataset that another publisher has by now."""
    told = f"Ce jeu de données n’est plus publié par {publisher}, mais par {row['publisher']}."
    return {
        "id": f"{row['dataset_id']}#producteur-{publisher_id}",
        "name": row["name"],
        "title": f"{row['title']} (changement de producteur)",
        "notes": told,
        "metadata_modified": row["at"].isoformat(),
        "metadata_created": row["metadata_created"].isoformat(),
        "organization": {"title": row["publisher"]},
    }


def _feed(title: str, query: str, left: Sequence[dict[str, Any]] = ()) -> Response:
    moved = toolkit.get_action("package_search")({}, {
        "fq": f"dataset_type:dataset {query}".strip(),
        "rows": ENTRIES,
        "sort": "metadata_modified desc",
        "include_private": False,
    })["results"]  # fmt: skip
    found = sorted([*moved, *left], key=lambda each: each["metadata_modified"], reverse=True)
    own = f"{_site()}{request.path}"
    feed = FeedGenerator()
    feed.id(own)
    feed.title(title)
    feed.language("fr")
    feed.link(href=own, rel="self", type="application/atom+xml")
    feed.link(href=f"{_site()}/dataset/", rel="alternate", type="text/html")
    if logo := look()["logo"]:
        feed.logo(f"{_site()}{logo[0]}")
        feed.icon(f"{_site()}{look()['icon']}")
    feed.author(name=str(toolkit.config["ckan.site_title"]))
    feed.updated(f"{found[0]['metadata_modified']}Z" if found else "1970-01-01T00:00:00Z")
    for package in found[:ENTRIES]:
        _add_entry(feed, package)
    return _answer(feed.atom_str().decode(), "application/atom+xml; charset=utf-8")


def _add_entry(feed: Any, package: dict[str, Any]) -> None:
    entry = feed.add_entry(order="append")
    entry.id(f"{_site()}/dataset/{package['id']}")
    title = package.get("title") or package["name"]
    entry.title(title)
    entry.link(href=f"{_site()}/dataset/{package['name']}", rel="alternate", type="text/html")
    entry.updated(f"{package['metadata_modified']}Z")
    entry.published(f"{package['metadata_created']}Z")
    entry.summary(to_extract(package.get("notes"), 400) or title)
    if package.get("organization"):
        entry.author(name=package["organization"]["title"] or package["organization"]["name"])


def _fixed() -> Iterator[tuple[str, str]]:
    yield from ((place, "") for place in FIXED)
    with model.meta.engine.connect() as connection:
        names: Sequence[str] = connection.execute(COMMUNES).scalars().all()
    yield from ((f"/organization/{name}", "") for name in names)
    for each in toolkit.get_action("territoire_commune_list")({}, {}):
        yield f"/commune/{each['slug']}", ""
    yield from contributed()


def _datasets(offset: int) -> Iterator[tuple[str, str]]:
    with model.meta.engine.connect() as connection:
        rows = connection.execute(PAGE, {"limit": PER_FILE, "offset": offset}).all()
    return ((f"/dataset/{row.name}", row.metadata_modified.date().isoformat()) for row in rows)


def _urls(places: Sequence[tuple[str, str]]) -> Response:
    lines = "".join(
        f"<url><loc>{escape(_site() + path)}</loc>"
        f"{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for path, day in places
    )
    return _answer(f'{XML}<urlset xmlns="{SITEMAP}">{lines}</urlset>', "application/xml")


def _answer(text: str, kind: str) -> Response:
    answer = Response(text, content_type=kind)
    answer.headers["Cache-Control"] = "public, max-age=600"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _site() -> str:
    return str(toolkit.config["ckan.site_url"]).rstrip("/")
