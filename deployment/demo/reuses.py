"""What people made of the demo data: a page for each, and its picture.

Below `/reutilisations/`: `<slug>` is the page, `<slug>.png` the picture.
"""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml

from deployment.demo.answer import Answer, Asked, not_found, page
from deployment.demo.pictures import draw
from deployment.demo.tables import MARK


@cache
def load_community() -> dict[str, Any]:
    """Load what people send to the demo territory: reuses, questions, a challenge, flags."""
    text = (Path(__file__).parent / "community.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def answer(asked: Asked) -> Answer:
    """Answer below `/reutilisations/`."""
    name = asked.path.removeprefix("/reutilisations/")
    known = {each["slug"]: each for each in load_community()["reuses"]}
    found = known.get(name.removesuffix(".png"))
    if found is None:
        return not_found()
    if name.endswith(".png"):
        return Answer(draw(found["picture"]), "image/png")
    told = (
        f"<p>Cette page tient lieu de la réutilisation « {escape(found['title'])} » : "
        f"elle est inventée, comme les {MARK}.</p>"
        f'<p><img src="{escape(found["slug"])}.png" alt="{escape(found["alt"])}" width="600"></p>'
    )
    return page(found["title"], told)
