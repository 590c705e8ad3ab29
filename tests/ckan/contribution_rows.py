"""Contributions that tests begin with, and what they read of pages and letters."""

from __future__ import annotations

import io
import re
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from PIL import Image

from ckanext.territoire import minute
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.mail_sink import Sink

CHALLENGE = {
    "title": "Trouver où remplir sa gourde", "body": "Une **carte** des fontaines.",
    "contact": "Service eau, eau@mairie.example", "prize": "", "until": "2027-06-30",
}  # fmt: skip
REUSE = {
    "title": "La carte des arbres", "body": "Chaque **arbre**, son espèce et son âge.",
    "author": "Association Racines", "url": "https://racines.example/carte", "type": "carte",
    "theme": "transition-ecologique",
}  # fmt: skip
TREES = {
    "name": "arbres", "title": "Arbres des parcs", "notes": "Un inventaire.",
    "owner_org": "acigne", "license_id": "lov2", "communes": ["35001"], "frequency": "yearly",
    "theme": ["transition-ecologique"],
}  # fmt: skip
LINK = re.compile(r"https?://[^/\s]+(/contribution/[^\s]+)")


def forget_contributions() -> None:
    """Empty what people sent."""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM territoire_contribution"))
        connection.execute(sa.text("DELETE FROM territoire_challenge"))
    minute.forget()


def picture(width: int = 1600, height: int = 900, kind: str = "JPEG") -> io.BytesIO:
    """A picture as a visitor sends one."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "seagreen").save(out, kind)
    out.seek(0)
    return out


def propose(**more: Any) -> dict[str, Any]:
    """A reuse of the trees, proposed by the account of a commune; answers its contribution."""
    data = REUSE | {"datasets": ["arbres"]} | more
    return toolkit.get_action("territoire_reuse_create")({"user": "mairie"}, data)


def accepted(**more: Any) -> str:
    """The address of a reuse that the EPCI has accepted."""
    made = propose(**more)
    decide(made["id"], "accepted")
    minute.forget()
    return slug_of(made["id"])


def slug_of(contribution_id: str) -> str:
    query = "SELECT slug FROM territoire_reuse WHERE contribution_id::text = :id"
    with model.meta.engine.connect() as connection:
        return str(connection.execute(sa.text(query), {"id": contribution_id}).scalar_one())


def decide(contribution_id: str, state: str, answer: str = "", user: str = "agent") -> Any:
    action = toolkit.get_action("territoire_contribution_decide")
    return action({"user": user}, {"id": contribution_id, "state": state, "answer": answer})


def ask(**more: Any) -> dict[str, Any]:
    """A question on the trees, by the account of a neighbour."""
    data = {"title": "Les arbres abattus y sont-ils ?", "dataset": "arbres"} | more
    return toolkit.get_action("territoire_question_create")({"user": "voisine"}, data)


def challenge(user: str = "mairie", **more: Any) -> dict[str, Any]:
    """A published challenge of Acigné."""
    data = CHALLENGE | {"organization": "acigne", "datasets": ["arbres"]} | more
    made = toolkit.get_action("territoire_challenge_create")({"user": user}, data)
    move = toolkit.get_action("territoire_challenge_move")
    return move({"user": user}, {"id": made["id"], "state": "open"})


def make_trees() -> None:
    act("package_create", **TREES)


def own_page(sink: Sink, at: int = -1) -> str:
    """The address of the author's page, as the letter gives it."""
    found = LINK.search(sink.text(at))
    assert found, sink.text(at)
    return found[1]


def text(page: Page) -> str:
    """What a page says in its main part, with plain spaces."""
    told = page.tree.xpath("//main")[0].text_content()
    return " ".join(told.replace("\xa0", " ").replace("\u202f", " ").split())


def form_at(page: Page, part: str) -> Any:
    """The form of a page whose address or name holds this."""
    return next(f for f in page.tree.forms if part in (f.get("action") or "") + (f.get("id") or ""))


def press(browser: Browser, page: Page, form: Any, name: str, value: str, **typed: Any) -> Page:
    """Press one button of a form."""
    return browser.send(page, form, typed, (name, value))
