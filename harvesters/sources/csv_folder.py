"""A commune that has only a web folder, or one catalogue CSV in the national SCDL layout.

HTML: the index page that Apache, nginx or Python make of a folder (links to files).
CSV: columns of SCDL catalogue 0.1.3 (`ID`, `TITRE`, `DESCRIPTION`, `THEME`, `LICENCE`,
`FREQ_MAJ`, `DATE_MAJ`, `MOTS_CLES`, `FORMAT_RESSOURCES`, `URL`…), UTF-8 or Windows-1252.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from harvesters.map.answer import is_web_page, unread_fields
from harvesters.map.place import to_communes
from harvesters.map.text import (
    clean_date,
    clean_tags,
    clean_text,
    clean_title,
    one_line,
    title_of_file,
)
from harvesters.map.words import (
    choices_of,
    format_of,
    frequency_of,
    licence_of,
    themes_of,
    told_of_licence,
    words_of,
)
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Setting,
    Source,
)
from schemas.values import to_web_address

FILES = (".csv", ".tsv", ".xls", ".xlsx", ".ods", ".geojson", ".json", ".zip", ".gpkg", ".pdf")
MAX_DEPTH = 3
INDEX = re.compile(
    r"<(?:title|h1)>\s*(?:index of|index de|directory listing)|parent directory", re.I
)
ISO_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
NGINX_DAY = re.compile(r"\b(\d\d)-([A-Za-z]{3})-(20\d\d)\b")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SCDL_LICENCES = {"Licence Ouverte-LO": "lov2", "Open Database License-ODBL": "odbl-1.0"}
SCDL_FREQUENCIES = {
    "Continuelle": "continuous",
    "Quotidienne ou plusieurs fois par jour": "daily",
    "Hebdomadaire ou plusieurs fois par semaine": "weekly",
    "Mensuelle ou plusieurs fois par mois": "monthly",
}
COLUMNS = frozenset(
    "COLL_NOM COLL_SIRET ID TITRE DESCRIPTION THEME PRODUCTEUR_NOM PRODUCTEUR_SIRET "
    "COUV_SPAT_MAILLE COUV_SPAT_NOM COUV_TEMP_DEBUT COUV_TEMP_FIN DATE_PUBL FREQ_MAJ "
    "DATE_MAJ MOTS_CLES LICENCE NOMBRE_RESSOURCES FORMAT_RESSOURCES URL".split()
)


class _Links(HTMLParser):
    """Collects the links of a page, each with the text that follows it up to the next link."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = next((value for name, value in attrs if name == "href" and value), "")
        if tag == "a" and target:
            self.found.append((target, ""))
            self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self.found and not self._is_inside:
            target, after = self.found[-1]
            self.found[-1] = (target, (after + data)[:200])


def start(config: Config) -> Request:
    return Request(config.url, context={"depth": 0})


