"""A RUDI producer node of the demo: the topics of a few communes as `{total, items}`."""

from __future__ import annotations

import uuid
from typing import Any

from deployment.demo.answer import Answer, Asked, json_answer, not_found
from deployment.demo.folders import FOLDERS, files_of
from deployment.demo.tables import MARK, load_places

NAMESPACE = uuid.UUID("6f0b7f6e-0d53-5a41-8a4c-4b7b2f9f4c11")
PATH = "/rudi/api/v1/resources"
OF = ("acigne", "pace")


def _item(folder: str, name: str, size: int, site: str) -> dict[str, Any]:
    place = load_places()[FOLDERS[folder]]
    title = f"{name.rsplit('.', 1)[0].replace('_', ' ').capitalize()} – {place.name}"
    told = [{"lang": "fr", "text": f"{title}, {MARK}."}]
    owner = f"Commune de {place.name}"
    return {
        "global_id": str(uuid.uuid5(NAMESPACE, f"{folder}/{name}")),
        "local_id": f"{folder}-{name}",
        "resource_title": title,
        "synopsis": told,
        "summary": told,
        "theme": "Citoyenneté",
        "keywords": ["démonstration"],
        "producer": {"organization_id": str(uuid.uuid5(NAMESPACE, folder)),
                     "organization_name": owner},
        "contacts": [],
        "resource_languages": ["fr"],
        "dataset_dates": {"created": "2026-02-03T08:00:00Z", "updated": "2026-10-12T08:00:00Z"},
        "storage_status": "online",
        "available_formats": [
            {"media_type": "FILE", "media_name": name, "file_type": "application/json",
             "file_size": size, "connector": {"url": f"{site}/communes/{folder}/{name}"}}
        ],
        "access_condition": {"licence": {"licence_type": "STANDARD",
                                         "licence_label": "etalab-2.0"}},
        "metadata_info": {"api_version": "1.2.0"},
    }  # fmt: skip


def answer(asked: Asked) -> Answer:
    """Answer the list, page after page; a page holds at most 5."""
    if asked.path != PATH:
        return not_found()
    offset = max(0, int(asked.query.get("offset", 0)))
    limit = max(1, min(int(asked.query.get("limit", 5)), 5))
    found = [
        _item(folder, name, len(body), asked.site)
        for folder in OF
        for name, body in files_of(folder).items()
    ]
    return json_answer({"total": len(found), "items": found[offset : offset + limit]})
