"""Build the archive: one ZIP, written aside and put in place whole, so that the last good one is
served meanwhile.

`liste.csv` says of each file whose it is, under which licence, where it comes from, and whether it
is inside; `catalogue.jsonl` holds one dataset a line, as the API shows it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from ckan.plugins import toolkit

from ckanext.territoire import config, files
from ckanext.territoire.archive import contents
from ckanext.territoire.archive.contents import Entry
from harvesters.table.defuse import defuse

HEADER = ("fichier", "present", "jeu", "titre", "producteur", "licence", "adresse")
PACKED = frozenset({".parquet", ".xlsx", ".ods", ".zip", ".gz", ".jpg", ".png", ".pdf"})
README = """Toutes les données ouvertes de {site}

tables/          une table par thème, pour tout le territoire (CSV et Parquet)
jeux/            les fichiers de chaque jeu de données, tels que le producteur les a donnés
catalogue.jsonl  la description de chaque jeu, une par ligne
liste.csv        chaque fichier : producteur, licence, adresse d’origine

La licence est écrite fichier par fichier dans liste.csv. Un fichier marqué « non » n’est pas
gardé ici : prenez-le à son adresse.
"""


@dataclass(frozen=True, slots=True)
class Built:
    """An archive: its file and the state that it shows."""

    path: Path
    state: str


def folder() -> Path:
    """Where archives are."""
    path = files.folder() / "archive"
    path.mkdir(parents=True, exist_ok=True)
    return path


def current() -> Built | None:
    """The archive that is served: the last that was built."""
    found = sorted(folder().glob("*.zip"), key=lambda path: path.stat().st_mtime)
    return Built(found[-1], found[-1].stem) if found else None


def build() -> Built:
    """Build the archive unless the one that is served shows this state."""
    state = contents.state()
    served = current()
    if served and served.state == state:
        return served
    target = folder() / f"{state}.zip"
    with TemporaryDirectory(dir=files.draft_folder()) as name:
        draft = Path(name) / "draft.zip"
        with ZipFile(draft, "w", ZIP_DEFLATED, allowZip64=True) as archive:
            _fill(archive)
        draft.chmod(0o640)
        draft.rename(target)
    for old in folder().glob("*.zip"):
        if old != target:
            old.unlink(missing_ok=True)
    return Built(target, state)


def _fill(archive: ZipFile) -> None:
    lines: list[Entry] = []
    kept, ids, room = contents.kept_files(), set(), config.archive_max_bytes()
    with archive.open("catalogue.jsonl", "w", force_zip64=True) as out:
        for package in contents.packages():
            ids.add(package["id"])
            out.write(json.dumps(package, ensure_ascii=False).encode() + b"\n")
            lines += contents.entries(package, kept)
    lines = [*contents.tables(frozenset(ids)), *lines]
    told = []
    for entry in lines:
        size = entry.path.stat().st_size if entry.path else 0
        is_inside = entry.path is not None and size <= room
        if entry.path and is_inside:
            room -= size
            archive.write(entry.path, entry.name, compress_type=_packing(entry.name))
        told.append((entry, is_inside))
    archive.writestr("liste.csv", _to_csv(told))
    archive.writestr("LISEZMOI.txt", README.format(site=toolkit.config["ckan.site_title"]))


def _packing(name: str) -> int:
    return ZIP_STORED if Path(name).suffix in PACKED else ZIP_DEFLATED


def _to_csv(told: Iterable[tuple[Entry, bool]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEADER)
    for entry, is_inside in told:
        values = (entry.dataset, entry.title, entry.publisher, entry.licence, entry.url)
        writer.writerow((entry.name, "oui" if is_inside else "non", *map(defuse, values)))
    return written.getvalue()
