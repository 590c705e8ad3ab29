"""How we write: a module is one idea, a name says what a thing does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("schemas", "harvesters", "ckanext-territoire", "deployment")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
FORBIDDEN = re.compile(r"(^|_)(utils?|common|base|managers?|handlers?|processors?)($|_)")
MAX_LINES, MAX_FUNCTION, MAX_PARAMETERS = 350, 45, 5


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions(file: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def is_command(node: ast.FunctionDef) -> bool:
    """A command takes one parameter an option: its list is its interface."""
    return any(
        "command" in ast.unparse(d) or "option" in ast.unparse(d) for d in node.decorator_list
    )


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_module_is_short_and_says_its_role(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_function_is_short(file: Path) -> None:
    def code_lines(node: ast.FunctionDef) -> int:
        has_doc = ast.get_docstring(node) is not None
        first = node.body[1] if has_doc and len(node.body) > 1 else node.body[0]
        return (node.end_lineno or 0) - first.lineno + 1

    assert [f.name for f in functions(file) if code_lines(f) > MAX_FUNCTION] == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_function_takes_few_parameters(file: Path) -> None:
    def count(node: ast.FunctionDef) -> int:
        names = [
            arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        ]
        return len([n for n in names if n not in ("self", "cls")])

    wide = [f.name for f in functions(file) if count(f) > MAX_PARAMETERS and not is_command(f)]
    assert wide == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_module_is_named_by_what_it_does(file: Path) -> None:
    assert not FORBIDDEN.search(file.stem)


def test_no_word_of_a_machine_is_left_in_the_tree() -> None:
    found = []
    endings = {".py", ".sh", ".md", ".yaml", ".toml", ".json", ".html", ".template"}
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if file.suffix not in endings or not file.is_file() or parts[0].startswith("."):
            continue
        if "node_modules" in parts or "vendor" in parts:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if re.search(r"/work/main|/root/|/home/[a-z]+/", text):
            found.append(name(file))
    assert found == ["tests/house/test_size_and_names.py"]
