"""`territoire schema uses`: which columns of a table programs read; and the same in a rehearsal."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from ckanext.territoire.cli.calls import call
from ckanext.territoire.developers.uses import TableUse, keys_using
from ckanext.territoire.portal.typography import count
from schemas.changes import ColumnChange

NOBODY = "Aucun programme connu ne serait touché."


@click.command("uses")
@click.argument("slug")
@click.option("--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme.")
def uses(slug: str, is_json: bool) -> None:
    """Dire qui lit chaque colonne d’une table, en nombres, avant de la changer.

    Exemple : deployment/territoire schema uses stationnement-hors-voirie
    """
    told = call("territoire_column_use_show", id=slug)
    if is_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"{told['title']}, ces {told['days']} derniers jours :")
    click.echo(f"{'':<34} {'clés':>6} {'appels':>8} {'sans clé':>9}")
    whole = told["whole"] | {"column": "(toute la table)"}
    for each in (*told["columns"], whole):
        click.echo(f"{each['column']:<34} {each['keys']:>6} {each['calls']:>8} {each['others']:>9}")


def touched_text(slug: str, changes: Iterable[ColumnChange], use: TableUse) -> str:
    """Say of each column that goes or changes its type how many keys it would touch."""
    broken = [each for each in changes if each.breaks]
    if not broken:
        return "Aucune colonne ne disparaît ni ne change de type."
    lines = ["Colonnes qui ne seront plus les mêmes, et qui les lit :"]
    for each in broken:
        types = f" ({each.before} puis {each.after})" if each.after else ""
        named = count(use.of(each.name).keys, "clé la nomme", "clés la nomment")
        lines.append(f"  {each.name} {each.fate.value}{types} : {named}")
    touched = max(keys_using(slug, each.name) for each in broken)
    if touched:
        lines.append(
            f"{count(use.whole.keys, 'clé lit', 'clés lisent')} toute la table sans nommer de"
            " colonne. Annoncez le changement avant d’adopter cette version :"
            " territoire announcement add."
        )
    else:
        lines.append(NOBODY)
    return "\n".join(lines)
