"""A dataset as schema.org describes it, for search engines: in the page, as data that runs nothing.

Source: schema.org 29, `Dataset` and `DataDownload`, as the guide of dataset search reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from markupsafe import Markup

from ckanext.territoire.portal.markup import safe_url, to_extract
from schemas.vocabulary import load_vocabulary

MAX_DESCRIPTION = 5000
MIN_DESCRIPTION = 50


def to_schema_org(package: Mapping[str, Any], site_url: str) -> dict[str, Any]:
    """Describe a dataset; what is not known is left out."""
    page = f"{site_url}/dataset/{package['name']}"
    owner = package.get("organization") or {}
    description = to_extract(package.get("notes"), MAX_DESCRIPTION)
    title = str(package.get("title") or package["name"])
    if len(description) < MIN_DESCRIPTION:
        description = f"{title}. {description}".strip()
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": page,
        "url": page,
        "name": title,
        "description": description,
        "inLanguage": package.get("language") or "fr",
        "license": _licence(package),
        "isAccessibleForFree": True,
        "dateCreated": package.get("metadata_created"),
        "dateModified": package.get("metadata_modified"),
        "keywords": [tag["display_name"] for tag in package.get("tags") or ()],
        "creator": {
            "@type": "Organization",
            "name": package.get("publisher_name") or owner.get("title"),
            "url": f"{site_url}/organization/{owner['name']}" if owner.get("name") else None,
        },
        "distribution": [_download(resource) for resource in package.get("resources") or ()],
    }
    return _without_empty(told)


def schema_org(package: Mapping[str, Any]) -> Markup:
    """The same as text for a `<script type="application/ld+json">`, which nothing in it closes."""
    told = to_schema_org(package, str(toolkit.config["ckan.site_url"]).rstrip("/"))
    text = json.dumps(told, ensure_ascii=False)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)


def _licence(package: Mapping[str, Any]) -> str | None:
    terms = {term.id: term for term in load_vocabulary("licences")}
    found = terms.get(str(package.get("license_id") or ""))
    return found.uri if found else None


def _download(resource: Mapping[str, Any]) -> dict[str, Any]:
    url = safe_url(resource.get("url"))
    return {
        "@type": "DataDownload",
        "name": resource.get("name"),
        "encodingFormat": resource.get("mimetype") or resource.get("format"),
        "contentUrl": url if url.startswith("http") else None,
    }


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        pairs = ((key, _without_empty(each)) for key, each in value.items())
        return {key: each for key, each in pairs if each not in (None, "", [], {})}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value
