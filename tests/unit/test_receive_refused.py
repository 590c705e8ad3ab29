"""What is no table is refused with what it really is, and what to send instead."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.table import kind
from tests.unit.ole_files import container
from tests.unit.town import Town

STAY = "Les lignes déjà publiées restent."
BIFF = struct.pack("<HHHHHHII", 0x0809, 16, 0x0600, 5, 0, 0, 0, 0)
FILE_PASS = struct.pack("<HH", 0x2F, 54) + b"\1\0" + b"\0" * 52


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.base.close()


def packed(**members: bytes | str) -> bytes:
    """A ZIP; in the names, `__` stands for a slash and `_` for a point."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def named(name: str, content: bytes | str = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def locked() -> bytes:
    """The bit that says that a member is encrypted, in both of its places."""
    content = bytearray(packed(a_csv="id;nom\n1;a\n"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def workbook() -> bytes:
    out = io.BytesIO()
    made = openpyxl.Workbook()
    for number in range(300):
        made.active.append(["id", number, number / 7])
    made.save(out)
    return out.getvalue()


def broken_ods() -> bytes:
    """A member whose compressed bytes are none."""
    content = packed(mimetype="application/vnd.oasis.opendocument.spreadsheet" * 9, content_xml="x")
    at = content.index(b"mimetype") + len(b"mimetype")
    return content[:at] + b"\xff" * 12 + content[at + 12 :]


BIFF_PAST_THE_END = struct.pack("<HH", 0x85, 20) + b"\xff" * 20  # a sheet that begins nowhere
LOCKED_ODS = packed(
    mimetype="application/vnd.oasis.opendocument.spreadsheet",
    content_xml=b"\x13\x37",
    **{"META-INF__manifest_xml": "<manifest:encryption-data/>"},
)
WHAT_IT_IS = {
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "un PDF", "le tableur dont il a été tiré"),
    "a photo": (b"\xff\xd8\xff\xe0\0\x10JFIF", "une photo JPEG", "une image ne se relit pas"),
    "an image": (b"\x89PNG\r\n\x1a\n", "une image PNG", "une image ne se relit pas"),
    "a drawing": (b'<svg xmlns="x"></svg>', "une image", "une image ne se relit pas"),
    "Word": (packed(word__document_xml="x"), "un document Word", "copiez son tableau"),
    "old Word": (container(WordDocument=b"x"), "un document Word", "copiez son tableau"),
    "slides": (packed(ppt__slides_xml="x"), "une présentation PowerPoint", "copiez son tableau"),
    "old slides": (
        container(PowerPoint_Document=b"x"),
        "une présentation PowerPoint",
        "copiez son tableau",
    ),
    "a mail": (container(__properties=b"x"), "un ancien document Office", "envoyez un tableau"),
    "a text": (b"{\\rtf1\\ansi Bonjour}", "un document RTF", "copiez son tableau"),
    "OpenDocument text": (
        packed(mimetype="application/vnd.oasis.opendocument.text", content_xml="x"),
        "un document OpenDocument",
        "copiez son tableau",
    ),
    "Numbers": (packed(Index__Document_iwa="x"), "un classeur Numbers", "exportez-le en Excel"),
    "a web page": (b"<!DOCTYPE html><html><body>404", "une page web", "le fichier lui-même"),
    "a table in HTML": (
        b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>',
        "un tableau écrit en HTML",
        "ouvrez-le dans un tableur",
    ),
    "Excel 2003": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "un classeur XML d’Excel 2003",
        "ouvrez-le dans un tableur",
    ),
    "XML": (b'<?xml version="1.0"?><a/>', "un document XML", "csv, xlsx ou ods"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "une archive 7z", "ouvrez cette archive"),
    "gzip": (b"\x1f\x8b\x08\0\0", "un fichier gzip", "ouvrez cette archive"),
    "a ZIP of texts": (packed(lisez_docx="x"), "une archive ZIP", "le tableau lui-même"),
    "a program": (bytes(range(256)) * 20, "un fichier qui n’est pas du texte", "un tableau csv"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHAT_IT_IS)
def test_what_a_file_really_is_and_what_to_send_instead(town: Town, case: str) -> None:
    content, told, advice = WHAT_IT_IS[case]
    found = town.tries(content)

    assert isinstance(found, Issue)
    assert (found.code, found.found) == ("TER-TAB-027", told)
    assert advice in found.expected
    assert sentence(found).endswith(STAY)


@pytest.mark.parametrize(
    "content",
    [
        container(EncryptedPackage=b"x", EncryptionInfo=b"y"),
        container(Workbook=BIFF + FILE_PASS),
        LOCKED_ODS,
        locked(),
    ],
    ids=["xlsx", "xls", "ods", "zip"],
)
def test_a_password_is_said(town: Town, content: bytes) -> None:
    assert town.tries(content) == Issue("TER-TAB-025")


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 cut",
        b"\xd0\xcf\x11\xe0 cut",
        workbook()[:-2_000],
        workbook().replace(b"xl/worksheets/sheet1", b"xl/worksheets/sheet9"),
        packed(xl__workbook_xml="<nothing/>"),
        container(Workbook=BIFF + BIFF_PAST_THE_END),
        broken_ods(),
        b"SQLite format 3\0" + b"\0" * 100,
    ],
)
def test_a_damaged_file_is_said(town: Town, content: bytes) -> None:
    found = town.tries(content)
    assert isinstance(found, Issue)
    assert found.code == "TER-TAB-026"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (packed(a_zip=packed(b_csv="id\n1\n")), "seulement d’autres archives"),
        (packed(a_csv=packed(b_csv="id\n1\n")), "une autre archive"),
        (named("../../etc/a.csv"), "un nom qui sort de l’archive"),
        (named("/a.csv"), "un nom qui sort de l’archive"),
    ],
)
def test_an_archive_of_archives_or_with_odd_names_is_refused(
    town: Town, content: bytes, told: str
) -> None:
    found = town.tries(content)
    assert isinstance(found, Issue)
    assert found.code == "TER-TAB-030"
    assert told in found.found


@pytest.mark.parametrize(
    ("name", "limit"),
    [("a_csv", "1000"), ("xl__worksheets__sheet1_xml", "350"), ("content_xml", "350")],
)
def test_what_unpacks_out_of_measure_is_refused_with_the_limit(
    town: Town, name: str, limit: str
) -> None:
    found = town.tries(packed(**{name: b"0" * 60_000_000}))
    assert isinstance(found, Issue)
    assert (found.code, found.expected) == ("TER-TAB-028", f"{limit}\u00a0Mo")


def test_a_file_that_is_too_large_is_refused_with_the_limit(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "MAX_BYTES", 2_000_000)
    found = town.tries(b"id;nom\n" + b"1;a\n" * 600_000)
    assert found == Issue("TER-TAB-028", found="2\u00a0Mo", expected="2\u00a0Mo")


def test_a_name_of_gdal_does_not_open_another_file(town: Town, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("id;nom\n1;secret\n")
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource>"
    shape = packed(a_shp=vrt, a_shx="x", a_dbf="x")
    assert town.tries(shape) == Issue("TER-TAB-026", found="a.shp")
