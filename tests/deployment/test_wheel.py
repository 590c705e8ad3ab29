"""The wheel carries what runs: forms, codes, templates, migrations, one plugin a kind."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harvesters.registry import SOURCES

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = "ckanext/territoire"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy: a build leaves files that would hide the installed plugins."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("schemas", "harvesters", "ckanext-territoire"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    made = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", made, copy]
    subprocess.run([sys.executable, *map(str, command)], check=True)
    return next(made.glob("*.whl"))


@pytest.mark.parametrize(
    "name",
    [
        "schemas/dataset/dataset.yaml",
        "schemas/organization/organization.yaml",
        "schemas/vocabularies/licences.yaml",
        "schemas/presets.yaml",
        "harvesters/codes.yaml",
        f"{EXTENSION}/config_declaration.yaml",
        f"{EXTENSION}/search/words.yaml",
        f"{EXTENSION}/templates/home/index.html",
        f"{EXTENSION}/templates/territoire/source_list.html",
        f"{EXTENSION}/assets/webassets.yml",
        f"{EXTENSION}/assets/tokens.css",
        f"{EXTENSION}/public/territoire.svg",
        f"{EXTENSION}/guides/agent-commune.md",
        f"{EXTENSION}/migration/territoire/alembic.ini",
        f"{EXTENSION}/migration/territoire/versions/0001_first_tables.py",
    ],
)
def test_a_file_that_runs_is_in_the_wheel(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_every_source_kind_is_a_plugin_of_the_wheel(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    [points] = [n for n in archive.namelist() if n.endswith("entry_points.txt")]
    text = archive.read(points).decode()
    assert [kind for kind in SOURCES if f"territoire_{kind} = " not in text] == []


def test_the_wheel_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    command = ["-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, *command], check=True)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import harvesters, schemas\n"
        "from harvesters.errors import catalogue\n"
        "from schemas.vocabulary import load_vocabulary\n"
        "assert harvesters.__file__.startswith(sys.argv[1])\n"
        "print(len(catalogue()), load_vocabulary('licences').match('ODbL'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(target)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[1] == "odbl-1.0"
