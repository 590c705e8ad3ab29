"""One screen for all sources: what needs somebody first, few statements, each its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import event

from ckanext.territoire.harvest_adapter import rights
from tests.ckan.form_browser import Browser, Page
from tests.ckan.harvest_rows import add_run, add_source, execute
from tests.ckan.people import PEOPLE, make_territory

ORGANIZATIONS = ("rennes-metropole", "acigne", "betton", "cesson-sevigne")


@pytest.fixture
def territory(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_territory(tmp_path, monkeypatch)


pytestmark = pytest.mark.usefixtures("territory")


def listed(user: str = "agent") -> list[dict[str, Any]]:
    return list(toolkit.get_action("territoire_source_list")({"user": user}, {}))


def text_of(page: Page) -> str:
    text = " ".join(page.tree.text_content().split())
    return text.replace("\xa0", " ").replace("\u202f", " ")


def sources_of(page: Page) -> list[str]:
    """The titles of the listed sources, in the order of the page."""
    return [str(link.text) for link in page.tree.xpath("//tbody/tr/th/a")]


def make_one_of_each() -> None:
    """A source in each state that runs lead to."""
    add_source("neuve", "acigne")
    add_source("brouillon", "acigne", state="draft", active=False)
    add_source("arretee", "acigne", active=False)
    for name, state, report in (
        ("bien", "finished", {"created": 3, "updated": 1}),
        ("echec", "failed", {"issues": [{"code": "TER-FET-008", "consequence": "stop"}]}),
        ("retenue", "held", {"sentence": "Moisson retenue, rien n’a été modifié."}),
        ("vide", "finished", {"read": 0}),
        ("partielle", "finished", {"is_complete": False}),
    ):
        add_run(add_source(name, "acigne"), state, **report)
    late = add_source("retard", "acigne")
    add_run(late, hours_ago=60)
    execute(
        """INSERT INTO territoire_source_rhythm (source_id, next_run)
               VALUES (:id, timezone('utc', now()) - interval '36 hours')""",
        id=late,
    )
    review = add_source("relire", "betton")
    add_run(review)
    execute(
        """INSERT INTO territoire_review (dataset_id, source_id, remote_id, kind)
               VALUES ('d1', :id, 'r1', 'new'), ('d2', :id, 'r2', 'new')""",
        id=review,
    )


def test_each_source_stands_where_its_runs_put_it_and_the_page_puts_need_first(app: Any) -> None:
    make_one_of_each()
    assert {each["name"]: each["health"] for each in listed()} == {
        "neuve": "new", "brouillon": "draft", "arretee": "stopped", "bien": "fine",
        "echec": "failing", "retenue": "decide", "vide": "empty", "partielle": "partial",
        "retard": "late", "relire": "review",
    }  # fmt: skip
    fine = next(each for each in listed() if each["name"] == "bien")
    assert fine["week"] == {"runs": 1, "new": 3, "updated": 1, "retired": 0}
    agent = Browser(app)
    agent.log_in("agent")
    page = agent.open("/moissons/")
    assert sources_of(page) == [
        "Retenue", "Echec", "Retard", "Partielle", "Vide", "Relire", "Brouillon", "Neuve",
        "Arretee", "Bien",
    ]  # fmt: skip
    assert "2 jeux de données à relire" in text_of(page)
    assert "3 nouveaux, 1 mis à jour" in text_of(page)
    assert "secret" not in page.text
    assert sources_of(agent.open("/moissons/?etat=failing")) == ["Echec"]
    assert sources_of(agent.open("/moissons/?q=BETTON")) == ["Relire"]
    none = agent.open("/moissons/?q=rien+de+tel")
    assert "Aucune source ne répond à ces filtres" in text_of(none)


def test_the_statements_do_not_grow_with_the_sources() -> None:
    def count() -> int:
        seen: list[str] = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(model.meta.engine, "before_cursor_execute", listen)
        try:
            listed()
        finally:
            event.remove(model.meta.engine, "before_cursor_execute", listen)
        return len(seen)

    add_run(add_source("premiere", "acigne"))
    count()  # what is kept a minute is read now
    few = count()
    for number in range(40):
        add_run(add_source(f"source-{number}", ORGANIZATIONS[number % 3]))
    assert len(listed()) == 41
    assert count() == few


def test_the_rule_of_rights_is_that_of_ckan_for_everybody() -> None:
    ids = {name: add_source(f"de-{name}", name) for name in ORGANIZATIONS}

    def may(user: str, source_id: str) -> bool:
        try:
            toolkit.check_access("harvest_source_update", {"user": user}, {"id": source_id})
        except toolkit.NotAuthorized:
            return False
        return True

    for user in PEOPLE:
        allowed = rights.edited_organizations({"user": user})
        assert allowed is not None
        seen = {each["id"] for each in listed(user)}
        assert seen == {id_ for id_ in ids.values() if may(user, id_)}, user
    with pytest.raises(toolkit.NotAuthorized):
        listed("")


def test_an_address_that_is_dead_is_a_task_until_somebody_sorts_it_out(app: Any) -> None:
    agent, clerk = Browser(app), Browser(app)
    agent.log_in("agent")
    clerk.log_in("mairie")
    page = agent.open("/pilotage/adresses")
    assert "Toutes les adresses connues répondent" in text_of(page)
    form = page.tree.forms[-1]
    page = agent.send(page, form, {"address": "Mairie@mairie.example"})
    assert "Joindre la mairie d’Acigné" in text_of(page)
    assert "L’adresse « Mairie@mairie.example » ne répond plus." in text_of(page)
    assert "1 adresse de courriel ne répond plus" in text_of(agent.open("/moissons/"))
    assert "1 adresse de courriel sans réponse" in text_of(agent.open("/pilotage"))
    assert clerk.open("/pilotage/adresses").status == 403
    assert "ne répond plus" not in text_of(clerk.open("/moissons/"))
    done = next(f for f in page.tree.forms if (f.action or "").endswith("/regler"))
    assert "Toutes les adresses" in text_of(agent.send(page, done, {}))
