"""Archives that anybody may have written: what is read, what is refused and why."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from pathlib import Path

import pytest

from harvesters.archive import Archive, Bounds, open_archive, read_gzip
from harvesters.errors import sentence
from harvesters.model import Issue

SMALL = Bounds(
    max_members=5,
    max_member_bytes=50_000,
    max_total_bytes=100_000,
    max_ratio=20,
    free_ratio_bytes=5_000,
)


def packed(
    *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in members:
            archive.writestr(name, body, method)
    return out.getvalue()


def opened(body: bytes | Path) -> Archive:
    archive = open_archive(body, "a.zip", SMALL)
    assert isinstance(archive, Archive)
    return archive


def refusal(body: bytes) -> str:
    issue = open_archive(body, "a.zip", SMALL)
    assert isinstance(issue, Issue)
    assert issue.found in sentence(issue)
    return f"{issue.code} {issue.found}".replace("\u00a0", " ")


def test_members_are_listed_and_read() -> None:
    archive = opened(packed(("stops.txt", b"stop_id\n1\n"), ("agency.txt", b"agency_id\n")))
    assert archive.names == ("stops.txt", "agency.txt")
    assert archive.read("stops.txt") == b"stop_id\n1\n"


def test_an_archive_is_read_from_a_file_and_its_members_saved(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(packed(("stops.txt", b"stop_id\n1\n")))
    archive = opened(file)
    assert archive.save("stops.txt", tmp_path / "stops.txt") is None
    archive.close()
    assert (tmp_path / "stops.txt").read_bytes() == b"stop_id\n1\n"


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        (("gtfs/stops.txt", "gtfs/agency.txt"), "gtfs"),
        (("a/b/stops.txt", "a/b/agency.txt"), "a/b"),
        (("gtfs\\stops.txt", "gtfs\\agency.txt"), "gtfs"),
        (("gtfs/stops.txt", "gtfs/agency.txt", "__MACOSX/gtfs/._stops.txt", ".DS_Store"), "gtfs"),
        (("stops.txt", "agency.txt"), ""),
    ],
)
def test_folders_around_all_members_are_dropped_and_told(
    names: tuple[str, ...], folder: str
) -> None:
    archive = opened(packed(*((name, b"x") for name in names)))
    assert (archive.names, archive.folder) == (("stops.txt", "agency.txt"), folder)
    assert archive.read("stops.txt") == b"x"


def test_folders_that_differ_are_kept() -> None:
    archive = opened(packed(("ab/stops.txt", b"x"), ("ac/stops.txt", b"y")))
    assert (archive.names, archive.folder) == (("ab/stops.txt", "ac/stops.txt"), "")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!DOCTYPE html><title>Maintenance</title>", "une page web"),
        (b"%PDF-1.7", "un PDF"),
        (gzip.compress(b"x", mtime=0), "un fichier gzip"),
        (b'{"error": 404}', "du JSON"),
        (b"Rar!\x1a\x07", "une archive RAR"),
        (b"", "un fichier vide"),
        (b"a;b\n1;2\n", "un autre type de fichier"),
        (packed(("stops.txt", b"stop_id\n" * 99))[:-20], "un ZIP coupé avant sa fin"),
        (b"<html>" + packed(("stops.txt", b"x")), "une page web"),
    ],
)
def test_what_is_not_an_archive_is_named(body: bytes, told: str) -> None:
    assert refusal(body) == f"TER-FET-020 {told}"


@pytest.mark.parametrize(
    "name", ["../etc/cron.d/x", "a/../../x", "/etc/passwd", "C:\\windows\\x", "..\\..\\x", "c:x"]
)
def test_a_name_that_leaves_the_archive_is_refused(name: str) -> None:
    assert refusal(packed((name, b"x"))).startswith("TER-FET-021 un nom qui sort de l’archive")


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("stops.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(packed((link, b"/etc/passwd"))) == "TER-FET-021 un lien (« stops.txt »)"


@pytest.mark.parametrize("second", ["stops.txt", "STOPS.TXT"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(second: str) -> None:
    body = packed(("stops.txt", b"good"), (second, b"bad"))
    assert refusal(body) == f"TER-FET-021 deux fois le même nom (« {second} »)"


def test_a_member_under_a_password_is_refused() -> None:
    body = bytearray(packed(("stops.txt", b"x")))
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(body)) == "TER-FET-021 un fichier protégé par mot de passe"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_unusual_compression_is_refused(method: int) -> None:
    found = refusal(packed(("stops.txt", b"x"), method=method))
    assert found.startswith("TER-FET-021 un fichier compressé d’une façon inhabituelle")


def test_a_bomb_is_refused_by_its_ratio() -> None:
    found = refusal(packed(("stops.txt", b"\0" * 40_000)))
    assert found == "TER-FET-021 un fichier anormalement compressé (« stops.txt »)"


def test_a_bomb_in_small_pieces_is_refused_by_their_ratio_together() -> None:
    body = packed(*((f"{i}.txt", b"\0" * 4_900) for i in range(5)))
    assert refusal(body) == "TER-FET-021 des fichiers anormalement compressés"


def test_a_very_small_file_of_zeros_is_no_bomb() -> None:
    assert opened(packed(("stops.txt", b"\0" * 4_900))).read("stops.txt") == b"\0" * 4_900


def test_too_much_is_refused() -> None:
    stored = zipfile.ZIP_STORED
    six = packed(*((f"{i}.txt", b"x") for i in range(6)))
    large = packed(("a.txt", bytes(50_001)), method=stored)
    heavy = packed(*((f"{i}.txt", bytes(40_000)) for i in range(3)), method=stored)
    assert refusal(six) == "TER-FET-021 6 fichiers, 5 au plus"
    assert refusal(large).startswith("TER-FET-021 un fichier de 0 Mo")
    assert refusal(heavy) == "TER-FET-021 0 Mo une fois décompressée"


def test_members_that_share_their_bytes_are_refused() -> None:
    body = packed(("a.txt", b"the same kernel"), ("b.txt", b"the same kernel"))
    directory = body.index(b"PK\x01\x02")
    second = body.index(b"PK\x01\x02", directory + 4)
    # the second entry of the directory points at the bytes of the first member
    overlapping = body[: second + 42] + bytes(4) + body[second + 46 :]
    assert refusal(overlapping) == "TER-FET-021 des fichiers qui se chevauchent"


def test_an_archive_that_only_holds_archives_is_refused() -> None:
    inner = packed(("stops.txt", b"x"))
    assert refusal(packed(("r/r.zip", inner))) == "TER-FET-021 seulement d’autres archives"
    assert opened(packed(("r.zip", inner), ("lisez-moi.txt", b"x"))).names


def test_a_member_that_lies_on_its_size_is_never_read_short() -> None:
    body = bytearray(packed(("stops.txt", b"stop_id\n1\n2\n3\n")))
    size = body.index(b"PK\x01\x02") + 24
    body[size : size + 4] = (5).to_bytes(4, "little")
    issue = opened(bytes(body)).read("stops.txt")
    assert isinstance(issue, Issue)
    assert issue.code == "TER-FET-022"


def test_a_damaged_member_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    body = bytearray(packed(("stops.txt", b"stop_id;name\n" * 9), method=zipfile.ZIP_STORED))
    body[50] ^= 1
    archive = opened(bytes(body))
    read, saved = archive.read("stops.txt"), archive.save("stops.txt", tmp_path / "stops.txt")
    assert isinstance(read, Issue)
    assert isinstance(saved, Issue)
    assert (read.code, saved.code) == ("TER-FET-022", "TER-FET-022")
    assert list(tmp_path.iterdir()) == []


def test_a_gzip_file_is_read_with_all_its_members() -> None:
    assert read_gzip(gzip.compress(b"a;b\n") + gzip.compress(b"1;2\n")) == b"a;b\n1;2\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (gzip.compress(b"a;b\n1;2\n", mtime=0)[:-3], "TER-FET-022"),
        (gzip.compress(bytes(40_000), mtime=0), "TER-FET-021"),
        (b"a;b\n", "TER-FET-023"),
        (packed(("a.csv", b"a;b")), "TER-FET-023"),
    ],
    ids=["short", "bomb", "text", "zip"],
)
def test_a_gzip_file_that_is_short_too_large_or_none_is_refused(body: bytes, code: str) -> None:
    issue = read_gzip(body, "a.csv.gz", SMALL)
    assert isinstance(issue, Issue)
    assert issue.code == code


def test_the_real_feeds_of_rennes_pass(shared_data: Path) -> None:
    for file in sorted((shared_data / "rennes-metropole" / "gtfs").glob("*.zip")):
        archive = open_archive(file.read_bytes(), file.name)
        assert isinstance(archive, Archive)
        assert "stops.txt" in archive.names
