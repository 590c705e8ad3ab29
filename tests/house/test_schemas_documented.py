"""The officer's guide lists every table schema as it is, and none that is gone."""

from __future__ import annotations

from pathlib import Path

from schemas.load import load, slugs
from schemas.model import Schema
from schemas.to_doc import OURS, to_audience

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "modeles-de-tableaux.md"


def test_the_guide_lists_every_schema_with_its_origin_and_who_must_publish() -> None:
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("| Modèle |"))
    listed = set(lines[header + 2 : lines.index("", header)])
    every = {to_row(load(slug, each)) for slug, versions in slugs().items() for each in versions}
    assert listed == every


def to_row(schema: Schema) -> str:
    origin = "le territoire" if schema.origin.name == OURS else schema.origin.name
    cells = (schema.title, f"`{schema.slug}`", schema.version, origin, to_audience(schema))
    return f"| {' | '.join(cells)} |"
