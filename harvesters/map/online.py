"""From the links of a geographic record to resources: what each one is, and which are none.

A link has an address, and often a protocol in the words of GeoNetwork (`OGC:WMS`,
`WWW:DOWNLOAD-1.0-http--download`…), a media type, a function (`download`, `information`…). Views of
the record itself, links inside the network of the State and links given twice are not resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from harvesters.map.text import clean_text, one_line
from harvesters.model import Issue, Resource
from schemas.values import to_web_address
from schemas.vocabulary import load_vocabulary

SERVICES = (
    ("WMTS", re.compile(r"\bwmts\b|web map tile", re.I)),
    ("WMS", re.compile(r"\bwms|web map service|inspire view", re.I)),
    ("WFS", re.compile(r"\bwfs|web feature", re.I)),
    ("WCS", re.compile(r"\bwcs\b|web coverage", re.I)),
    ("Atom", re.compile(r"\batom\b|inspire download", re.I)),
    ("SensorThings", re.compile(r"sensor ?things", re.I)),
    ("API", re.compile(r"\bogc[ :_-]*api|\boapif?\b|esri[: ]rest|arcgis|\bopenapi\b", re.I)),
)
PATHS = (
    ("API", re.compile(r"/(?:map|feature|image)server\b|/collections/[^/]+(?:/items)?/?$", re.I)),
    ("WMTS", re.compile(r"/wmts\b", re.I)),
    ("WMS", re.compile(r"/wms\b", re.I)),
    ("WFS", re.compile(r"/wfs\b", re.I)),
    # Geo-IDE, the catalogue of the State's local services: a ZIP under a feed
    ("ZIP", re.compile(r"/atomArchive/GetResource$", re.I)),
    ("Atom", re.compile(r"/atomMetadata/|/atom\b|\.atom$", re.I)),
)
MAP_SERVICES = frozenset({"WMS", "WFS", "WMTS", "WCS"})
FORMAT_KEYS = ("outputformat", "format", "f")
SHAPE_ZIP = {"shape-zip": "Shapefile", "shapezip": "Shapefile"}
INSIDE_STATE = re.compile(r"(?:\.rie\.gouv\.fr|\.i2)$", re.I)
OF_RECORD = re.compile(r"m[ée]tadonn[ée]es|\bmetadata\b", re.I)
DOWNLOAD = re.compile(r"download|t[ée]l[ée]charg", re.I)
PAGE = "Page web"


@dataclass(frozen=True, slots=True)
class Online:
    """One link of a record, as written. `container` is the format of what it downloads."""

    url: str
    protocol: str = ""
    name: str = ""
    description: str = ""
    function: str = ""
    media_type: str = ""
    container: str = ""
    group: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query of the address, names in lower case."""
        told = self.url.split("#")[0].partition("?")[2]
        return {key.lower(): value for key, value in parse_qsl(told, max_num_fields=100)}

    @property
    def is_download(self) -> bool:
        """Whether the record says that this link gives the data."""
        return bool(DOWNLOAD.search(f"{self.function} {self.protocol} {self.name}"))


def to_resources(
    onlines: Iterable[Online], title: str
) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    """Make the resources of a record, and say which links could not be one."""
    found: dict[tuple[str, str, str], Resource] = {}
    issues: list[Issue] = []
    inside: list[str] = []
    for online in onlines:
        url = to_web_address(online.url)
        if not online.url.strip() or is_of_record(online):
            continue
        if not url:
            issues.append(Issue("TER-MAP-002", title, online.url[:200]))
        elif INSIDE_STATE.search(urlsplit(url).hostname or ""):
            inside.append(url)
        else:
            resource = _resource(online, url, title)
            layer = online.name if resource.format in MAP_SERVICES else ""
            found.setdefault((url.split("://")[1], resource.format, layer), resource)
    # files first; the order of the record is not kept: Geo-IDE gives another one at each reading
    kept = sorted(found.values(), key=lambda each: (_rank(each), each.url, each.title))
    if inside:
        issues.append(Issue("TER-MAP-031", title, str(len(inside)), inside[0][:200]))
    if not kept:
        issues.append(Issue("TER-MAP-004", title))
    return tuple(kept), tuple(issues)


