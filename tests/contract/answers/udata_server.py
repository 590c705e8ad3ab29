"""A small udata of ours: API 1 and API 2 over datasets in memory, as many a page as it pleases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Udata:
    """Datasets in the form of API 1; `page_size` is the most that this portal gives at once."""

    site: str
    datasets: Sequence[Item]
    organizations: Sequence[Item] = ()
    page_size: int = 4

    def answer(self, url: str) -> Item | None:
        """What stands at this address; `None` is a 404."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        steps = [step for step in parts.path.split("/") if step]
        match steps:
            case ["api", "1", "datasets"]:
                return self.page(url, self._chosen(query))
            case ["api", "2", "datasets"] | ["api", "2", "datasets", "search"]:
                return self.page(url, [self._short(one) for one in self._chosen(query)])
            case ["api", "2", "datasets", known, "resources"]:
                found = [one for one in self.datasets if one["id"] == known]
                return self.page(url, found[0]["resources"]) if found else None
            case ["api", "1", "organizations"]:
                wanted = query.get("business_number_id")
                return self.page(
                    url,
                    [o for o in self.organizations if wanted in (None, o["business_number_id"])],
                )
            case ["api", "1", "organizations", known, *rest]:
                here = [o for o in self.organizations if known in (o["id"], o["slug"])]
                if here and rest == ["datasets"]:
                    return self.page(url, self._chosen({"organization": here[0]["id"]}))
                return here[0] if here and not rest else None
        return None

    def _chosen(self, query: dict[str, str]) -> list[Item]:
        organization, zone = query.get("organization"), query.get("geozone")
        return [
            one
            for one in self.datasets
            if organization in (None, (one.get("organization") or {}).get("id"))
            and (zone is None or zone in ((one.get("spatial") or {}).get("zones") or ()))
        ]

    def _short(self, one: Item) -> Item:
        """A dataset as API 2 lists it: its files are elsewhere."""
        href = f"{self.site}/api/2/datasets/{one['id']}/resources/?page=1&page_size=50"
        files = {"rel": "subsection", "href": href, "type": "GET", "total": len(one["resources"])}
        others = {**files, "total": len(one.get("community_resources", ()))}
        return {**one, "resources": files, "community_resources": others}

    def page(self, url: str, items: list[Any]) -> Item:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        page, size = int(query.get("page", 1)), int(query.get("page_size", 20))
        size = min(size, self.page_size)
        end = page * size
        further = urlencode({**query, "page": page + 1, "page_size": size})
        return {
            "data": items[end - size : end],
            "page": page,
            "page_size": size,
            "total": len(items),
            "next_page": f"{self.site}{parts.path}?{further}" if end < len(items) else None,
            "previous_page": None,
        }


def as_api_1(entry: Item, site: str) -> Item:
    """A dataset as udata keeps it in a dump, in the form in which API 1 gives it."""
    kept = {key: value for key, value in entry["dataset"].items() if not key.endswith("_internal")}
    files = [
        {**file, "latest": str(file["latest"]).replace("http://dev.local:7000", site)}
        for file in entry["resources"]
    ]
    return {
        **kept,
        "created_at": entry["dataset"]["created_at_internal"],
        "last_modified": entry["dataset"]["last_modified_internal"],
        "last_update": max(file["last_modified"] for file in files),
        "organization": {k: entry["organization"][k] for k in ("id", "name", "slug")},
        "page": f"{site}/datasets/{kept['slug']}",
        "license": kept.get("license"),
        "spatial": kept.get("spatial"),
        "resources": files,
        "community_resources": entry["community_resources"],
    }
