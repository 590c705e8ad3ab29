"""The search document of a dataset, made from its rows: what `index_package` of CKAN 2.12 makes.

`show_dicts` answers the two forms that `package_show` gives (stock schema, our form); `document`
flattens them. Hooks of other plugins are called as CKAN calls them; those of ckanext-harvest, which
ask the database for each dataset, are answered by the batch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from unittest.mock import patch

import orjson
from ckan import model, plugins
from ckan.common import config
from ckan.lib.helpers import unified_resource_format
from ckan.lib.search.index import escape_xml_illegal_chars
from ckan.types import Context
from ckanext.dcat import plugins as dcat

Row = dict[str, Any]
LISTS = ("theme", "communes")
IN_FORM = frozenset({"notes", "url"})
RESOURCE_IN_FORM = frozenset(
    "name description format table_schema mimetype size last_modified hash".split()
)
RESOURCE_FIELDS = {"name": "res_name", "description": "res_description", "format": "res_format",
                   "url": "res_url", "resource_type": "res_type"}  # fmt: skip
KEY_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True, slots=True)
class Harvested:
    """What ckanext-harvest adds to the document of a harvested dataset."""

    object_id: str
    source_id: str
    source_title: str

    def extras(self) -> list[tuple[str, str]]:
        return [
            ("harvest_object_id", self.object_id),
            ("harvest_source_id", self.source_id),
            ("harvest_source_title", self.source_title),
        ]


@contextmanager
def form_read_once() -> Iterator[None]:
    """Answer ckanext-dcat once, which asks for the form at each of its hooks on each dataset."""
    with patch.object(dcat, "_get_dataset_schema", cache(dcat._get_dataset_schema)):
        yield


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def show_dicts(
    package: Row, resources: list[Row], tags: list[Row], organization: Row
) -> tuple[Row, Row]:
    """Answer the package as `package_show` gives it: with the stock schema, with our form's."""
    licence = model.Package.get_license_register().get(package["license_id"])
    core = {key: _plain(v) for key, v in package.items() if key not in ("extras", "plugin_data")}
    core["title"] = (core["title"] or "").strip()
    told_tags = sorted(
        ({**tag, "display_name": tag["name"], "vocabulary_id": None, "state": "active"}
         for tag in tags),
        key=lambda tag: tag["name"],
    )  # fmt: skip
    core |= {
        "isopen": licence.isopen() if licence else False,
        "license_title": licence.title if licence else package["license_id"],
        "num_resources": len(resources),
        "num_tags": len(told_tags),
        "organization": organization,
        "resources": [_shown_resource(resource) for resource in resources],
        "tags": told_tags,
        "groups": [],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }
    if licence and licence.url:
        core["license_url"] = licence.url
    extras = package["extras"] or {}
    stock = {**core, "extras": [{"key": k, "value": extras[k]} for k in sorted(extras)]}
    stock["resources"] = [
        {**r, "format": unified_resource_format(r["format"])} for r in core["resources"]
    ]
    said = {k: json.loads(v) if k in LISTS else v for k, v in extras.items()}
    ours = {**_without_empty(core, IN_FORM), **said}
    ours["resources"] = [_without_empty(r, RESOURCE_IN_FORM) for r in core["resources"]]
    return stock, ours


def _without_empty(row: Row, names: frozenset[str]) -> Row:
    """Our form shows no field that is empty; the others are shown as CKAN does."""
    return {key: value for key, value in row.items() if value is not None or key not in names}


def _shown_resource(row: Row) -> Row:
    shown = {key: _plain(value) for key, value in row.items() if key != "extras"}
    return {
        **shown,
        **(row["extras"] or {}),
        "datastore_active": row.get("datastore_active", False),
    }


def document(stock: Row, ours: Row, harvested: Harvested | None, labels: list[str]) -> Row:
    """Make the search document of one dataset."""
    ours = _after_show(dict(ours))
    data, shown = dict(stock), dict(ours)
    found = {key: value for key, value in stock.items() if key != "extras"}
    if harvested:
        told = [{"key": key, "value": value} for key, value in harvested.extras()]
        data["extras"] = [*stock["extras"], *told]
        shown["extras"] = told
    _flatten(found, stock["extras"])
    found["data_dict"] = orjson.dumps(data).decode()
    found["validated_data_dict"] = orjson.dumps(shown).decode()
    for plugin in plugins.PluginImplementations(plugins.IPackageController):
        if plugin.name != "harvest":
            found = plugin.before_dataset_index(found)
    if harvested:
        for key, value in harvested.extras():
            found.setdefault(key, value)
    found["permission_labels"] = labels
    return found


def _after_show(ours: Row) -> Row:
    context = Context(model=model, session=model.Session, ignore_auth=True)
    for plugin in plugins.PluginImplementations(plugins.IPackageController):
        if plugin.name != "harvest":
            plugin.after_dataset_show(context, ours)
    return ours


def _flatten(found: Row, extras: list[Row]) -> None:
    """Put a package dict into the fields of the search schema, in place."""
    for extra in extras:
        key = "".join(char for char in extra["key"] if char in KEY_CHARS)
        found[f"extras_{key}"] = extra["value"]
        found.setdefault(key, extra["value"])
    if found["title"]:
        found["title_string"] = found["title"]
    found["tags"] = [tag["name"] for tag in found["tags"]]
    found["groups"] = []
    found["capacity"] = "public"
    organization: Mapping[str, Any] = found["organization"]
    found["organization"] = organization["name"]
    resources = found.pop("resources")
    for old, new in RESOURCE_FIELDS.items():
        if resources:
            found[new] = [resource.get(old) for resource in resources]
    for column in model.Resource.get_extra_columns():
        if resources:
            found[f"res_extras_{column}"] = [resource.get(column, "") for resource in resources]
    for key in ("relationships_as_subject", "relationships_as_object"):
        del found[key]
    for key in ("title", "notes", "title_string"):
        if found.get(key):
            found[key] = escape_xml_illegal_chars(found[key])
    if found["title"]:
        found["title"] = found["title"].lstrip()
    site = config["ckan.site_id"]
    found |= {
        "entity_type": "package",
        "dataset_type": found["type"],
        "site_id": site,
        "metadata_created": f"{found['metadata_created']}Z",
        "metadata_modified": f"{found['metadata_modified']}Z",
        "index_id": hashlib.md5(f"{found['id']}{site}".encode()).hexdigest(),
    }
