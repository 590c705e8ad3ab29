"""What a national catalogue made with udata says of who publishes: its organisations and counts.

JSON: `{"data": [{id, name, slug, business_number_id, deleted, metrics: {datasets}}], "next_page",
"total"}`. An organisation carries a SIRET (14 digits), whose first nine are its SIREN; the API
filters on a whole SIRET only, so the list is read, with the few fields that matter (`X-Fields`).
Source: https://www.data.gouv.fr/api/1/swagger.json.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from harvesters.map.answer import an_object, next_page, objects, read_json
from harvesters.model import Issue, Record, Request, Response

PAGE_SIZE = 500
MASK = "data{id,name,slug,business_number_id,deleted,metrics},next_page,total"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organisation of the catalogue; `url` is its page, where its datasets are listed."""

    name: str
    siren: str
    url: str
    count: int


@dataclass(frozen=True, slots=True)
class Organizations:
    """One page of the list: those that carry a wanted SIREN, and how far the list goes."""

    found: tuple[Organization, ...]
    read: int
    total: int | None
    following: Request | None


def organizations_request(site: str) -> Request:
    """Ask the first page of the organisations of a catalogue."""
    query = urlencode({"page_size": PAGE_SIZE})
    return Request(f"{site}/api/1/organizations/?{query}", headers=(("X-Fields", MASK),))


def read_organizations(
    response: Response, site: str, sirens: Collection[str]
) -> Organizations | Issue:
    """Read one page; TER-VAL-001 when it is not the answer of such a catalogue."""
    body = read_json(response)
    if isinstance(body, Issue):
        return body
    listed = an_object(body).get("data")
    if not isinstance(listed, list):
        return Issue("TER-VAL-001", response.url, "une réponse qui n’est pas d’un portail udata")
    found = [_organization(one, site) for one in objects(listed) if not one.get("deleted")]
    link = body.get("next_page")
    following = next_page(response, link) if link and listed else None
    if isinstance(following, Issue):
        return following
    if following:
        following = Request(following.url, headers=response.request.headers)
    total = body.get("total")
    return Organizations(
        tuple(one for one in found if one.siren in sirens),
        len(listed),
        total if isinstance(total, int) else None,
        following,
    )


def _organization(one: dict[str, object], site: str) -> Organization:
    number = "".join(c for c in str(one.get("business_number_id") or "") if c.isdigit())
    count = an_object(one.get("metrics")).get("datasets")
    slug = quote(str(one.get("slug") or one.get("id") or ""), safe="")
    return Organization(
        " ".join(str(one.get("name") or slug).split()),
        number[:9],
        f"{site}/organizations/{slug}/",
        count if isinstance(count, int) else 0,
    )


def zone_request(site: str, zone: str) -> Request:
    """Ask how many datasets of the catalogue describe a zone, such as `fr:commune:35001`."""
    query = urlencode({"geozone": zone, "page_size": 1})
    return Request(f"{site}/api/1/datasets/?{query}", headers=(("X-Fields", "total"),))


def read_total(response: Response) -> int | None:
    """Read how many datasets an answer announces."""
    total = an_object(read_json(response)).get("total")
    return total if isinstance(total, int) else None


def zone_address(site: str, zone: str) -> str:
    """Answer the page of the catalogue on a zone."""
    return f"{site}/datasets/?{urlencode({'geozone': zone})}"


def portals_of(records: Iterable[Record]) -> dict[str, list[str]]:
    """List the pages at their first publisher of the datasets that were harvested, by host."""
    found: dict[str, list[str]] = {}
    for record in records:
        url = str(an_object(record.payload.get("harvest")).get("remote_url") or "")
        host = urlsplit(url).netloc.lower() if url.startswith(("http://", "https://")) else ""
        if host:
            found.setdefault(host, []).append(url)
    return found


def addresses_of(pages: Iterable[str]) -> tuple[str, ...]:
    """Answer where the portal of these pages may begin: its site, then what their paths share.

    >>> addresses_of(["https://a.fr/portail/dataset/x", "https://a.fr/portail/dataset/y"])
    ('https://a.fr', 'https://a.fr/portail/dataset')
    """
    split = [urlsplit(page) for page in pages]
    scheme = Counter(parts.scheme for parts in split).most_common(1)[0][0]
    site = urlunsplit((scheme, split[0].netloc, "", "", ""))
    paths = [parts.path.strip("/").split("/")[:-1] for parts in split]
    shared: list[str] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    return (site, f"{site}/{'/'.join(shared)}") if shared else (site,)
