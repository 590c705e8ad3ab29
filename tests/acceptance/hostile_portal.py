"""A portal where all that others may write is hostile: catalogues, files, people, readers."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import files, minute
from ckanext.territoire.harvest_adapter import runner, sources
from ckanext.territoire.notices import send
from ckanext.territoire.table import load
from tests.ckan.conftest import act, add_source
from tests.ckan.every_page import Portal
from tests.ckan.parking_rows import NAMES, SLUG, park, upload
from tests.ckan.portal_server import package, portal_of
from tests.hostile_texts import ADDRESSES, LINE, TEXT, lines

TITLES = lines(490)
FREE = ("publisher_name", "contact_name", "licence_label")


def make_hostile(portal: Portal, patch: pytest.MonkeyPatch) -> list[str]:
    """Write the corpus wherever anybody may; answer the addresses that show it besides those of
    all routes."""
    _people()
    dataset = _dataset()
    shown = [f"/dataset/{dataset['name']}", *_files(dataset["id"]), *_harvest(patch)]
    shown += [*_deposits(), *_readers(), *_asked()]
    minute.forget()
    return shown


def _people() -> None:
    for name in ("acigne", "rennes-metropole"):
        act("organization_patch", id=name, title=f"Ville {LINE}", description=TEXT)
    act("group_patch", id="velo", title=LINE, description=TEXT)
    unlinked = TEXT.replace("https:", "")  # CKAN takes links for unwanted ones there
    for name in ("mairie", "responsable"):
        act("user_patch", id=name, fullname=LINE, about=unlinked)
    act("territoire_mandate_set", organization="acigne", reference=LINE)


def _dataset() -> dict[str, Any]:
    """The dataset of every page, hostile in all of its free fields; others, for their titles."""
    given = dict.fromkeys(FREE, LINE) | {"title": TITLES[0], "notes": TEXT}
    for number, title in enumerate(TITLES[1:]):
        made = {"name": f"hostile-{number}", "title": title, "owner_org": "acigne"}
        act("package_create", license_id="lov2", **made)
    described = [
        {"url": url, "name": LINE, "description": TEXT, "format": LINE[:90]}
        for url in ("https://exemple.fr/a.csv", *ADDRESSES[2:])
    ]
    # the first of its files is that of the pages
    kept = act("package_show", id="arbres")["resources"][0]["id"]
    described[0]["id"] = kept
    return dict(act("package_patch", id="arbres", resources=described, **given))


def _files(dataset_id: str) -> list[str]:
    """A table whose headers and cells are hostile, with points."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["nom", LINE[:300], "longitude", "latitude", ADDRESSES[0]])
    for text in (LINE, *ADDRESSES, TEXT):
        writer.writerow([text, text, "-1,52", "48,13", ADDRESSES[0]])
    site = toolkit.config["ckan.site_url"]
    made = act(
        "resource_create", package_id=dataset_id, name=LINE, format="CSV",
        hash=files.keep(out.getvalue().encode()),
        url=f"{site}/dataset/{dataset_id}/fichier/lieux.csv",
    )  # fmt: skip
    load.load_waiting()
    where = f"/dataset/arbres/resource/{made['id']}"
    return [where, f"{where}/apercu", f"{where}/apercu?q={quote(LINE[:60])}"]


def _harvest(patch: pytest.MonkeyPatch) -> list[str]:
    """Sources of hostile catalogues: finished, changed, held, read first, doubled."""
    shown = []
    with portal_of() as one, portal_of() as other:
        patch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", f"{one.host},{other.host}")
        one.packages = [_package(n, f"{n} {TITLES[n % len(TITLES)]}") for n in range(30, 42)]
        source = add_source(one, title=LINE, organization="betton")
        first, _ = runner.run_now(source)
        one.packages[0] = _package(30, f"Autre {TITLES[1]}", license_id=LINE, notes="Court")
        second, _ = runner.run_now(source)
        one.packages = one.packages[:1]
        held, _ = runner.run_now(source)
        shown += [f"/moissons/{source.name}/{job}" for job in (first, second, held)]
        other.packages = [_package(60, f"Double {TITLES[2]}", url="https://region.example/a")]
        twin = add_source(other, title=f"Région {LINE}")
        runner.run_now(twin)
        act("territoire_source_update", id=twin.id, review="first")
        other.packages.append(_package(61, f"À relire {TITLES[3]}"))
        runner.run_now(sources.load_source(twin.id))
        shown += [f"/moissons/{source.name}", f"/moissons/{twin.name}"]
    send.look(runner.jobs.utc_now())
    return [*shown, "/moissons", "/moissons/doublons", "/moissons/a-relire"]


def _package(number: int, title: str, **changes: Any) -> dict[str, Any]:
    more = {
        "notes": TEXT, "author": LINE, "maintainer": LINE, "author_email": LINE[:60],
        "url": ADDRESSES[number % len(ADDRESSES)], "version": LINE[:90],
        "tags": [{"name": text[:90]} for text in (LINE, TEXT)],
        "extras": [{"key": LINE[:90], "value": TEXT}],
        "organization": {"name": "x", "title": LINE},
        "resources": [
            {"id": f"h{number}-{n}", "url": url, "name": LINE, "format": LINE[:60],
             "description": TEXT}
            for n, url in enumerate(("https://f.example/double.csv", *ADDRESSES))
        ],
    }  # fmt: skip
    return package(number, title=title, **(more | changes))


def _deposits() -> list[str]:
    """Deposits with hostile headers, cells and names of files; what they say of their faults."""
    shown = []
    for organization, insee in (("acigne", "35001"), ("betton", "35024")):
        rows = [park(1, insee, nom=LINE), park(2, insee, nom="", nb_places=LINE),
                park(3, insee, type_usagers=LINE, id=LINE)]  # fmt: skip
        out = io.StringIO()
        writer = csv.DictWriter(out, [*NAMES, LINE], lineterminator="\n")
        writer.writeheader()
        writer.writerows([row | {LINE: LINE} for row in rows])
        file = upload(out.getvalue().encode(), '<img data-hostile src=x onerror="hostile=1">.csv')
        told = act("territoire_delivery_create", organization=organization, schema=SLUG,
                   upload=file)  # fmt: skip
        shown += [f"/depots/{told['id']}", f"/depots/{told['id']}/corriger"]
        if told["state"] == "draft":
            act("territoire_delivery_publish", id=told["id"])
    return [*shown, "/depots", f"/ligne/{SLUG}?cle=35001-P-001"]


def _readers() -> list[str]:
    """What readers and start-ups leave: flags, addresses that are told of changes."""
    for said in lines(900):
        act("territoire_flag_create", schema=SLUG, key="35001-P-001", kind="value", field="nom",
            proposed=said, remark=said)  # fmt: skip
    made = toolkit.get_action("territoire_webhook_create")(
        {"user": "responsable"}, {"url": ADDRESSES[2].replace(" ", "+"), "kind": "all"}
    )
    return ["/signalements", f"/developpeurs/abonnements/{made['id']}"]


def _asked() -> list[str]:
    """Hostile words in addresses."""
    word, name = quote(LINE[:400]), quote(LINE[:60])
    return [f"/dataset/?q={word}", f"/recherche/idees?q={word}", f"/dataset/{name}",
            f"/pilotage?theme={word}", f"/modeles?q={word}", f"/organization/?q={word}",
            f"/moissons?q={word}", f"/moissons/a-relire?q={word}", f"/commune/{name}",
            f"/ligne/{SLUG}?cle={word}",
            f"/user/login?came_from={quote(ADDRESSES[0])}"]  # fmt: skip
