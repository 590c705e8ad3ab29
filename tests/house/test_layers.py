"""The rule of dependence: schemas ← harvesters ← ckanext.territoire; sockets in fetch alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "ckanext-territoire" / "ckanext" / "territoire"
DATABASES = {"ckan", "ckanext", "sqlalchemy", "psycopg2", "psycopg", "redis", "pysolr"}
SOCKETS = {"socket", "requests", "urllib3", "httpx", "aiohttp", "ftplib", "smtplib"}
NETWORK_MODULES = {"urllib.request", "http.client"}
# Solr is ours, on loopback, and so is the mail server: neither is a fetch of somebody else's data.
ALLOWED_IN_EXTENSION = {"index_outbox.py", "solr_line.py", "smtp.py"}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tops(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


def files(*folders: Path) -> list[Path]:
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", files(ROOT / "schemas"), ids=name)
def test_schemas_import_neither_harvesters_nor_ckan(file: Path) -> None:
    assert not tops(file) & ({"harvesters"} | DATABASES | SOCKETS)


@pytest.mark.parametrize("file", files(ROOT / "harvesters"), ids=name)
def test_harvesters_import_no_ckan_and_no_database(file: Path) -> None:
    assert not tops(file) & DATABASES


@pytest.mark.parametrize("file", files(ROOT / "harvesters"), ids=name)
def test_sockets_open_in_fetch_alone(file: Path) -> None:
    if "fetch" in file.relative_to(ROOT / "harvesters").parts[0]:
        pytest.skip("this is the way out")
    used = tops(file) & SOCKETS | set(imports(file)) & NETWORK_MODULES
    assert not used


@pytest.mark.parametrize("file", files(EXTENSION), ids=name)
def test_the_extension_makes_no_request_of_its_own(file: Path) -> None:
    if file.name in ALLOWED_IN_EXTENSION:
        pytest.skip("it speaks to a server of ours")
    assert not tops(file) & SOCKETS | set(imports(file)) & NETWORK_MODULES


@pytest.mark.parametrize("file", files(EXTENSION), ids=name)
def test_only_the_adapter_and_the_bulk_write_know_ckanext_harvest(file: Path) -> None:
    if file.parent.name in ("harvest_adapter", "catalogue"):
        pytest.skip("this is its place")
    assert not [name for name in imports(file) if name.startswith("ckanext.harvest")]
