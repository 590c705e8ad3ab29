"""Our `Dataset` as the package dict of the dataset form (`schemas/dataset/dataset.yaml`). Pure."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from harvesters.model import Dataset, Resource

Package = dict[str, Any]


def to_package(dataset: Dataset, dataset_id: str, name: str, organization_id: str) -> Package:
    """Write a dataset as a package; absent texts stay out, so that nothing empty is stored."""
    fields = {
        "notes": dataset.description,
        "license_id": dataset.licence or "notspecified",
        "licence_label": dataset.licence_label,
        "theme": list(dataset.themes),
        "communes": list(dataset.communes),
        "spatial": dataset.spatial,
        "frequency": dataset.frequency,
        "issued": dataset.issued,
        "modified": dataset.modified,
        "temporal_start": dataset.temporal_start,
        "temporal_end": dataset.temporal_end,
        "publisher_name": dataset.publisher,
        "contact_name": dataset.contact_name,
        "contact_email": dataset.contact_email,
        "language": dataset.language,
        "url": dataset.landing_page,
        "upstream_uri": dataset.upstream_uri,
        "properties": _object(dict(dataset.properties)),
    }
    return {
        "id": dataset_id,
        "type": "dataset",
        "name": name,
        "title": dataset.title,
        "owner_org": organization_id,
        "private": False,
        "state": "active",
        **{key: value for key, value in fields.items() if value},
        "tags": [{"name": tag} for tag in dataset.tags],
        "resources": to_resources(dataset.resources, dataset_id),
    }


def _object(facts: Mapping[str, str]) -> str:
    told = {key: value for key, value in facts.items() if value}
    return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else ""


def to_resources(resources: tuple[Resource, ...], dataset_id: str) -> list[dict[str, Any]]:
    """Write resources; an id follows from the dataset and the address, so that it stays."""
    seen: Counter[str] = Counter()
    found = []
    for resource in resources:
        number = seen[resource.url]
        seen[resource.url] += 1
        found.append(_resource(resource, _resource_id(dataset_id, resource.url, number)))
    return found


def _resource_id(dataset_id: str, url: str, number: int) -> str:
    return str(uuid.uuid5(uuid.UUID(dataset_id), f"{url}\n{number}"))


def _resource(resource: Resource, resource_id: str) -> dict[str, Any]:
    fields = {
        "name": resource.title or resource.name,
        "description": resource.description,
        "format": resource.format,
        "mimetype": resource.media_type,
        "size": resource.size_bytes,
        "last_modified": resource.modified,
        "table_schema": resource.table_schema,
        "hash": resource.sha256,
    }
    told = {key: value for key, value in fields.items() if value not in ("", None)}
    return {"id": resource_id, "url": resource.url, **told}
