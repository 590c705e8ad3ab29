"""`territoire doctor`: what only the catalogue can tell about its own health."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import click

Finding = dict[str, str]
LATE_OUTBOX = 1_000
MAX_COUNTED = 1_000_000


def _finding(part: str, verdict: str, told: str, remedy: str = "") -> Finding:
    return {"part": part, "verdict": verdict, "told": told, "remedy": remedy}


@click.command("doctor")
@click.option("--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme.")
@click.option("--repair", "is_repair", is_flag=True, help="Remettre d’abord la recherche à jour.")
def doctor(is_json: bool, is_repair: bool) -> None:
    """Vérifier le catalogue : tables, plugins, recherche, files d’attente.

    Exemple : deployment/territoire doctor --json
    """
    if is_repair:
        from ckanext.territoire import index_outbox

        index_outbox.repair()
    found = [finding for check in CHECKS for finding in _guarded(check)]
    if is_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for finding in found:
        mark = {"fine": "✓", "warning": "!", "fault": "✗"}[finding["verdict"]]
        click.echo(f"  {mark} {finding['part']:<26} {finding['told']}")
        if finding["remedy"]:
            click.echo(f"      → {finding['remedy']}")
    if any(finding["verdict"] == "fault" for finding in found):
        raise click.exceptions.Exit(1)


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Run a check; one that cannot be done is a finding too, the others go on."""
    from ckan import model

    try:
        return list(check())
    except Exception as cause:  # whatever is broken, the doctor must say it and look further
        model.Session.rollback()
        name = (check.__doc__ or check.__name__).split(".")[0]
        return [
            _finding(name, "fault", f"contrôle impossible : {cause}", "Tapez « make services ».")
        ]
    finally:
        model.Session.remove()


def check_migrations() -> Iterator[Finding]:
    """Tables"""
    from ckan import model
    from ckan.cli import db  # no public twin of these in CKAN 2.12

    pending = {name: count for name, count in db._get_pending_plugins().items() if count}
    if not (db.current_revision("") or "").endswith("(head)"):
        pending["ckan"] = 1
    if not model.repo.are_tables_created():
        yield _finding("tables", "fault", "absentes", "Tapez « make services ».")
    elif pending:
        told = ", ".join(f"{name} ({count})" for name, count in sorted(pending.items()))
        yield _finding(
            "tables", "fault", f"mises à jour en attente : {told}",
            "Tapez « deployment/ckan-run db upgrade ».",
        )  # fmt: skip
    else:
        yield _finding("tables", "fine", "à jour")


def check_plugins() -> Iterator[Finding]:
    """Plugins"""
    from ckan import plugins
    from ckan.common import config

    wanted = config["ckan.plugins"]
    absent = [name for name in wanted if not plugins.plugin_loaded(name)]
    if absent:
        yield _finding(
            "plugins", "fault", f"non chargés : {', '.join(absent)}", "Relancez « make demo »."
        )
    else:
        yield _finding("plugins", "fine", f"{len(wanted)} chargés")


def check_search() -> Iterator[Finding]:
    """Recherche"""
    from ckanext.territoire import index_outbox

    drift = index_outbox.drift()
    late = len(index_outbox.waiting(limit=MAX_COUNTED))
    told = (
        f"{len(drift.missing)} jeux absents de la recherche, {len(drift.ghosts)} en trop, "
        f"{len(drift.stale)} en retard"
    )
    remedy = "Tapez « deployment/territoire doctor --repair »."
    if drift.count > late:
        yield _finding("écart base / recherche", "fault", told, remedy)
    elif drift.count:
        yield _finding("écart base / recherche", "warning", told, "Il se résorbe : attendez.")
    else:
        yield _finding("écart base / recherche", "fine", "aucun")
    verdict = "warning" if late > LATE_OUTBOX else "fine"
    remedy = "Vérifiez que « moissons » tourne : make status." if late > LATE_OUTBOX else ""
    yield _finding("recherche, en attente", verdict, f"{late} jeux de données", remedy)


def check_queues() -> Iterator[Finding]:
    """Files d’attente"""
    from ckan.lib import jobs

    queue = jobs.get_queue()
    failed = queue.failed_job_registry.count
    told = f"{queue.count} en attente, {failed} en échec"
    if failed:
        yield _finding(
            "tâches de fond", "warning", told, "La cause est dans le journal jobs.log : make logs."
        )
    else:
        yield _finding("tâches de fond", "fine", told)


def check_harvests() -> Iterator[Finding]:
    """Moissons"""
    from ckanext.territoire.harvest_adapter import jobs

    told = f"{len(jobs.waiting_jobs())} en attente"
    yield _finding("moissons", "fine", told)


CHECKS = (check_migrations, check_plugins, check_search, check_queues, check_harvests)
