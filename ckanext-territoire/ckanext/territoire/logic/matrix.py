"""Actions on the matrix communes × expected tables: all of it for the officers of the EPCI, where
each commune stands for everyone, and one cell with its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import mandate, store
from ckanext.territoire.delivery.coverage_facts import expected_schemas, read_matrix
from ckanext.territoire.delivery.matrix import Cell, Column, Matrix, Row, Square
from ckanext.territoire.logic.delivery import delivery_to_dict
from ckanext.territoire.logic.who import everyone
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.territory import members, officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
# what everyone may know: what is being mended or decided is only « en cours »
PUBLIC = {
    Cell.FINE: "fine",
    Cell.STALE: "stale",
    Cell.INVALID: "underway",
    Cell.DECIDE: "underway",
    Cell.ABSENT: "absent",
}


@toolkit.side_effect_free
def territoire_matrix_show(context: Context, data_dict: Data) -> Data:
    """Judge every commune on every expected table, for the officers of the EPCI.

    Answers `columns` (a table: counts by state, share of the population served, duty) and `rows` (a
    commune and its `cells`: state, figures, duty, next action), the largest commune first.
    """
    toolkit.check_access("territoire_matrix_show", context, data_dict)
    found, trusting = read_matrix(), mandate.holders()
    return _headline(found) | {
        "columns": [_column(each) | _counts(each) for each in found.columns],
        "rows": [
            _town(row)
            | {
                "has_mandate": row.town.organization_id in trusting,
                "cells": [_square(each) for each in row.squares],
            }
            for row in found.rows
        ],
        "may_act": _may_act(context),
    }


@toolkit.side_effect_free
def territoire_matrix_public(context: Context, data_dict: Data) -> Data:
    """Say for everyone where each commune stands on each expected table, without any detail.

    States: `fine`, `stale`, `underway` (a file is being corrected or looked at), `absent`.
    `published` counts what is online, of a table or of a commune. At most a minute old.
    """
    toolkit.check_access("territoire_matrix_public", context, data_dict)
    return dict(_public())


@kept_a_minute
def _public() -> Data:
    """Every visitor asks this: all merged tables are counted once a minute in each process."""
    found = read_matrix()
    return _headline(found) | {
        "columns": [
            _column(each)
            | _public_counts(each)
            | {"published": sum(row.squares[place].is_served for row in found.rows)}
            for place, each in enumerate(found.columns)
        ],
        "rows": [
            _town(row)
            | {
                "states": [PUBLIC[each.cell] for each in row.squares],
                "published": sum(each.is_served for each in row.squares),
            }
            for row in found.rows
        ],
    }


@toolkit.side_effect_free
def territoire_matrix_cell(context: Context, data_dict: Data) -> Data:
    """Show one cell: `commune` (INSEE code) and `schema` (slug), with the deliveries of the commune
    for that table, newest first and without their reports, and its `mandate` or null."""
    toolkit.check_access("territoire_matrix_show", context, data_dict)
    asked, slug = (str(toolkit.get_or_bust(data_dict, name)) for name in ("commune", "schema"))
    schema = next((each for each in expected_schemas() if each.slug == slug), None)
    if schema is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-141", found=slug)))
    if asked not in {each.insee for each in members.members()}:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-140", found=asked)))
    found = read_matrix([schema])
    row = next(each for each in found.rows if each.town.insee == asked)
    given = store.list_deliveries(row.town.organization_id, slug)
    return {
        "commune": _town(row),
        "schema": _column(found.columns[0]) | _counts(found.columns[0]),
        "cell": _square(row.squares[0]),
        "deliveries": [delivery_to_dict(replace(each, report={})) for each, _ in given],
        "mandate": _mandate(row.town.organization_id),
        "may_act": _may_act(context),
    }


def _may_act(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or officers.may_act(context.get("user") or "")


def _headline(found: Matrix) -> Data:
    return {
        "on": datetime.now(PARIS).date().isoformat(),
        "population": sum(row.town.population or 0 for row in found.rows),
    }


def _column(column: Column) -> Data:
    schema = column.schema
    return {
        "slug": schema.slug,
        "schema_id": schema.id,
        "title": schema.title,
        "frequency": schema.frequency,
        "duty": asdict(schema.duty) if schema.duty else None,
        "served": round(column.served, 4),
    }


def _counts(column: Column) -> Data:
    return {"counts": {cell.name.lower(): count for cell, count in column.counts.items()}}


def _public_counts(column: Column) -> Data:
    told = dict.fromkeys(PUBLIC.values(), 0)
    for cell, count in column.counts.items():
        told[PUBLIC[cell]] += count
    return {"counts": told}


def _town(row: Row) -> Data:
    owner = publishers.find(row.town.organization_id)
    return {
        "insee": row.town.insee,
        "name": row.town.name,
        "slug": row.town.slug,
        "organization_name": owner.name if owner else row.town.slug,
        "population": row.town.population,
    }


def _square(square: Square) -> Data:
    known = square.known
    published = known.published_at
    return {
        "state": square.cell.name.lower(),
        "label": square.cell.value,
        "good": known.good,
        "bad": known.bad,
        "rows": known.rows,
        "published_at": published.isoformat(timespec="seconds") if published else None,
        "live_id": known.live_id,
        "waiting_id": known.waiting_id,
        "waiting_state": known.waiting_state,
        "is_duty": square.is_duty,
        "action": square.action,
    }


def _mandate(org_id: str) -> Data | None:
    found = mandate.in_force(org_id)
    if found is None:
        return None
    until = found["until"]
    return {
        "reference": found["reference"],
        "since": found["since"].isoformat(),
        "until": until.isoformat() if until else None,
    }


def _officers(context: Context, data_dict: Data) -> AuthResult:
    is_officer = officers.is_officer(context.get("user") or "")
    return {"success": is_officer, "msg": "Réservé aux agents de l’intercommunalité."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_matrix_show": territoire_matrix_show,
    "territoire_matrix_public": territoire_matrix_public,
    "territoire_matrix_cell": territoire_matrix_cell,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_matrix_show": _officers,
    "territoire_matrix_public": everyone,
}
