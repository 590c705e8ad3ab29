"""A backup is whole or refused: nothing in between reaches the databases."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from deployment.backup.archive import FORMAT, MANIFEST, read_archive, write_archive
from deployment.steps import SetUpError

FACTS = {"made_at": "2026-11-24T03:00:00+01:00", "versions": {"ckan": "2.12.0"}}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A good archive of two members."""
    (tmp_path / "ckan.dump").write_bytes(b"tables " * 5_000)
    (tmp_path / "photo.jpg").write_bytes(bytes(range(256)) * 100)
    target = tmp_path / "kept.tar.gz"
    members = {"ckan.dump": tmp_path / "ckan.dump", "files/a/photo.jpg": tmp_path / "photo.jpg"}
    write_archive(target, FACTS, members)
    return target


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where it is unpacked."""
    path = tmp_path / "unpacked"
    path.mkdir()
    return path


def forge(target: Path, members: dict[str, bytes], announced: dict[str, str]) -> Path:
    """Write an archive by hand, whose manifest may lie."""
    manifest = json.dumps({**FACTS, "format": FORMAT, "members": announced}).encode()
    with tarfile.open(target, "w:gz") as tar:
        for name, body in {MANIFEST: manifest, **members}.items():
            head = tarfile.TarInfo(name)
            head.size = len(body)
            tar.addfile(head, io.BytesIO(body))
    return target


def test_what_was_archived_comes_back_to_the_byte(archive: Path, folder: Path) -> None:
    manifest = read_archive(archive, folder)

    assert manifest["made_at"] == FACTS["made_at"]
    assert (folder / "files/a/photo.jpg").read_bytes() == bytes(range(256)) * 100


def test_an_archive_is_readable_by_its_owner_only(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(archive: Path, folder: Path, kept: float) -> None:
    body = archive.read_bytes()
    archive.write_bytes(body[: int(len(body) * kept)])

    with pytest.raises(SetUpError, match="Rien n’a été modifié"):
        read_archive(archive, folder)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.8])
def test_an_archive_with_a_changed_byte_is_refused(
    archive: Path, folder: Path, place: float
) -> None:
    plain = bytearray(gzip.decompress(archive.read_bytes()))
    plain[int(len(plain) * place)] ^= 0xFF
    archive.write_bytes(gzip.compress(bytes(plain)))

    with pytest.raises(SetUpError, match="Rien n’a été modifié"):
        read_archive(archive, folder)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, folder: Path) -> None:
    page = tmp_path / "page.tar.gz"
    page.write_text("<html>Service indisponible</html>")

    with pytest.raises(SetUpError, match="n’en est pas une"):
        read_archive(page, folder)


def test_an_absent_file_is_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(SetUpError, match="n’existe pas"):
        read_archive(tmp_path / "absent.tar.gz", folder)


def test_a_member_that_was_not_announced_is_refused(tmp_path: Path, folder: Path) -> None:
    forged = forge(tmp_path / "forged.tar.gz", {"extra.sh": b"rm"}, announced={})

    with pytest.raises(SetUpError, match=r"extra\.sh"):
        read_archive(forged, folder)
    assert not list(folder.iterdir())


def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    escape = {"../escaped": b"x"}
    forged = forge(tmp_path / "forged.tar.gz", escape, dict.fromkeys(escape, "0"))

    with pytest.raises(SetUpError):
        read_archive(forged, folder)
    assert not (tmp_path / "escaped").exists()


def test_a_missing_member_is_named(tmp_path: Path, folder: Path) -> None:
    forged = forge(tmp_path / "forged.tar.gz", {}, announced={"datastore.dump": "0"})

    with pytest.raises(SetUpError, match=r"il manque « datastore\.dump »"):
        read_archive(forged, folder)
