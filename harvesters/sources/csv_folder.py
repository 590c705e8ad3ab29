"""A commune that has only a web folder, or one catalogue CSV in the national SCDL layout.

HTML: the index page that Apache, nginx or Python make of a folder (links to files).
CSV: columns of SCDL catalogue 0.1.3 (`ID`, `TITRE`, `DESCRIPTION`, `THEME`, `LICENCE`,
`FREQ_MAJ`, `DATE_MAJ`, `MOTS_CLES`, `FORMAT_RESSOURCES`, `URL`…), UTF-8 or Windows-1252.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from harvesters.map.answer import is_web_page, unread_fields
from harvesters.map.text import (
    clean_date,
    clean_tags,
    clean_text,
    clean_title,
    one_line,
    title_of_file,
)
from harvesters.map.words import format_of, frequency_of, licence_of, themes_of
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
COLUMNS = frozenset(
    "COLL_NOM COLL_SIRET ID TITRE DESCRIPTION THEME PRODUCTEUR_NOM PRODUCTEUR_SIRET "
    "COUV_SPAT_MAILLE COUV_SPAT_NOM COUV_TEMP_DEBUT COUV_TEMP_FIN DATE_PUBL FREQ_MAJ "
    "DATE_MAJ MOTS_CLES LICENCE NOMBRE_RESSOURCES FORMAT_RESSOURCES URL".split()
)


class _Links(HTMLParser):
    """Collects the targets of links, and the title of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


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
    """Each file of the folder is a record; folders below are pages to read."""
    links = _Links()
    links.feed(to_text(response.body))
    base = response.url if response.url.endswith("/") else response.url.rsplit("/", 1)[0] + "/"
    files: dict[str, Record] = {}
    folders: dict[str, Request] = {}
    depth = int(response.request.context.get("depth", 0))
    root = str(response.request.context.get("root") or base)
    for target in links.targets:
        url = urljoin(base, target).split("#")[0].split("?")[0]
        if not url.startswith(base) or url == base:
            continue
        path = unquote(url[len(root) :])
        if url.endswith("/") and depth < MAX_DEPTH:
            folders[url] = Request(url, context={"depth": depth + 1, "root": root})
        elif path.lower().endswith(FILES):
            files[path] = Record(path, {"url": url, "path": path}, f"fichier « {path} »")
    if not files and not folders:
        return Page(issues=(Issue("TER-VAL-002", response.url),))
    return Page(tuple(files.values()), tuple(folders.values()))


def _read_catalogue(response: Response) -> Page:
    text = to_text(response.body)
    first = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=first.count))
    names = {str(name).strip().upper() for name in rows.fieldnames or () if name}
    if not {"ID", "TITRE", "URL"} <= names:
        found = "un fichier sans les colonnes ID, TITRE et URL d’un catalogue SCDL"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    records, issues = [], list(unread_fields(COLUMNS, names))
    total = 0
    try:
        for number, row in enumerate(rows, start=2):
            total += 1
            values = {str(k).strip().upper(): str(v or "").strip() for k, v in row.items() if k}
            where = f"ligne {number} du catalogue"
            if values.get("ID"):
                records.append(Record(values["ID"], values, where))
            else:
                issues.append(Issue("TER-VAL-004", where))
    except csv.Error as fault:
        issues.append(Issue("TER-VAL-001", response.url, f"un CSV abîmé ({fault})"))
    return Page(tuple(records), (), len(records), tuple(issues))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    return _of_row(record, config) if "TITRE" in record.payload else _of_file(record, config)


def _of_file(record: Record, config: Config) -> Dataset | Issue:
    url, path = str(record.payload["url"]), str(record.payload["path"])
    name = path.rsplit("/", 1)[-1]
    title = title_of_file(name)
    owner = config.get("publisher")
    return Dataset(
        remote_id=path,
        title=f"{title} – {owner}" if owner else title,
        licence=config.get("licence", "notspecified"),
        themes=themes_of([*title.split(), *path.replace("/", " ").split("_")]),
        publisher=owner,
        communes=tuple(config.get("communes").split()),
        landing_page=config.url,
        resources=(Resource(url, title, format=format_of("", url), name=name),),
    )


def _of_row(record: Record, config: Config) -> Dataset | Issue:
    row, where = record.payload, record.where
    title, cut = clean_title(row.get("TITRE"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    notes, cleaned = clean_text(row.get("DESCRIPTION"), title)
    issued, bad_issued = clean_date(row.get("DATE_PUBL"), title)
    modified, bad_modified = clean_date(row.get("DATE_MAJ"), title)
    licence, label = licence_of(row.get("LICENCE", ""))
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
        frequency=frequency_of(row.get("FREQ_MAJ", "")),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(row.get("COUV_TEMP_DEBUT"), title)[0],
        temporal_end=clean_date(row.get("COUV_TEMP_FIN"), title)[0],
        publisher=one_line(row.get("PRODUCTEUR_NOM") or row.get("COLL_NOM")),
        communes=tuple(config.get("communes").split()),
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad,
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
        declared = formats[number] if number < len(formats) and "." not in ending else ""
        found.append(Resource(url, one_line(unquote(ending)), format=format_of(declared, url)))
    return tuple(found), tuple(issues)


def looks_like(response: Response) -> bool:
    page = read(response, Config(response.url))
    return bool(page.records or page.next_requests)


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
        Setting("publisher", "Nom du producteur, ajouté aux titres des fichiers."),
        Setting("licence", "Licence des fichiers (identifiant), « lov2 » par exemple."),
        Setting("communes", "Codes INSEE des communes concernées, séparés par des espaces."),
    ),
)
