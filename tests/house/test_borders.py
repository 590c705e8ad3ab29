"""Borders are reached by the product, watched by tests alone, and each one is killed at."""

from __future__ import annotations

import ast
from pathlib import Path

from harvesters.border import Border
from tests.house.test_size_and_names import FILES, ROOT, name


def reached(file: Path) -> list[str]:
    """The borders that a module says are reached."""
    calls = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return [ast.unparse(c.args[0]) for c in calls if ast.unparse(c.func) == "reach"]


def test_every_border_is_reached_somewhere_and_nothing_else_is() -> None:
    found = {border for file in FILES for border in reached(file)}
    assert found == {f"Border.{border.name}" for border in Border}


def test_no_module_of_the_product_watches_a_border() -> None:
    watching = [name(f) for f in FILES if "watching" in f.read_text("utf-8")
                and f != ROOT / "harvesters" / "border.py"]  # fmt: skip
    assert [f for f in watching if "border" in (ROOT / f).read_text("utf-8")] == []