def to_text(body: bytes) -> str:
    """Decode UTF-8, else Windows-1252, which is what spreadsheets of town halls write."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def read(response: Response, config: Config) -> Page:
    if is_web_page(response):
        return _read_folder(response)
    return _read_catalogue(response)


def _read_folder(response: Response) -> Page:
    """Each file of the folder is a record; the folders of an index are pages to read next.

    On a page written by hand only the links to files are read: it may link to the whole site.
    """
    text = to_text(response.body)
    links = _Links()
    links.feed(text)
    is_index = bool(INDEX.search(text))
    base = response.url.split("?")[0].rsplit("/", 1)[0] + "/"
    depth = int(response.request.context.get("depth", 0))
    root = str(response.request.context.get("root") or base)
    files: dict[str, Record] = {}
    folders: dict[str, Request] = {}
    for target, after in links.found:
        url = _inside(base, target)
        path = unquote(url[len(root) :])
        is_below = "/" in url[len(base) :].rstrip("/")
        if url.endswith("/") and is_index and not is_below and depth < MAX_DEPTH:
            folders[url] = Request(url, context={"depth": depth + 1, "root": root})
        elif path.lower().endswith(FILES) and not (is_index and is_below):
            fields = {"url": url, "path": path, "changed": _day(after)}
            files[path] = Record(path, fields, f"fichier « {path} »")
    if is_index and "</html" not in text[-2_000:].lower():
        return Page(issues=(Issue("TER-VAL-001", response.url, "une page coupée avant sa fin"),))
    if not files and not is_index:
        return Page(issues=(Issue("TER-VAL-002", response.url),))
    return Page(tuple(files.values()), tuple(folders.values()))


def _inside(base: str, target: str) -> str:
    """The address of a link that stays below the folder, `""` for any other."""
    try:
        url = urljoin(base, target).split("#")[0].split("?")[0]
    except ValueError:
        return ""
    return url if url.startswith(base) and url != base else ""


def _day(text: str) -> str:
    """The day of change that Apache (`2026-01-31 10:05`) and nginx (`31-Jan-2026 10:05`) write."""
    if found := ISO_DAY.search(text):
        return found[0]
    if found := NGINX_DAY.search(text):
        day, month, year = found.groups()
        if month.lower() in MONTHS:
            return f"{year}-{MONTHS.index(month.lower()) + 1:02d}-{day}"
    return ""


def _read_catalogue(response: Response) -> Page:
    text = to_text(response.body).replace("\0", "")
    first = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))
    records: list[Record] = []
    issues: list[Issue] = []
    try:
        names = {str(name).strip().upper() for name in rows.fieldnames or () if name}
        if not {"ID", "TITRE", "URL"} <= names:
            found = "un fichier sans les colonnes ID, TITRE et URL d’un catalogue SCDL"
            return Page(issues=(Issue("TER-VAL-001", response.url, found),))
        issues += unread_fields(COLUMNS, names)
        row: dict[str, str | None] = {}
        for row in rows:
            values = {str(k).strip().upper(): str(v or "").strip() for k, v in row.items() if k}
            where = f"ligne {rows.line_num} du catalogue"
            if values.get("ID"):
                records.append(Record(values["ID"], values, where))
            elif any(values.values()):
                issues.append(Issue("TER-VAL-004", where))
        if None in row.values() and not text.endswith(("\n", "\r")):
            issues.append(Issue("TER-VAL-001", response.url, "un CSV coupé avant sa fin"))
    except csv.Error as fault:
        issues.append(Issue("TER-VAL-001", response.url, f"un CSV abîmé ({fault})"))
    return Page(tuple(records), (), len(records), tuple(issues))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    return _of_row(record, config) if "TITRE" in record.payload else _of_file(record, config)


def _of_file(record: Record, config: Config) -> Dataset | Issue:
    url, path = str(record.payload["url"]), str(record.payload["path"])
    name = path.rsplit("/", 1)[-1]
    owner = config.get("publisher")
    words = title_of_file(name)
    title, cut = clean_title(f"{words} – {owner}" if owner else words, record.where)
    return Dataset(
        remote_id=path,
        title=title,
        licence=licence_of(config.get("licence"))[0],
        themes=themes_of([*words_of(words), *path.split("/")[:-1]]),
        modified=clean_date(record.payload.get("changed"), title)[0],
        publisher=owner,
        communes=to_communes(config.get("communes").replace(" ", ",")),
        landing_page=config.url,
        resources=(Resource(url, one_line(words), format=format_of("", url)),),
        issues=cut,
    )


def _of_row(record: Record, config: Config) -> Dataset | Issue:
    row, where = record.payload, record.where
    title, cut = clean_title(row.get("TITRE"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    notes, cleaned = clean_text(row.get("DESCRIPTION"), title)
    issued, bad_issued = clean_date(row.get("DATE_PUBL"), title)
    modified, bad_modified = clean_date(row.get("DATE_MAJ"), title)
    told = row.get("LICENCE", "")
    licence, label = licence_of(config.get("licence") or SCDL_LICENCES.get(told, told))
    resources, bad = _files_of(row, title)
    words = [word.strip() for word in row.get("MOTS_CLES", "").replace(";", ",").split(",")]
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of([row.get("THEME", ""), *words]),
        tags=clean_tags(words),
        frequency=frequency_of(
            SCDL_FREQUENCIES.get(row.get("FREQ_MAJ", ""), row.get("FREQ_MAJ", ""))
        ),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(row.get("COUV_TEMP_DEBUT"), title)[0],
        temporal_end=clean_date(row.get("COUV_TEMP_FIN"), title)[0],
        publisher=one_line(row.get("PRODUCTEUR_NOM") or row.get("COLL_NOM")),
        communes=to_communes(config.get("communes").replace(" ", ",")),
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad + told_of_licence(label, title),
    )


def _files_of(row: Mapping[str, Any], title: str) -> tuple[tuple[Resource, ...], tuple[Issue, ...]]:
    """One resource an address: a catalogue writes several between `;` or spaces."""
    formats = [word.strip() for word in row.get("FORMAT_RESSOURCES", "").split(";")]
    found, issues = [], []
    for number, address in enumerate(row.get("URL", "").replace(";", " ").split()):
        url = to_web_address(address)
        if not url:
            issues.append(Issue("TER-MAP-002", title, address[:200]))
            continue
        ending = urlsplit(url).path.rsplit("/", 1)[-1]
        declared = (
            formats[number] if number < len(formats) and not ending.lower().endswith(FILES) else ""
        )
        found.append(Resource(url, one_line(unquote(ending)), format=format_of(declared, url)))
    return tuple(found), tuple(issues)


def looks_like(response: Response) -> bool:
    """An index of a folder, a page with links to files, or a catalogue in CSV."""
    if response.body.lstrip()[:1] in (b"{", b"[") or response.body[:2] == b"PK":
        return False
    page = read(response, Config(response.url))
    return not any(issue.code in ("TER-VAL-001", "TER-VAL-002") for issue in page.issues)


SOURCE = Source(
    kind="csv_folder",
    label_fr="Dossier web ou catalogue CSV",
    description_fr="Les fichiers d’un dossier d’un site web, ou un catalogue CSV (SCDL).",
    example_url="https://www.ma-commune.fr/open-data/",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting("publisher", "Producteur", "Son nom, ajouté aux titres des fichiers."),
        Setting("licence", "Licence", "Celle des fichiers.", choices=choices_of("licences")),
        Setting(
            "communes",
            "Communes concernées",
            "Leurs codes INSEE, séparés par des espaces.",
        ),
    ),
)
