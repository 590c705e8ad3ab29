"""Recognise what a file is from its bytes; its name and its declared format may be wrong.

What is no table is refused with what it really is, and what to send instead.
"""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path

from harvesters.archive import BROKEN, what_is
from harvesters.model import Issue
from harvesters.table.encoding import wide_charset
from harvesters.table.ole import BOOKS, MAGIC, has_password, top_streams

DELIMITED = "csv"
WORKBOOKS = ("xlsx", "xls", "ods")
JSON, GEOPACKAGE, ZIP = "json", "gpkg", "zip"

MAX_BYTES = 500_000_000
MAX_UNPACKED = 1_000_000_000
MAX_WORKBOOK = 350_000_000  # a workbook is held in memory, twice as large as it unpacks
MAX_RATIO = 300
FREE_RATIO = 20_000_000
MEGA = 1_000_000
HEAD_BYTES = 4_096
DAMAGED = "archive abîmée"
MAX_CONTROLS = 0.01

SPREADSHEET = "enregistrez son tableau en xlsx, ods ou csv et envoyez ce fichier"
ADVICE = {
    "un PDF": "envoyez le tableur dont il a été tiré (xlsx, ods ou csv)",
    "une page web": "envoyez le fichier lui-même, et non la page qui le présente",
    "un document XML": "envoyez les mêmes données en csv, xlsx ou ods",
    "un tableau écrit en HTML": f"ouvrez-le dans un tableur, {SPREADSHEET}",
    "un classeur XML d’Excel 2003": f"ouvrez-le dans un tableur, {SPREADSHEET}",
    "un classeur Numbers": "exportez-le en Excel depuis Numbers et envoyez ce fichier",
    "une archive ZIP": "envoyez le tableau lui-même (csv, xlsx, xls, ods, GeoJSON ou shapefile)",
    **dict.fromkeys(
        ("un fichier gzip", "une archive RAR", "une archive 7z"),
        "ouvrez cette archive et envoyez le tableau qu’elle contient",
    ),
    **dict.fromkeys(
        ("une image PNG", "une photo JPEG", "une image GIF", "une image TIFF", "une image"),
        "une image ne se relit pas : envoyez le tableur dont elle a été tirée",
    ),
    **dict.fromkeys(
        ("un document Word", "un document RTF", "un document OpenDocument"),
        f"copiez son tableau dans un tableur, {SPREADSHEET}",
    ),
    "une présentation PowerPoint": f"copiez son tableau dans un tableur, {SPREADSHEET}",
}
ELSE = "envoyez un tableau csv, xlsx, xls, ods, GeoJSON ou un shapefile dans un ZIP"
_MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*<(!doctype|html|head|body|script|table|\?xml|svg)", re.I
)
_JSON = re.compile(rb'^(?:\xef\xbb\xbf)?\s*[\[{]\s*["{\[\]}]')
_CONTROLS = bytes(range(1, 9)) + bytes(range(14, 26)) + bytes(range(27, 32))


def kind_of(path: Path) -> str | Issue:
    """Answer `csv` (any delimited text), `xlsx`, `xls`, `ods`, `json`, `gpkg` or `zip`."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        return Issue("TER-TAB-028", found=_mega(size), expected=_mega(MAX_BYTES))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b" \t\r\n\xef\xbb\xbf\0"):
        return Issue("TER-TAB-022")
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    return _office(path) if head.startswith(MAGIC[:4]) else _by_head(head)


def _by_head(head: bytes) -> str | Issue:
    """Recognise what its first bytes tell."""
    if head.startswith(b"SQLite format 3\0"):
        return GEOPACKAGE
    if _MARKUP.match(head):
        return not_a_table(_markup(head))
    if _JSON.match(head):
        return JSON
    told = what_is(head)
    if told not in ("du JSON", "un autre type de fichier"):
        return not_a_table(told)
    return not_a_table("un fichier qui n’est pas du texte") if _is_binary(head) else DELIMITED


def not_a_table(told: str) -> Issue:
    """Say what a file is, and what to send instead."""
    return Issue("TER-TAB-027", found=told, expected=ADVICE.get(told, ELSE))


def _mega(size: int) -> str:
    return f"{size // MEGA}\u00a0Mo"


def _markup(head: bytes) -> str:
    low = head.lower()
    if b'progid="excel.sheet"' in low:
        return "un classeur XML d’Excel 2003"
    if b"<svg" in low:
        return "une image"
    if b"<?xml" in low[:40] and b"<html" not in low:
        return "un document XML"
    is_table = b"office:excel" in low or b"<table" in low[:200]
    return "un tableau écrit en HTML" if is_table else "une page web"


def _is_binary(head: bytes) -> bool:
    if wide_charset(head) or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > MAX_CONTROLS * len(head)


def _office(path: Path) -> str | Issue:
    """Tell the old documents of Office apart; what cannot be told is left to the reader of xls."""
    streams = top_streams(path)
    if has_password(streams):
        return Issue("TER-TAB-025")
    if "WordDocument" in streams:
        return not_a_table("un document Word")
    if "PowerPoint Document" in streams:
        return not_a_table("une présentation PowerPoint")
    if streams and not any(name in streams for name in BOOKS):
        return not_a_table("un ancien document Office")
    return "xls"


def _packed(path: Path) -> str | Issue:
    """Tell what is a ZIP inside by its members, and refuse what unpacks out of measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {info.filename for info in members}
            is_locked = any(info.flag_bits & 1 for info in members)
            is_locked = is_locked or b"encryption-data" in _read(archive, "META-INF/manifest.xml")
            media_type = _read(archive, "mimetype")
    except BROKEN:
        return Issue("TER-TAB-026", found=DAMAGED)
    if is_locked:
        return Issue("TER-TAB-025")
    unpacked, size = sum(info.file_size for info in members), max(path.stat().st_size, 1)
    kind = _told_by_members(names, media_type)
    limit = MAX_WORKBOOK if kind in WORKBOOKS else MAX_UNPACKED
    if unpacked > limit or (unpacked > FREE_RATIO and unpacked / size > MAX_RATIO):
        told = f"{_mega(unpacked)} une fois ouvert"
        return Issue("TER-TAB-028", found=told, expected=_mega(limit))
    return kind


def _told_by_members(names: set[str], media_type: bytes) -> str | Issue:
    folders = {name.partition("/")[0] for name in names}
    if "xl" in folders:
        return "xlsx"
    if "word" in folders:
        return not_a_table("un document Word")
    if "ppt" in folders:
        return not_a_table("une présentation PowerPoint")
    if any(name.endswith(".iwa") for name in names):
        return not_a_table("un classeur Numbers")
    if b"opendocument" in media_type and b"spreadsheet" not in media_type:
        return not_a_table("un document OpenDocument")
    return "ods" if "content.xml" in names else ZIP


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a small member; an OpenDocument tells what it is, and its password, in two of them."""
    is_small = name in archive.namelist() and archive.getinfo(name).file_size < MEGA
    return archive.read(name) if is_small and not archive.getinfo(name).flag_bits & 1 else b""
