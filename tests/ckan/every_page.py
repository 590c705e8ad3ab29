"""A portal where each kind of page has something to show, and the addresses of all its pages.

`every_page` walks the routes of the application: each part of an address has a value here, and a
route whose parts have none is told, so that a new page cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire.community import post
from ckanext.territoire.delivery.database import read
from ckanext.territoire.developers import registration
from ckanext.territoire.harvest_adapter import runner
from ckanext.territoire.notices import choices
from ckanext.territoire.notices.month import month_of
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.webhooks import store
from ckanext.territoire.webhooks.model import DATASETS, Attempt
from schemas.load import latest
from tests.ckan import contribution_rows
from tests.ckan.conftest import act, add_source
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.portal_server import package, portal_of
from tests.ckan.whole_portal import whole_portal

# what programs read, and what acts as soon as it is opened
NO_PAGE = re.compile(
    r"^/(api|webassets|file|telecharger|datastore/dump|no|zh_CN|zh_TW|testing|util)(/|$)"
    r"|^/<path:filename>|^/catalog|\.(csv|xlsx|json|geojson|zip|xml|txt|css|webp|png)$|<_format>|<any\(csv"
    r"|/(download|fichier)(/|$)|member_dump|/_logout$|/(abort|refresh|clear)/?"
    r"|/changements\.|/harvest/object/|harvest_object"
)
PART = re.compile(r"<(?:[^<>:]*\([^)]*\):|[a-z]+:)?(\w+)>")
ANY = re.compile(r"<any\(([^)]*)\):path>")
GUIDES = ("agent-commune", "agent-epci", "developpeurs", "moisson-retenue", "publier-un-jeu")
MORE = ("/nulle-part", "/dataset/nulle-part", "/organization/nulle-part", "/user/nulle-part",
         "/dataset/?q=zzzz", "/dataset/?q=arbres&vocab_communes=35001", "/dataset/?page=a",
         "/dataset/?ext_bbox=-1.6,48.1,-1.4,48.2", "/modeles?q=licorne", "/suivi?theme=budget",
         "/commune/nulle-part", "/recherche/idees?q=arb",
         *(f"/aide/{guide}" for guide in GUIDES))  # fmt: skip


VERSION = latest(SLUG).version
TREES = {
    "name": "arbres", "title": "Arbres des parcs", "notes": "Un *inventaire*.",
    "owner_org": "acigne", "license_id": "lov2", "communes": ["35001"], "frequency": "yearly",
    "theme": ["transition-ecologique"], "contact_email": "opendata@mairie.example",
    "tag_string": "arbres,parcs",
    "resources": [{"url": "https://example.fr/a.csv", "name": "Arbres", "format": "CSV"}],
}  # fmt: skip


@dataclass(frozen=True)
class Portal:
    """The application, and the value of each part of an address, by group of routes."""

    app: Any
    values: dict[str, dict[str, str]]
    unknown: list[str] = field(default_factory=list)


@contextmanager
def full_portal(portal_app: Any, folder: Path) -> Iterator[Portal]:
    """Three communes, their people, datasets, a source, deliveries, links and flags."""
    with whole_portal(portal_app, folder) as app, pytest.MonkeyPatch.context() as patch:
        act("user_create", name="responsable", email="responsable@mairie.example",
            password=PASSWORD, sysadmin=True)  # fmt: skip
        # a view that fails answers with the page of errors, as it does to people
        patch.setitem(app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
        yield Portal(app, _values(patch))


@pytest.fixture(scope="module")
def portal(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The same, made once for all the tests of a module."""
    with full_portal(portal_app, tmp_path_factory.mktemp("territory")) as made:
        yield made


