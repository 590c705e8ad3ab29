"""Recognise what a file is from its bytes; its name and its declared format may be wrong."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from harvesters.archive import SIGNATURES
from harvesters.model import Issue

MAX_UNPACKED = 1_000_000_000
MAX_RATIO = 300
FREE_RATIO = 20_000_000
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(!doctype|html|head|body|script|\?xml)", re.I)


def kind_of(path: Path) -> str | Issue:
    """Answer `csv` (any delimited text), `xlsx`, `xls` or `ods`; an issue for all else."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head.strip(b" \t\r\n\xef\xbb\xbf\0"):
        return Issue("TER-TAB-001")
    if head.startswith(b"PK\x03\x04"):
        return _workbook(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if _MARKUP.match(head):
        is_page = b"<?xml" not in head[:40].lower() or b"<html" in head.lower()
        return Issue("TER-TAB-002", found="une page web" if is_page else "un document XML")
    for mark, told in SIGNATURES:
        if head.lower().startswith(mark.lower()) and mark != b"{":
            return Issue("TER-TAB-002", found=told)
    if re.match(rb'^\s*[\[{]\s*["{\[\]}]', head):
        return Issue("TER-TAB-002", found="du JSON")
    return "csv"


def _workbook(path: Path) -> str | Issue:
    """Tell workbooks apart by their members, and refuse what unpacks out of measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        return Issue("TER-TAB-003", found="archive abîmée")
    size = max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > FREE_RATIO and unpacked / size > MAX_RATIO):
        return Issue("TER-TAB-004", found=f"{unpacked // 1_000_000} Mo", expected="1000 Mo")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    return "ods" if "content.xml" in names else Issue("TER-TAB-002", found="une archive ZIP")
