"""Every code, command, setting and source is documented where people look for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deployment import reference
from harvesters.errors import catalogue
from harvesters.registry import SOURCES

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"TER-[A-Z]{3}-\d{3}")


@pytest.mark.parametrize("page", sorted(reference.PAGES))
def test_a_reference_page_says_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == reference.PAGES[page](), "run `make reference`"


def test_every_code_used_is_in_the_catalogue() -> None:
    folders = ("harvesters", "ckanext-territoire", "schemas")
    used = {
        code
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        for code in CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert used - catalogue().keys() == set()


def test_every_sentence_of_the_catalogue_can_be_said() -> None:
    for code, entry in catalogue().items():
        assert entry.template.format(where="ici", found="ceci", expected="cela"), code
        assert entry.remedy.endswith((".", "»")), code


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_every_source_kind_is_documented(kind: str) -> None:
    assert f"`{kind}`" in (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def test_every_command_has_an_example() -> None:
    missing = [path for path, told in reference.commands() if "Exemple" not in told]
    assert missing == []
