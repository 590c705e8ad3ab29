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
    for each in source["said"]:
        click.echo(f"  {each['label']} : {each['value']} (--set {each['name']})")
    for run in source["runs"]:
        click.echo(f"  {run['started_at'][:16]}  {run['state']:<12} {run['sentence']}")


def print_schedule(coming: list[dict[str, Any]], is_json: bool) -> None:
    """Print one line a source: its next run, or why there is none."""
    if is_json:
        _print_json(coming)
        return
    if not coming:
        click.echo("Aucune source active.")
    for each in coming:
        told = "Moisson demandée ou en cours." if each["is_busy"] else each["sentence"]
        click.echo(" ".join(part for part in (f"{each['name']}\n   ", told, each["rest"]) if part))


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


def print_candidates(candidates: list[dict[str, Any]]) -> None:
    """Print the kinds that fit an address, with how sure it is and why."""
    for each in candidates:
        click.echo(f"  {each['sureness']:<9} {each['kind']} : {each['url']} {each['evidence']}.")


def _counted(title: str, counts: list[dict[str, Any]]) -> None:
    if counts:
        told = ", ".join(f"{each['label']} ({each['count']})" for each in counts)
        click.echo(f"{title} : {told}")


def print_preview(found: dict[str, Any], is_json: bool) -> None:
    """Print what a source would give: its first records, licences, doubles, issues."""
    if is_json:
        _print_json(found)
        return
    click.echo(found["sentence"])
    if found["is_partial"]:
        total = f" sur {found['declared']} annoncées" if found["declared"] else ""
        click.echo(f"Lecture limitée aux {found['read']} premières fiches{total}.")
    if found["estimate"]:
        click.echo(f"Moisson entière : {found['estimate']}.")
    for record in found["records"]:
        formats = ", ".join(sorted({r["format"] for r in record["resources"] if r["format"]}))
        licence = record["licence"] or record["licence_label"] or "sans licence"
        double = f" ; déjà publié : {record['double']['dataset']}" if record["double"] else ""
        click.echo(f"  - {record['title']} [{licence} ; {formats or 'sans fichier'}{double}]")
    _counted("Licences", found["licences"])
    _counted("Licences non reconnues", found["unknown_licences"])
    _counted("Formats", found["formats"])
    if found["without_licence"]:
        click.echo(f"Sans licence : {found['without_licence']}")
    if found["double_count"]:
        click.echo(f"Déjà publiés ici : {found['double_count']}")
    if found["unread_fields"]:
        click.echo(f"Champs non repris : {', '.join(found['unread_fields'])}")
    for group in found["issue_groups"]:
        click.echo(f"{group['count']} × {group['examples'][0]}")
