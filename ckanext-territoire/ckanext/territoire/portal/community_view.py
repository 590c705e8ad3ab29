"""What other pages show of reuses, questions and challenges. Functions that templates call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ckanext.territoire.community import challenge_store, reuse_store, store
from ckanext.territoire.community.datasets import public_datasets
from ckanext.territoire.community.reuse_store import Wanted
from ckanext.territoire.community.words import TYPES
from ckanext.territoire.logic.challenge import challenge_to_dict
from ckanext.territoire.logic.question import public_question
from ckanext.territoire.logic.reuse import public_reuse
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.typography import PARIS

FEW = 3


def of_dataset(package: Mapping[str, Any]) -> dict[str, Any] | None:
    """Tell who uses a public dataset, what is asked and wished of it: three statements."""
    if package.get("private") or package.get("state", "active") != "active":
        return None
    found, total = reuse_store.listed(Wanted(dataset=package["id"], limit=FEW))
    asked, questions = store.questions_of(package["id"], FEW)
    today = datetime.now(PARIS).date()
    open_ones = challenge_store.of_dataset(package["id"], today)
    return {
        "reuses": [public_reuse(each) for each in found],
        "reuse_total": total,
        "questions": [public_question(each) for each in asked],
        "question_total": questions,
        "challenges": [challenge_to_dict(each) for each in open_ones],
        "types": TYPES,
    }


def of_named(name: str) -> dict[str, Any] | None:
    """The same of a public dataset that is known by its name."""
    named = public_datasets([name])
    return of_dataset({"id": named[0].id}) if named else None


@kept_a_minute
def of_commune(insee: str) -> dict[str, Any]:
    """The reuses about a commune, those of the whole territory after its own; `""`: the newest."""
    found, total = reuse_store.listed(Wanted(insee=insee, limit=FEW))
    return {"reuses": [public_reuse(each) for each in found], "total": total, "types": TYPES}


HELPERS = {
    "territoire_community": of_dataset,
    "territoire_community_named": of_named,
    "territoire_showcase": of_commune,
}