@pytest.fixture(autouse=True)
def without_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be answered: a refusal for too many calls would hide the rest."""
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.api.anonymous_per_minute", 0)


def every_page(portal: Portal) -> list[str]:
    """The address of each page that a GET opens; routes without a known value go to `unknown`."""
    found = list(MORE)
    for rule in portal.app.flask_app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not NO_PAGE.search(rule.rule):
            found += _addresses(portal, rule.rule)
    return sorted(set(found))


def _addresses(portal: Portal, rule: str) -> list[str]:
    spread = ANY.search(rule)
    if spread:
        names = re.findall(r'"([^"]+)"', spread[1])
        return [rule.replace(spread[0], name) for name in names]
    known = portal.values[""] | portal.values.get(rule.split("/")[1], {})
    known |= portal.values.get(rule, {})
    if missing := set(PART.findall(rule)) - set(known):
        portal.unknown.append(f"{rule}: {', '.join(sorted(missing))}")
        return []
    return [PART.sub(lambda part: known[part[1]], rule) + known.get("?", "")]


def _values(patch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """Make what pages show; answer the parts of addresses: of all routes, then route by route."""
    datasets, harvested, deposits = _dataset(), _harvest(patch), _deposits()
    of_dataset = {"id": "arbres", "_id": "arbres", "dataset": harvested["dataset"]}
    of_group = {"id": _group(), "object_type": "package"}
    return {
        "": datasets | {"slug": SLUG, "name": "acigne", "insee": "35001", "version": VERSION,
             "view_id": "nulle-part"},
        "dataset": of_dataset,
        "harvest": {"id": harvested["source"], "source": harvested["source"]},
        "organization": {"id": "acigne"},
        "group": of_group,
        "user": {"id": "mairie"},
        "/feeds/organization/<string:id>.atom": {"id": "acigne"},
        "/feeds/group/<string:id>.atom": {"id": "velo"},
        "/feeds/tag/<string:id>.atom": {"id": "arbres"},
        "commune": {"slug": "acigne"},
        "aide": {"name": "habitants"},
        "themes": {"theme_id": "transition-ecologique"},
        "depots": {"delivery_id": deposits["wrong"], "link_id": deposits["link_id"]},
        "invitation": {"token": deposits["invitation"], "delivery_id": deposits["wrong"]},
        "reparer": {"token": deposits["repair"], "delivery_id": deposits["wrong"]},
        "avis": {"token": choices.address_of("mairie").rsplit("/", 1)[1]},
        "ligne": {"?": "?cle=35001-P-001"},
        "/developpeurs/abonnements/<webhook_id>": {"webhook_id": _webhook()},
        "/developpeurs/inscription/<token>": {"token": _confirming()},
        "/pilotage/annonces/nouvelle": {"?": f"?table={SLUG}"},
        "pilotage": {"delivery_id": deposits["held"], "commune": "acigne", "month": _month()},
        "moissons": {"name": harvested["source"], "job_id": harvested["job"],
                     "dataset": harvested["dataset"]},
        **_contributions(),
        "/harvest/<source>/job/<id>": {"source": harvested["source"], "id": harvested["job"]},
        "/datastore/api_info/<resource_id>": {"resource_id": deposits["table"]},
        "/dataset/changes/<id>": {"id": datasets["activity_id"]},
        "/dataset/changes_multiple": _two_changes("package", "arbres"),
        "/organization/changes_multiple": _two_changes("organization", "acigne"),
        "/group/changes_multiple": _two_changes("group", "velo"),
        "/user/reset/<id>": {"id": act("user_show", id="mairie")["id"]},
    }  # fmt: skip


def _contributions() -> dict[str, dict[str, str]]:
    """A reuse, a question that is answered, a challenge that is open; one of each to read."""
    reuse = contribution_rows.accepted(picture=contribution_rows.picture(), alt="Une carte verte")
    asked, waiting = contribution_rows.ask(), contribution_rows.propose(title="À lire")
    contribution_rows.decide(asked["id"], "answered", "Oui, depuis *2024*.")
    contribution_rows.ask(title="Et les haies ?")
    return {
        "reutilisations": {"slug": reuse},
        "questions": {"question_id": asked["id"]},
        "defis": {"slug": contribution_rows.challenge()["slug"]},
        "contribution": {"token": post.to_token(waiting["id"])},
    }


def _dataset() -> dict[str, str]:
    """Datasets of Acigné: one changed once, one deleted."""
    made = _as_admin("package_create", **TREES)
    _as_admin("package_patch", id="arbres", notes="Un *inventaire* de chaque année.")
    _as_admin("package_create", **(TREES | {"name": "bancs", "title": "Bancs"}))
    _as_admin("package_delete", id="bancs")
    changes = act("package_activity_list", id="arbres")
    return {"resource_id": made["resources"][0]["id"], "activity_id": changes[0]["id"]}


def _as_admin(action: str, **data: Any) -> Any:
    """Call an action as a person: what the site's own user does is in no list of activities."""
    return toolkit.get_action(action)({"user": "responsable"}, data)


