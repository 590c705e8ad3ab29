"""What a visitor asks of a service page, read from its address; nonsense asks nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ckanext.territoire.services.model import Service

MAX_PAGE = 500
NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*(?:m|mètres?|cm)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A place to look around, and what it was understood to be."""

    longitude: float
    latitude: float
    label: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters by name, the commune (INSEE code or `""`), what to look around, in centimetres the
    height of the vehicle (0: any), the page from 1."""

    filters: frozenset[str] = field(default_factory=frozenset)
    insee: str = ""
    around: str = ""
    height_cm: int = 0
    height_text: str = ""
    page: int = 1

    @property
    def is_anything(self) -> bool:
        """Say whether something narrows the list."""
        return bool(self.filters or self.insee or self.height_cm)


def read_asked(args: Mapping[str, str], service: Service) -> Asked:
    """Read the address of a service page."""
    page = args.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    height = args.get(service.height.name, "").strip()[:12] if service.height else ""
    return Asked(
        filters=frozenset(each.name for each in service.filters if args.get(each.name)),
        insee=args.get("commune", "").strip()[:5],
        around=" ".join(args.get("autour", "").replace("\0", "").split())[:120],
        height_cm=to_centimetres(height),
        height_text=height,
        page=min(max(number, 1), MAX_PAGE),
    )


def to_centimetres(text: str) -> int:
    """Read a height as people write it; 0 when it is none.

    >>> to_centimetres("2,1"), to_centimetres("1.95 m"), to_centimetres("210"), to_centimetres("x")
    (210, 195, 210, 0)
    """
    found = NUMBER.fullmatch(text.strip())
    if not found:
        return 0
    value = float(found[1].replace(",", "."))
    return round(value * 100) if value < 10 else round(value)
