"""What a webhook follows: found among what is public, and named as people name it."""

from __future__ import annotations

from dataclasses import replace

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.delivery.merged import load_merged
from ckanext.territoire.territory import members
from ckanext.territoire.webhooks.model import Kind, Wish
from harvesters.errors import Refused
from harvesters.model import Issue
from schemas.load import latest, slugs


def check_subject(wish: Wish) -> Wish:
    """Answer the wish with its subject as we keep it; what nobody may see is `Refused`."""
    told = wish.subject.strip()
    match wish.kind:
        case Kind.ALL:
            found = ""
        case Kind.TABLE:
            found = told if _is_table(told) else None
        case Kind.DATASET:
            found = _dataset_id(told)
        case Kind.COMMUNE:
            commune = members.find_commune(told)
            found = commune.insee if commune else None
    if found is None:
        raise Refused(Issue("TER-API-236", found=told[:80]))
    return replace(wish, subject=found)


def title_of(wish: Wish) -> str:
    """Name what is followed; a dataset that is no longer public is named by its id."""
    match wish.kind:
        case Kind.ALL:
            return "Tout le portail"
        case Kind.TABLE:
            return latest(wish.subject).title if wish.subject in slugs() else wish.subject
        case Kind.DATASET:
            package = model.Package.get(wish.subject)
            is_shown = package and _dataset_id(wish.subject) is not None
            return str(package.title or package.name) if is_shown else wish.subject
        case Kind.COMMUNE:
            commune = members.find_commune(wish.subject)
            return commune.title if commune else wish.subject


def _is_table(slug: str) -> bool:
    merged = load_merged(slug) if slug in slugs() else None
    return merged is not None and _dataset_id(merged.dataset_id) is not None


def _dataset_id(asked: str) -> str | None:
    """The id of a dataset that everybody may see."""
    package = model.Package.get(asked) if asked else None
    if package is None or package.type != "dataset":
        return None
    try:
        toolkit.check_access("package_show", Context(user=""), {"id": package.id})
    except toolkit.NotAuthorized:
        return None
    return str(package.id)
