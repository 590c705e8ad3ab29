"""Write the reference pages from what they describe: `make reference`. A house test compares.

`docs/codes.md` from `harvesters/codes.yaml`, `docs/settings.md` from `config_declaration.yaml`,
`docs/commands.md` from the commands themselves, the tables of settings of `docs/sources.md` from
the kinds of sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import yaml

from deployment.layout import CHECKOUT
from harvesters.model import Setting, Source
from harvesters.registry import SOURCES

DOCS = CHECKOUT / "docs"
SETTINGS = CHECKOUT / "ckanext-territoire/ckanext/territoire/config_declaration.yaml"
SHOWN_CHOICES = 6
CODES = CHECKOUT / "harvesters/codes.yaml"


def codes_page() -> str:
    """List every code with what it says."""
    entries = yaml.safe_load(CODES.read_text(encoding="utf-8"))
    lines = ["# Codes",
        "",
        "Un code n’est jamais réemployé. « Suite » dit ce que fait la moisson.",
        "",
             "| code | suite | phrase | que faire |", "|---|---|---|---|"]  # fmt: skip
    for code, entry in sorted(entries.items()):
        told = [code, entry["consequence"], entry["template"], entry["remedy"]]
        lines.append("| " + " | ".join(part.replace("|", "\\|") for part in told) + " |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """List every setting with its default."""
    groups = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))["groups"]
    lines = ["# Settings", "", "| setting | default | meaning |", "|---|---|---|"]
    for option in (option for group in groups for option in group["options"]):
        told = " ".join(str(option.get("description", "")).split())
        lines.append(f"| `{option['key']}` | `{option.get('default', '')}` | {told} |")
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _commands(child, f"{path} {name}")
    else:
        yield path, (command.help or "").strip()


def commands() -> list[tuple[str, str]]:
    """List every command with its help."""
    from ckanext.territoire.cli import territoire

    return list(_commands(territoire, "territoire"))


def commands_page() -> str:
    """Describe every command."""
    lines = ["# Commandes", "", "Chacune se lance par `deployment/territoire …`.", ""]
    for path, told in commands():
        lines += [f"## `{path}`", "", told.replace("\n\n    ", "\n\n"), ""]
    return "\n".join(lines).rstrip() + "\n"


def sources_page() -> str:
    """Set the table of settings of each kind in the page that people write."""
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    for kind in SOURCES.values():
        title = rf"(## `{kind.kind}` : [^\n]*\n(?:(?!## |\| réglage)[^\n]*\n)*)"
        text = re.sub(
            title + r"(?:\| réglage[^\n]*\n(?:\|[^\n]*\n)+)?",
            lambda found: found[1] + _settings_of(kind),  # noqa: B023 called at once
            text,
        )
    return text


def _settings_of(kind: Source) -> str:
    """Write the settings of a kind as a table; nothing when it has none."""
    rows = [f"| `{each.name}` | {each.label_fr} | {_meaning(each)} |" for each in kind.settings]
    lines = ["| réglage | nom dans le formulaire | sens |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n" if rows else ""


def _meaning(setting: Setting) -> str:
    told = [setting.help_fr]
    values = [f"`{value}`" for value, _ in setting.choices]
    if values:
        listed = ", ".join(values[:SHOWN_CHOICES])
        told.append(f"Choix : {listed}{'…' if len(values) > SHOWN_CHOICES else '.'}")
    if setting.default:
        told.append(f"Sans réglage : `{setting.default}`.")
    if setting.is_secret:
        told.append("Secret : gardé à part, jamais montré.")
    return " ".join(told).replace("|", "\\|")


PAGES = {
    "codes.md": codes_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "sources.md": sources_page,
}


def main(folder: Path = DOCS) -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
