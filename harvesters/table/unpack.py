"""Take the table out of a ZIP: a shapefile, or the file that looks most like a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harvesters.archive import Archive, open_archive
from harvesters.model import Issue
from harvesters.table.kind import DAMAGED, not_a_table

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".geojson", ".json", ".gpkg")
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED_PARTS = (".shx", ".dbf")
SHAPE_MAGIC = b"\x00\x00\x27\x0a"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The file taken out, its name in the archive, the others; `is_shape` for a shapefile."""

    path: Path
    name: str
    others: tuple[str, ...]
    is_shape: bool = False


def unpack(source: Path, folder: Path, wanted: str = "") -> Unpacked | Issue:
    """Save the `wanted` table of an archive into a folder, else the largest one."""
    archive = open_archive(source)
    if isinstance(archive, Issue):
        if archive.code == "TER-FET-021":
            return Issue("TER-TAB-030", found=archive.found)
        return Issue("TER-TAB-026", found=DAMAGED)
    try:
        shapes = [n for n in archive.names if n.lower().endswith(".shp")]
        tables = shapes or [n for n in archive.names if n.lower().endswith(TABLES)]
        if not tables:
            return not_a_table("une archive ZIP")
        if wanted and wanted not in tables:
            return Issue("TER-TAB-036", found=wanted, expected=", ".join(tables))
        name = wanted or max(tables, key=archive.size)
        others = tuple(table for table in tables if table != name)
        if shapes:
            return _save_shape(archive, name, others, folder)
        path = folder / f"member{PurePosixPath(name).suffix.lower()}"
        if archive.save(name, path):
            return Issue("TER-TAB-026", found=DAMAGED)
        return Unpacked(path, name, others)
    finally:
        archive.close()


def _save_shape(
    archive: Archive, name: str, others: tuple[str, ...], folder: Path
) -> Unpacked | Issue:
    """Save the parts of a shapefile under one name."""
    stem = name[: -len(".shp")].lower()
    parts = {
        PurePosixPath(each).suffix.lower(): each
        for each in archive.names
        if each.lower().endswith(SHAPE_PARTS) and each[: -len(".shp")].lower() == stem
    }
    missing = [part for part in NEEDED_PARTS if part not in parts]
    if missing:
        return Issue("TER-TAB-040", name, expected=" et ".join(missing))
    for part, each in parts.items():
        if archive.save(each, folder / f"layer{part}"):
            return Issue("TER-TAB-026", found=DAMAGED)
    path = folder / "layer.shp"
    with path.open("rb") as file:
        if file.read(4) != SHAPE_MAGIC:  # GDAL would open what it is instead
            return Issue("TER-TAB-026", found=name)
    return Unpacked(path, name, others, is_shape=True)
