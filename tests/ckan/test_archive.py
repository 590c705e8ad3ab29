"""All that is open in one file: nothing private in it, built again only when something changed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from ckan.common import config
from werkzeug.datastructures import FileStorage

from ckanext.territoire.archive import build, contents
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)

PATH = "/api/territoire/v1/archive.zip"
AWAY = "https://ailleurs.example/../bancs.csv"
ROWS = b"espece,hauteur\nChene,12\n"


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public dataset with a sent file and one that stands elsewhere; a private one."""
    monkeypatch.setitem(config, "ckan.storage_path", str(tmp_path))
    for name in ("arbres", "canari"):
        act("package_create", name=name, title=f"{name} =1+1", owner_org="acigne",
            license_id="lov2", private=name == "canari",
            resources=[{"url": AWAY, "format": "CSV"}])  # fmt: skip
    act("resource_create", package_id="arbres", name="Arbres", format="CSV",
        upload=FileStorage(io.BytesIO(ROWS), filename="arbres.csv", name="upload"),
        url="arbres.csv", url_type="upload")  # fmt: skip


def opened(path: Path) -> ZipFile:
    return ZipFile(path)


def listed(archive: ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read("liste.csv").decode())))


@pytest.mark.usefixtures("two")
def test_the_archive_holds_what_is_open_and_says_what_it_lacks() -> None:
    with opened(build.build().path) as archive:
        names = archive.namelist()
        lines = {line["fichier"]: line for line in listed(archive)}
        told = [json.loads(line) for line in archive.read("catalogue.jsonl").splitlines()]
        sent = archive.read("jeux/arbres/02-arbres.csv")

    assert sent == ROWS
    assert [package["name"] for package in told] == ["arbres"]
    assert "LISEZMOI.txt" in names
    assert lines["jeux/arbres/02-arbres.csv"]["present"] == "oui"
    assert lines["jeux/arbres/02-arbres.csv"]["licence"] == "lov2"
    away = lines["jeux/arbres/01-bancs.csv"]
    assert (away["present"], away["adresse"]) == ("non", AWAY)
    assert not [name for name in names if ".." in name or name.startswith("/")]


@pytest.mark.usefixtures("two")
def test_nothing_private_is_in_the_archive() -> None:
    with opened(build.build().path) as archive:
        assert not [n for n in archive.namelist() if b"canari" in archive.read(n)]
    act("package_patch", id="arbres", private=True)
    with opened(build.build().path) as archive:
        assert not [n for n in archive.namelist() if b"arbres" in archive.read(n)]


@pytest.mark.usefixtures("two")
def test_it_is_built_again_only_when_something_changed() -> None:
    first = build.build()
    made = first.path.stat().st_mtime_ns
    again = build.build()
    assert (again.path, again.path.stat().st_mtime_ns) == (first.path, made)

    act("package_patch", id="arbres", notes="Relevé de novembre")

    other = build.build()
    assert other.path != first.path
    assert not first.path.exists()


@pytest.mark.usefixtures("two")
def test_what_finds_no_room_is_listed_with_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(config, "ckanext.territoire.archive.max_bytes", 10)
    with opened(build.build().path) as archive:
        lines = {line["fichier"]: line["present"] for line in listed(archive)}
        assert "jeux/arbres/02-arbres.csv" not in archive.namelist()
    assert lines["jeux/arbres/02-arbres.csv"] == "non"


@pytest.mark.usefixtures("two")
def test_a_build_that_fails_leaves_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first = build.build()
    act("package_patch", id="arbres", notes="Relevé de novembre")

    def fails() -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(contents, "kept_files", fails)
    with pytest.raises(OSError, match="disk full"):
        build.build()
    assert build.current() == first


@pytest.mark.usefixtures("two")
def test_it_is_served_whole_in_parts_and_not_twice(app: Any) -> None:
    early = app.get(PATH, status=503).json["error"]
    assert early["code"] == "TER-API-201"
    size = build.build().path.stat().st_size

    whole = app.get(PATH)
    assert len(whole.data) == size
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    part = app.get(PATH, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data[:2]) == (206, b"PK")
    same = app.get(PATH, headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304


def test_a_merged_table_is_inside_once_in_two_formats(deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1), park(2))
    with opened(build.build().path) as archive:
        names = [name for name in archive.namelist() if SLUG in name]
        rows = list(csv.DictReader(io.StringIO(archive.read(f"tables/{SLUG}.csv").decode())))
    assert f"tables/{SLUG}.parquet" in names
    assert len(rows) == 2
