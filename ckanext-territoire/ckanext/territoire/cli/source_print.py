"""How the `source` commands print sources, runs and reports."""

from __future__ import annotations

import json
from typing import Any

import click

SHOWN_ISSUES = 3


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _state(source: dict[str, Any]) -> str:
    if source["is_draft"]:
        return "brouillon"
    return "active" if source["is_active"] else "arrêtée"


def print_sources(listed: list[dict[str, Any]], is_json: bool) -> None:
    """Print one line a source."""
    if is_json:
        _print_json(listed)
        return
    if not listed:
        click.echo("Aucune source. Ajoutez-en une : deployment/territoire source add --help")
    for source in listed:
        last = source["last_run"]
        told = last["sentence"] or last["state"] if last else "jamais moissonnée"
        click.echo(f"{source['name']}  [{source['kind']}, {_state(source)}]\n    {told}")


def print_source(source: dict[str, Any], is_json: bool) -> None:
    """Print a source and its last runs."""
    if is_json:
        _print_json(source)
        return
    click.echo(
        f"{source['title']}\n  {source['url']}\n  {source['organization']}, {_state(source)}"
    )
    for run in source["runs"]:
        click.echo(f"  {run['started_at'][:16]}  {run['state']:<12} {run['sentence']}")


def print_report(report: dict[str, Any], is_json: bool) -> None:
    """Print the sentence of a run and its first issues."""
    if is_json:
        _print_json(report)
        return
    click.echo(report["sentence"])
    by_code: dict[str, list[str]] = {}
    for issue in report["issues"]:
        by_code.setdefault(issue["code"], []).append(issue["sentence"])
    for code, told in by_code.items():
        for sentence in told[:SHOWN_ISSUES]:
            click.echo(f"  - {sentence}")
        if len(told) > SHOWN_ISSUES:
            click.echo(
                f"    … et {len(told) - SHOWN_ISSUES} autres {code} (--json pour tout lire)."
            )
