"""The guides of `docs/guides`, shown in the portal's help: `/aide`, `/aide/<guide>`.

A guide is Markdown of ours: its first line is its title, its first paragraph says what it is for.
The folder `guides` beside this package leads to them, and the wheel carries them as its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import markdown as md
from ckan.plugins import toolkit
from flask import Blueprint
from markupsafe import Markup

from ckanext.territoire.portal.markup import to_extract
from ckanext.territoire.portal.typography import spaced

guides = Blueprint("territoire_guides", __name__, url_prefix="/aide")
FOLDER = Path(__file__).resolve().parents[1] / "guides"
FIRST = ("habitants", "reutilisations", "agent-commune", "publier-un-jeu", "agent-epci",
         "ajouter-une-source", "moisson-retenue")  # fmt: skip
SITE = "SITE"  # what examples write for the address of this site
CODE = re.compile(r"(<(?:pre|code)>.*?</(?:pre|code)>)", re.DOTALL)
TO_GUIDE = re.compile(r'href="(?:\./)?([a-z0-9-]+)\.md')


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: the name of its page, its title, what it is for, its text in Markdown."""

    name: str
    title: str
    purpose: str
    text: str


def load_guides() -> list[Guide]:
    """Load every guide, those of the most people first."""
    found = [_load(file) for file in sorted(FOLDER.glob("*.md"))]
    rank = {name: number for number, name in enumerate(FIRST)}
    return sorted(found, key=lambda each: rank.get(each.name, len(rank)))


def _load(file: Path) -> Guide:
    head, _, body = file.read_text(encoding="utf-8").partition("\n")
    first = body.strip().split("\n\n", maxsplit=1)[0]
    return Guide(file.stem, spaced(head.removeprefix("# ").strip()), to_extract(first), body)


def to_page(guide: Guide) -> Markup:
    """Turn a guide into HTML, spaced as French is, but for what is to be typed as it stands; a
    link to another guide leads to its page."""
    told = guide.text.replace(SITE, str(toolkit.config["ckan.site_url"]))
    parts = CODE.split(md.markdown(told, extensions=["tables", "sane_lists", "toc"]))
    html = "".join(part if part.startswith(("<pre", "<code")) else spaced(part) for part in parts)
    framed = html.replace("<table>", '<div class="table-frame" tabindex="0"><table class="table">')
    framed = framed.replace("</table>", "</table></div>")
    return Markup(TO_GUIDE.sub(r'href="/aide/\1', framed))


@guides.route("")
def index() -> str:
    """List the guides."""
    return toolkit.render("territoire/guide_list.html", {"guides": load_guides()})


@guides.route("/<name>")
def show(name: str) -> str:
    """Show a guide."""
    found = next((each for each in load_guides() if each.name == name), None)
    if found is None:
        return toolkit.abort(404, "Ce guide n’existe pas.")
    shown = {"guide": found, "text": to_page(found)}
    return toolkit.render("territoire/guide_show.html", shown)
