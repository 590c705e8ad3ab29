"""`territoire source …`: list, run, report and remove sources.

What comes before a source exists stands in `source_add`.
"""

from __future__ import annotations

import json
import logging
import signal
from typing import Any

import click

from ckanext.territoire.cli.calls import call
from ckanext.territoire.cli.source_add import add, as_json, preview
from ckanext.territoire.cli.source_discover import discover
from ckanext.territoire.cli.source_print import (
    print_report,
    print_schedule,
    print_source,
    print_sources,
)
from harvesters.errors import Refused
from harvesters.ports import Progress


@click.group("source")
def source() -> None:
    """Les sources moissonnées : ajouter, essayer, lancer, suivre, retirer."""


@source.command("kinds")
@as_json
def kinds(is_json: bool) -> None:
    """Les types de sources, avec une adresse d’exemple.

    Exemple : deployment/territoire source kinds
    """
    listed = call("territoire_source_kinds")
    if is_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for kind in listed:
        click.echo(f"{kind['kind']:<14} {kind['label']}\n{'':<14} ex. {kind['example']}")
        for setting in kind["settings"]:
            must = " (obligatoire)" if setting["required"] else ""
            told = f"{setting['label']}. {setting['help']}"
            if setting["choices"]:
                told += f" Choix : {', '.join(each['value'] for each in setting['choices'])}."
            click.echo(f"{'':<14} --set {setting['name']}=… : {told}{must}")


@source.command("list")
@as_json
def list_(is_json: bool) -> None:
    """Les sources et leur dernière moisson.

    Exemple : deployment/territoire source list
    """
    print_sources(call("territoire_source_list"), is_json)


@source.command("show")
@click.argument("name")
@as_json
def show(name: str, is_json: bool) -> None:
    """Une source et ses dernières moissons.

    Exemple : deployment/territoire source show source-portail-ckan-rennes
    """
    print_source(call("territoire_source_show", id=name), is_json)


@source.command("run")
@click.argument("name", required=False)
@click.option("--all", "is_all", is_flag=True, help="Toutes les sources actives.")
@as_json
def run(name: str | None, is_all: bool, is_json: bool) -> None:
    """Lancer une moisson et suivre son avancement.

    Exemple : deployment/territoire source run --all
    """
    if bool(name) == is_all:
        raise click.UsageError("Donnez le nom d’une source, ou --all.")
    names = [s["name"] for s in call("territoire_source_list") if s["is_active"]]
    failed = 0
    for each in names if is_all else [name]:
        failed += not _run_one(str(each), is_json)
    if failed:
        raise click.exceptions.Exit(1)


def _run_one(name: str, is_json: bool) -> bool:
    from ckanext.territoire.harvest_adapter import add, runner, sources

    try:
        found = sources.load_source(name)
        issue = add.check_draft(found) if found.is_draft else None
        if issue:
            raise Refused(issue)
        with click.progressbar(length=1, label=name, hidden=is_json) as bar:
            _, report = runner.run_now(sources.load_source(found.id), lambda p: _advance(bar, p))
    except Refused as fault:
        click.echo(str(fault), err=True)
        return False
    print_report(report.to_json(), is_json)
    return report.state.value == "finished"


def _advance(bar: Any, progress: Progress) -> None:
    bar.label = f"{progress.step} {progress.done}"
    if progress.total:
        bar.length = progress.total
        bar.pos = min(progress.done, progress.total)
    bar.render_progress()


@source.command("report")
@click.argument("name")
@click.option("--job", default=None, help="Une moisson précise ; la dernière sinon.")
@as_json
def report(name: str, job: str | None, is_json: bool) -> None:
    """Le compte rendu d’une moisson : ce qui est entré, ce qui ne l’est pas, pourquoi, que faire.

    Exemple : deployment/territoire source report source-portail-ckan-rennes
    """
    print_report(call("territoire_source_report", id=name, job_id=job)["report"], is_json)


@source.command("decide")
@click.argument("name")
@click.argument("job")
@click.option("--accept/--refuse", required=True, help="Accepter ou refuser la moisson retenue.")
def decide(name: str, job: str, accept: bool) -> None:
    """Accepter ou refuser une moisson retenue.

    Exemple : deployment/territoire source decide source-portail 3f0a… --refuse
    """
    call("territoire_source_decide", id=name, job_id=job, accept=accept)
    click.echo("Acceptée : la moisson est relancée." if accept else "Refusée : rien n’est modifié.")


@source.command("remove")
@click.argument("name")
@click.option("--keep-datasets/--retire-datasets", required=True, help="Que deviennent ses jeux ?")
def remove(name: str, keep_datasets: bool) -> None:
    """Retirer une source, en gardant ou en retirant ses jeux de données.

    Exemple : deployment/territoire source remove source-portail --keep-datasets
    """
    done = call("territoire_source_remove", id=name, keep_datasets=keep_datasets)
    click.echo(f"Source retirée, {done['retired']} jeux de données retirés.")


@source.command("schedule")
@as_json
def schedule(is_json: bool) -> None:
    """Les prochaines moissons, de la plus proche à la plus lointaine.

    Exemple : deployment/territoire source schedule
    """
    print_schedule(call("territoire_source_schedule"), is_json)


@source.command("work")
def work() -> None:
    """Servir en continu : planifier, moissonner, tenir la recherche à jour ; dit ce qui est fait.

    Exemple : deployment/territoire source work
    """
    from ckanext.territoire.harvest_adapter import runner

    logging.getLogger(runner.__name__).setLevel(logging.INFO)
    over: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, _: over.append(signum))
    runner.leave_loaded_alone()
    runner.work(lambda: bool(over))


for command in (add, preview, discover):
    source.add_command(command)