def _rank(resource: Resource) -> int:
    if resource.format == PAGE:
        return 3
    if resource.format in ("API", "Atom"):
        return 2
    return 1 if resource.format in MAP_SERVICES else 0


def is_of_record(online: Online) -> bool:
    """Say whether a link leads to the record itself, not to its data."""
    if online.function.lower() in ("completemetadata", "browsegraphic", "search"):
        return True
    asked = online.query.get("request", "").lower()
    is_catalogue = asked.startswith("getrecord") or online.query.get("service", "").lower() == "csw"
    return is_catalogue or bool(OF_RECORD.search(f"{online.group} {online.name}"))


def page_of_record(onlines: Iterable[Online]) -> str:
    """The page that shows the record to people, among links that lead to the record."""
    for online in onlines:
        url = to_web_address(online.url)
        is_page = is_of_record(online) and not online.query.get("request")
        is_public = url and not INSIDE_STATE.search(urlsplit(url).hostname or "")
        if url and is_page and is_public and not re.search(r"\bxml\b", online.name, re.I):
            return url
    return ""


def _resource(online: Online, url: str, title: str) -> Resource:
    kind = format_of_online(online)
    media_type = online.media_type.split(";")[0].strip().lower()
    return Resource(
        url=url,
        title=_title(online, kind) or title,
        description=clean_text(online.description, title)[0],
        format=kind,
        media_type=media_type if "/" in media_type and kind not in MAP_SERVICES else "",
    )


def _title(online: Online, kind: str) -> str:
    """The name of a file, or the service with the name of its layer."""
    name = one_line(online.name)
    first = one_line(online.description.strip().split("\n")[0], 120)
    if kind not in MAP_SERVICES:
        return name or first
    if " " in name:
        return name
    return f"Service {kind}, couche {name}" if name else first or f"Service {kind}"


def format_of_online(online: Online) -> str:
    """Answer our name of the format of a link, `""` when nothing tells it."""
    parts = urlsplit(online.url.split("#")[0].strip())
    return (
        (_of_query(online.query) if online.query.get("request", "").lower() == "getfeature" else "")
        or _among(SERVICES, online.protocol)
        or _among(SERVICES, online.query.get("service", ""))
        or _of_query(online.query)
        or _among(PATHS, parts.path.rstrip("?"))
        or _of_container(online, _known(_ending(parts.path)))
        or _known(online.media_type.split(";")[0])
        or _known(online.protocol.split(":")[-1] if "/" in online.protocol else "")
        or _among(SERVICES, online.name)
        or _of_container(online, "")
        or (PAGE if re.search(r"\blink\b|^https?$", online.protocol, re.I) else "")
    )


def _among(rules: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    return next((kind for kind, rule in rules if text and rule.search(text)), "")


def _known(word: str) -> str:
    """The label of a format of our vocabulary, whose words alone are believed here."""
    vocabulary = load_vocabulary("formats")
    term = vocabulary.get(vocabulary.match(word) or "")
    return term.label if term else ""


def _ending(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[-1] if "." in name else ""


def _of_query(query: dict[str, str]) -> str:
    for key in FORMAT_KEYS:
        word = query.get(key, "").strip().lower()
        found = SHAPE_ZIP.get(word) or _known(word)
        if found and found != PAGE:
            return found
    return ""


def _of_container(online: Online, by_name: str) -> str:
    """What an archive, or a download without an ending, holds: the format the record tells.

    A link that says nothing else, and is no download, keeps what its name says.
    """
    if by_name not in ("", "ZIP") or (not by_name and not online.is_download):
        return by_name
    inside = next(
        (found for part in re.split(r"[(),;/]", online.container) if (found := _known(part))), ""
    )
    return inside or by_name
