"""`territoire schema …`: list the table schemas, start one, try files and versions on them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import click

from ckanext.territoire.cli import schema_print
from ckanext.territoire.cli.calls import call
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas import load
from schemas.model import Schema
from schemas.start import FIRST_VERSION, first_files

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)
in_folder = click.option(
    "--folder", type=click.Path(path_type=Path), default=load.TABLES,
    help="Le dossier des modèles ; celui du portail sinon.",
)  # fmt: skip
SAMPLE = 1_000


@click.group("schema")
def schema() -> None:
    """Les modèles de tableaux : les lister, en commencer un, essayer des fichiers."""


def _echo_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _refuse(code: str, where: str = "", found: str = "", expected: str = "") -> NoReturn:
    raise click.ClickException(sentence(Issue(code, where, found, expected)))


@schema.command("list")
@click.option("--search", default="", help="Des mots à chercher.")
@as_json
def list_(search: str, is_json: bool) -> None:
    """Lister les modèles de tableaux.

    Exemple : deployment/territoire schema list --search parking
    """
    listed = call("territoire_schema_list", q=search)
    if is_json:
        return _echo_json(listed)
    for shown in listed:
        click.echo(f"{shown['id']:<38} {shown['title']} ({shown['audience'].lower()})")
    return None


@schema.command("show")
@click.argument("slug")
@as_json
def show(slug: str, is_json: bool) -> None:
    """Montrer ce que demande un modèle, colonne par colonne.

    Exemple : deployment/territoire schema show stationnement-hors-voirie
    """
    shown = call("territoire_schema_show", id=slug)
    _echo_json(shown) if is_json else click.echo(schema_print.schema_text(shown))


@schema.command("new")
@click.argument("slug")
@in_folder
def new(slug: str, folder: Path) -> None:
    """Commencer un modèle : un dossier de quatre fichiers, à compléter.

    Exemple : deployment/territoire schema new bornes-wifi
    """
    if not load.SLUG.fullmatch(slug):
        _refuse("TER-CFG-101", found=slug)
    if (folder / slug).exists():
        _refuse("TER-CFG-102", where=str(folder / slug), found=slug)
    place = folder / slug / FIRST_VERSION
    place.mkdir(parents=True)
    for name, content in first_files(slug).items():
        (place / name).write_text(content, encoding="utf-8")
    load.load_file(place / "table.yaml")
    click.echo(f"Modèle commencé dans {place}")
    click.echo("Complétez table.yaml, puis les deux fichiers d’exemple et expected.json.")


@schema.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--schema", "schema_id", default="", help="Le modèle ; sinon il est reconnu.")
@as_json
def check(file: Path, schema_id: str, is_json: bool) -> None:
    """Vérifier un fichier ligne par ligne, sans rien déposer.

    Exemple : deployment/territoire schema check parkings.csv --schema stationnement-hors-voirie
    """
    if not file.is_file():
        _refuse("TER-CFG-103", found=str(file))
    report = _report(file, schema_id)
    _echo_json(report) if is_json else click.echo(schema_print.check_text(report))
    if report["bad"] or not report["schema_id"]:
        raise click.exceptions.Exit(1)


def _report(file: Path, schema_id: str) -> dict[str, Any]:
    """Check a file; the report of a delivery, with the counts and the first issues of rows."""
    from ckanext.territoire.delivery.references import references
    from ckanext.territoire.delivery.report import to_report, unreadable
    from harvesters.table.check_file import CheckAsk, check_file
    from harvesters.table.typed import open_database

    ask = CheckAsk(_known(schema_id), schema_id, references=references())
    counts: dict[str, Any] = {"file": str(file), "schema_id": "", "good": 0, "bad": 0, "warned": 0}
    with TemporaryDirectory() as name, open_database(Path(name)) as base:
        verdict = check_file(base, file, Path(name), ask)
        if isinstance(verdict, Issue):
            return counts | unreadable(verdict)
        if verdict.schema is None or verdict.checked is None:
            near = ", ".join(each.schema_id for each in verdict.candidates[:3]) or "aucun"
            return counts | to_report(verdict, None, unreadable(Issue("TER-CFG-104", "", "", near)))
        checked = verdict.checked
        counts |= {"schema_id": verdict.schema.id, "title": verdict.schema.title,
                   "good": checked.good, "bad": checked.bad, "warned": checked.warned}  # fmt: skip
        return counts | to_report(verdict, None, {"row_issues": _row_issues(base)})


def _known(schema_id: str) -> tuple[Schema, ...]:
    """The newest version of each schema; of the declared one, the version that was said."""
    declared = load.find(schema_id) if schema_id else None
    others = [load.latest(slug) for slug in load.slugs() if not declared or slug != declared.slug]
    return (*others, declared) if declared else tuple(others)


def _row_issues(base: Any) -> list[dict[str, Any]]:
    found = base.execute(f"SELECT * FROM row_issue ORDER BY line LIMIT {SAMPLE}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@schema.command("rehearse")
@click.argument("slug")
@click.argument("version")
@in_folder
@as_json
def rehearse(slug: str, version: str, folder: Path, is_json: bool) -> None:
    """Essayer une version d’un modèle sur les fichiers publiés de toutes les communes.

    Rien n’est écrit. Les colonnes qui disparaissent ou changent de type sont dites, avec le nombre
    de clés de l’API qui les lisent. Une version pas encore adoptée se tient dans un autre dossier
    (--folder).

    Exemple : deployment/territoire schema rehearse arbres 0.4 --folder essais
    """
    from ckanext.territoire.cli.schema_uses import touched_text
    from ckanext.territoire.delivery.rehearse import rehearse as run
    from ckanext.territoire.developers.uses import keys_using, use_of_table
    from schemas.changes import column_changes

    wanted = _load(folder, slug, version)
    current = _current(slug, version)
    done = list(run(current, wanted))
    changes = column_changes(current, wanted)
    if is_json:
        told = ({"fate": e.fate.name.lower(), "keys": keys_using(slug, e.name)} for e in changes)
        columns = [asdict(each) | more for each, more in zip(changes, told, strict=True)]
        _echo_json({"files": [asdict(each) for each in done], "columns": columns})
    else:
        click.echo(schema_print.rehearsal_text(current, wanted, done))
        click.echo(touched_text(slug, changes, use_of_table(slug)))
    if any(each.issue or each.after[1] > each.before[1] for each in done):
        raise click.exceptions.Exit(1)


def _load(folder: Path, slug: str, version: str) -> Schema:
    file = folder / slug / version / "table.yaml"
    try:
        return load.load_file(file)
    except load.SchemaFault as fault:
        _refuse("TER-CFG-105", where=str(file), found=str(fault))


def _current(slug: str, version: str) -> Schema:
    """The newest version in use that is not the one to try."""
    if slug not in load.slugs():
        _refuse("TER-CFG-100", found=slug, expected=", ".join(load.slugs()))
    others = [each for each in load.slugs()[slug] if each != version]
    if not others:
        _refuse("TER-CFG-106", found=f"{slug}/{version}")
    return load.load(slug, others[-1])
