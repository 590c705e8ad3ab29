"""What `territoire schema …` prints, in French."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ckanext.territoire.delivery.rehearse import Rehearsed
from ckanext.territoire.portal.typography import count
from ckanext.territoire.territory import members
from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.table.received import Cause
from schemas.model import Schema

ASIDE = {
    "blank": "vides",
    "title": "de titre",
    "header": "de titres de colonnes",
    "total": "de total",
    "note": "de note",
}


def schema_text(shown: dict[str, Any]) -> str:
    """Show a schema: purpose, columns, rules."""
    doc = shown["doc"]
    lines = [f"{shown['title']} ({shown['id']})", doc["purpose"], f"{doc['origin']}."]
    lines.append(f"{doc['audience']}. {doc['duty']}".strip())
    for section in doc["sections"]:
        lines += ["", section["title"]]
        for field in section["fields"]:
            told = " ".join(part for part in (field["description"], field["words"]) if part)
            lines.append(f"  {field['name']:<24} {told} Exemple : {field['example']}")
    if doc["rules"]:
        lines += ["", "Règles", *(f"  {rule}" for rule in doc["rules"])]
    return "\n".join(lines)


def check_text(report: dict[str, Any]) -> str:
    """Show what a file is worth: how it was read, its schema, its rows."""
    return "\n".join(_check_lines(report))


def _check_lines(report: dict[str, Any]) -> Iterator[str]:
    if "sentence" in report:
        yield report["sentence"]
        yield from (f"  {told}" for told in report["issues"])
        for each in report["aside"]:
            if (each["why"], each["count"]) == ("header", 1):
                continue
            yield f"  mises à part : {count(each['count'], 'ligne')} {ASIDE[each['why']]}"
    if "issue" in report:
        yield report["issue"]["sentence"]
    if not report["schema_id"]:
        return
    yield f"Modèle : {report['title']} ({report['schema_id']})"
    for match in report["match"]:
        if match["how"] != "exact":
            yield f"  « {match['header']} » est lu comme {match['field']}"
    for name, told in (("missing", "Colonnes obligatoires absentes"),
                       ("extra", "Colonnes hors du modèle, laissées")):  # fmt: skip
        if report[name]:
            yield f"  {told} : {', '.join(report[name])}"
    for each in report["rewritten"]:
        rewritten = count(each["count"], "valeur réécrite", "valeurs réécrites")
        yield f"  {each['field']} : {rewritten}, « {each['before']} » en « {each['after']} »"
    good = count(report["good"], "bonne ligne", "bonnes lignes")
    yield f"{good}, {report['bad']} à corriger, {report['warned']} avec un avertissement."
    for cause in report["causes"]:
        lines = ", ".join(str(line) for line in cause["lines"])
        more = "…" if cause["count"] > len(cause["lines"]) else ""
        yield f"  {cause['count']} × {cause['sentence']} Lignes : {lines}{more}"


def rehearsal_text(current: Schema, wanted: Schema, done: Sequence[Rehearsed]) -> str:
    """Show a rehearsal: each commune, then the totals."""
    if not done:
        return f"Aucun fichier publié ne suit le modèle {current.slug} : rien à essayer."
    names = {each.insee: each.name for each in members.members()}
    titles = f"{'bonnes':>8} {'à corriger':>11}"
    lines = [
        f"Essai de {wanted.id} sur les fichiers publiés, comparé à {current.id} :",
        f"{'':<34} {titles}   puis {titles}",
    ]
    for each in done:
        label = f"{each.insee} {names.get(each.insee, '')}".strip() or each.resource_id
        if each.issue:
            lines.append(f"{label:<34} {sentence(each.issue)}")
            continue
        lines.append(_counts(label, each.before, each.after))
        lines += [f"    {_cause(cause)}" for cause in each.causes[:3]]
    before, after = ((sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))
                     for pairs in ([e.before for e in done], [e.after for e in done]))  # fmt: skip
    lines.append(_counts("Total", before, after))
    lines.append(_conclusion(done))
    return "\n".join(lines)


def _cause(cause: Cause) -> str:
    where = f"colonne « {cause.field} »" if cause.field else "ligne"
    return f"{cause.count} × {sentence(Issue(cause.code, where, cause.found, cause.expected))}"


def _counts(label: str, before: tuple[int, int], after: tuple[int, int]) -> str:
    return f"{label:<34} {before[0]:>8} {before[1]:>11}        {after[0]:>8} {after[1]:>11}"


def _conclusion(done: Sequence[Rehearsed]) -> str:
    worse = [each for each in done if each.after[1] > each.before[1]]
    if not worse:
        return "Aucune ligne de plus ne serait à corriger."
    rows = sum(each.after[1] - each.before[1] for each in worse)
    more = count(rows, "ligne de plus serait", "lignes de plus seraient")
    return f"{more} à corriger, dans {count(len(worse), 'fichier')}."