def _two_changes(kind: str, name: str) -> dict[str, str]:
    """The end of the address that compares the first and the last version of a thing."""
    changes = act(f"{kind}_activity_list", id=name)
    return {"?": f"?old_id={changes[-1]['id']}&new_id={changes[0]['id']}"}


def _group() -> str:
    made = act("group_create", name="velo", title="Vélo", users=[{"name": "responsable"}])
    act("member_create", id=made["id"], object="arbres", object_type="package", capacity="public")
    _as_admin("group_patch", id="velo", description="Ce qui roule.")
    _as_admin("organization_patch", id="acigne", description="Une commune.")
    return "velo"


def _harvest(patch: pytest.MonkeyPatch) -> dict[str, str]:
    """A source of Acigné that ran once; one of its datasets was corrected here."""
    with portal_of(*(package(n) for n in range(3))) as served:
        patch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        source = add_source(served)
        job, _ = runner.run_now(source)
    act("package_patch", id="jeu-numero-1", title="Jeu corrigé")
    return {"source": source.name, "job": job, "dataset": "jeu-numero-1"}


def _deposits() -> dict[str, str]:
    """Car parks online, wrong and held; a link to each; a row that somebody flagged."""
    deposit("acigne", *(park(n) for n in range(1, 21)))
    held = deposit("acigne", *(park(n) for n in range(1, 11)))
    wrong = deposit("betton", park(1, "35024"), park(2, "35024", nom=""))
    act("territoire_flag_create", schema=SLUG, key="35001-P-001", kind="value", field="nb_places",
        proposed="25")  # fmt: skip
    invitation = _link(kind="deposit", organization="betton", schema=SLUG)
    repair = _link(kind="repair", delivery=wrong)
    [table] = read("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))
    return {
        "held": held, "wrong": wrong, "table": table["resource_id"], "invitation": invitation,
        "repair": repair, "link_id": act("territoire_link_list", organization="betton")[0]["id"],
    }  # fmt: skip


def _link(**asked: Any) -> str:
    """Make a link; answer its token."""
    made = toolkit.get_action("territoire_link_create")({"user": "agent"}, asked)
    return str(made["address"]).rsplit("/", 1)[1]


def _confirming() -> str:
    """The token of a link that makes an account. A key beside it, of which more is asked, and what
    is announced of a column that it uses."""
    made = _as_admin("territoire_key_create", name="Carte des parkings")
    _as_admin("territoire_key_ask", id=made["id"], per_minute="5000", why="Beaucoup de monde.")
    for column, effect in (("nb_pmr", "end"), ("tarif_1h", "change")):
        _as_admin("territoire_announcement_create", kind="column", table=SLUG, column=column,
                  effect=effect, at="2999-12-31", why="Le modèle national change.")  # fmt: skip
    address = registration.address_of("nouvelle@exemple.fr", datetime.now(PARIS))
    return address.rsplit("/", 1)[1]


def _webhook() -> str:
    """An address that the administrator subscribed, with a message that was refused once."""
    made = _as_admin("territoire_webhook_create", url="https://exemple.fr/recevoir", kind="all")
    message = store.add_message(made["id"], DATASETS, "0")
    store.failed(message, Attempt(message.id, datetime.now(PARIS), 503, 87), timedelta(minutes=5))
    return str(made["id"])


def _month() -> str:
    return month_of(datetime.now(PARIS).date()).key
