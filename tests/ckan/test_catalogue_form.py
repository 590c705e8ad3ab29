"""The compiled form gives the verdict and the values of CKAN's own validation."""

from __future__ import annotations

import copy
import random
import uuid
from typing import Any

import pytest
from ckan import model
from ckan.types import Context

from ckanext.territoire.catalogue.compiled_form import run_compiled
from ckanext.territoire.catalogue.form import check_package, check_slowly, compiled_form

TEXTS = ("Écoles", " bords ", "", "a\u202fb", "x" * 200)
WRONG = {
    "contact_email": "pas une adresse", "license_id": "inconnue", "issued": "hier",
    "url": "ftp://a", "properties": "[1]", "theme": ["rien"], "frequency": "parfois",
}  # fmt: skip


def shape(seed: int) -> dict[str, Any]:
    """A package whose fields depend on the seed; one in three has something wrong."""
    chance = random.Random(seed)
    often = {
        "notes": chance.choice(TEXTS),
        "license_id": "lov2",
        "licence_label": chance.choice(TEXTS),
        "theme": chance.sample(["education", "tourisme", "finances"], 2),
        "frequency": "annual",
        "issued": chance.choice(["2020", "2020-01", "2020-01-02", "2020-01-02T03:04:05"]),
        "temporal_start": "2021",
        "temporal_end": "2022",
        "contact_email": "a@b.fr",
        "url": " https://a.fr/x ",
        "properties": '{"lignes": "12"}',
        "private": False,
    }
    kept = {k: v for k, v in often.items() if chance.random() < 0.6}
    if seed % 3 == 0:
        name = chance.choice(sorted(WRONG))
        kept[name] = WRONG[name]
    resources = [
        {"id": str(uuid.UUID(int=n)), "url": f" https://a.fr/{n}.csv", "size": n}
        | ({"format": "csv", "last_modified": "2026-01-01T10:00:00"} if n % 2 else {"name": " f "})
        for n in range(chance.randint(0, 12))
    ]
    tags = [
        {"name": t}
        for t in chance.sample(["école", "a b", "x_y", "!" if seed % 7 == 0 else "z"], 2)
    ]
    core = {
        "id": str(uuid.UUID(int=seed)), "name": f"jeu-{seed}", "type": "dataset",
        "title": chance.choice(TEXTS) or "T",
        "state": "active", "owner_org": "o",
    }  # fmt: skip
    return {**core, **kept, "tags": tags, "resources": resources}


def context() -> Context:
    return Context(model=model, session=model.Session, user="", ignore_auth=True)


@pytest.mark.usefixtures("clean")
def test_two_hundred_packages_get_the_values_or_the_refusal_of_ckan() -> None:
    verdicts = []
    for seed in range(200):
        package = shape(seed)
        ours = run_compiled(compiled_form(), copy.deepcopy(package), context())
        theirs, fault = check_slowly(copy.deepcopy(package), context())
        theirs.setdefault("extras", [])
        verdicts.append(bool(fault))
        assert (ours is None) == bool(fault), (seed, fault)
        if ours is not None:
            assert ours == theirs, seed
    assert 40 < sum(verdicts) < 160  # both verdicts were tried


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("extra", [{"inconnu": "x"}, {"extras": [{"key": "a", "value": "b"}]},
                                   {"groups": [{"name": "g"}]}])  # fmt: skip
def test_an_unknown_shape_is_left_to_ckan(extra: dict[str, Any]) -> None:
    assert run_compiled(compiled_form(), shape(1) | extra, context()) is None


@pytest.mark.usefixtures("clean")
def test_a_refusal_is_told_in_the_words_of_the_form() -> None:
    _, fault = check_package(shape(1) | {"contact_email": "pas une adresse"}, "")
    assert "n’est pas une adresse électronique" in fault
