"""The bulk write stores what CKAN stores: rows, `package_show`, search document, activity."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from ckan import model
from ckan.common import config
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import RunContext, apply_batch
from ckanext.territoire.to_package import to_package
from harvesters.identity import draft_of
from harvesters.model import Dataset, Resource
from harvesters.plan import Action
from harvesters.ports import Write
from harvesters.run import dataset_id_of
from tests.ckan.conftest import act
from tests.ckan.statements import statements

WORDS = ["Écoles", "déchèteries", "arbres & haies", "<em>budget</em>", "L’été", "O'Brien", "a"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")


def mixed(seed: int) -> Dataset:
    """A dataset whose shape depends on the seed: 0 to 6 resources, 0 to 3 tags, absent fields."""
    chance = random.Random(seed)

    def maybe(value: Any, absent: Any = "") -> Any:
        return value if chance.random() < 0.6 else absent

    box = {"type": "Polygon", "coordinates": [[[-2, 48], [-1, 48], [-1, 49], [-2, 48]]]}
    return Dataset(
        remote_id=f"r{seed}",
        title=f"{chance.choice(WORDS)} numéro {seed}",
        description=maybe("Une ligne\n\n- une liste " + "x" * chance.randint(0, 50)),
        licence=maybe("lov2", "odbl-1.0"),
        licence_label=maybe("Licence du service"),
        themes=maybe(tuple(chance.sample(["education", "transports", "eau"], 2)), ()),
        tags=maybe(tuple(chance.sample(["école", "a b", "vélo-1", "x_y", "eau"], 3)), ()),
        frequency=maybe("annual"),
        issued=maybe("2020-01-01"),
        modified=maybe(chance.choice(["2026-01-01", "2026-01-01T10:00:00", "2025"])),
        temporal_start=maybe("2020"),
        spatial=maybe(json.dumps(box)),
        publisher=maybe("Ville"),
        contact_name=maybe("Service"),
        contact_email=maybe("opendata@ville.example"),
        landing_page=maybe("https://ville.example/x?a=1&b=2"),
        upstream_uri=maybe(f"https://ville.example/{seed}"),
        properties=maybe((("gtfs_stops", "12"),), ()),
        resources=tuple(
            Resource(
                f"https://ville.example/{seed}/{n}.csv",
                title=maybe(f"Fichier {n}"),
                description=maybe("Des colonnes"),
                format=maybe(chance.choice(["CSV", "GeoJSON", "SHP"])),
                media_type=maybe("text/csv"),
                size_bytes=maybe(12, None),
                modified=maybe("2026-01-01T10:00:00"),
                sha256=maybe("ab" * 32),
            )
            for n in range(chance.randint(0, 6))
        ),
    )


def write(dataset: Dataset, run: RunContext, action: Action = Action.CREATE) -> Write:
    dataset_id = dataset_id_of(run.source_id, dataset.remote_id)
    return Write(action, dataset_id, dataset.remote_id, draft_of(dataset), dataset, None, "{}")


def plain(value: Any, names: dict[str, str]) -> Any:
    """Drop what must differ: ids by their role, moments of now, harvest marks."""
    if isinstance(value, dict):
        told = {k: plain(v, names) for k, v in value.items() if not k.startswith("harvest_")}
        return {k: v for k, v in told.items() if k != "extras" or v}
    if isinstance(value, list):
        kept = [
            v
            for v in value
            if not str(v.get("key", "") if isinstance(v, dict) else "").startswith("harvest_")
        ]
        return [plain(v, names) for v in kept]
    if isinstance(value, str):
        if re.fullmatch(r"\{.*\}|\[.*\]", value, re.DOTALL):
            return plain(json.loads(value), names)
        if MOMENT.fullmatch(value) and not value.startswith(("2020", "2025", "2026-01-01")):
            return "now"
        for old, new in names.items():
            value = value.replace(old, new)
        return value
    return value


def stored(dataset_id: str) -> dict[str, Any]:
    """Everything CKAN holds of a dataset, with its ids named by role."""
    shown = act("package_show", id=dataset_id, use_default_schema=True)
    names = {dataset_id: "ID", shown["name"]: "NAME"}
    names |= {r["id"]: f"R{n}" for n, r in enumerate(shown["resources"])}
    names |= {t["id"]: t["name"] for t in shown["tags"]}
    rows = {
        name: [
            {k: str(v) if k in ("created", "last_modified") else v for k, v in dict(row).items()
             if k not in ("id", "metadata_created", "metadata_modified", "created", "timestamp")}
            for row in model.Session.execute(
                text(f"SELECT * FROM {name} WHERE {key} = :id ORDER BY {order}"), {"id": dataset_id}
            ).mappings()
        ]
        for name, key, order in (
            ("package", "id", "id"), ("resource", "package_id", "state, position"),
            ("member", "table_id", "state"), ("activity", "object_id", "timestamp"),
            ("package_tag", "package_id", "state, tag_id"),
        )
    }  # fmt: skip
    rows["package_tag"] = sorted(
        (plain(row, names) for row in rows["package_tag"]), key=lambda r: (r["state"], r["tag_id"])
    )
    for row in rows["activity"]:
        row["permission_labels"] = f"labels: {row['permission_labels']}"
    custom = act("package_show", id=dataset_id)
    return plain(
        {"show": custom, "stock": shown, "rows": rows, "solr": in_search(dataset_id)}, names
    )


def in_search(dataset_id: str) -> dict[str, Any]:
    answer = requests.get(
        f"{config['solr_url']}/select", params={"q": f"id:{dataset_id}", "fl": "*"}, timeout=10
    )
    docs = answer.json()["response"]["docs"]
    doc = docs[0] if docs else {}
    return {k: v for k, v in doc.items() if k not in ("_version_", "indexed_ts", "index_id")}


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Name each place where two values differ."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = sorted(ours.keys() | theirs.keys())
        return [
            d
            for k in keys
            for d in differences(ours.get(k, "absent"), theirs.get(k, "absent"), f"{path}.{k}")
        ]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            d
            for n, (a, b) in enumerate(zip(ours, theirs, strict=True))
            for d in differences(a, b, f"{path}[{n}]")
        ]
    return [] if ours == theirs else [f"{path}: {ours!r} instead of {theirs!r}"]


def stock_create(dataset: Dataset, organization_id: str) -> str:
    """Create a dataset as CKAN does, again when it fell on a moment that makes it another."""
    dataset_id = str(uuid.uuid4())
    name = f"stock-{dataset_id[:8]}"
    act("package_create", **to_package(dataset, dataset_id, name, organization_id))
    return dataset_id if is_believed(dataset_id) else stock_create(dataset, organization_id)


def is_believed(dataset_id: str) -> bool:
    """Whether CKAN shows the search copy of a dataset: not when the milliseconds are 000, which is
    one in a thousand (a known defect), and it then shows formats as they were typed."""
    query = text("SELECT metadata_modified FROM package WHERE id = :id")
    return bool(model.Session.execute(query, {"id": dataset_id}).scalar_one().microsecond >= 1000)


@pytest.fixture
def run(run_for: Callable[..., RunContext]) -> RunContext:
    return run_for()


def test_forty_mixed_datasets_are_stored_as_package_create_stores_them(run: RunContext) -> None:
    datasets = [mixed(seed) for seed in range(40)]
    outcomes = apply_batch([write(d, run) for d in datasets], run)
    assert [o.issue for o in outcomes] == [None] * 40
    index_outbox.drain()
    found = [
        told
        for dataset, outcome in zip(datasets, outcomes, strict=True)
        for told in differences(
            stored(outcome.dataset_id), stored(stock_create(dataset, run.organization_id))
        )
    ]
    assert not found, "\n".join(found)


def test_updates_are_stored_as_package_update_stores_them(run: RunContext) -> None:
    for seed in range(12):
        before, after = mixed(seed), replace(mixed(seed + 100), remote_id=f"r{seed}")
        # the stock update keeps a media type that is no longer named; ours follows the source
        named = tuple(replace(r, media_type="text/plain") for r in after.resources)
        after = replace(after, resources=named)
        stock_id = stock_create(before, run.organization_id)
        ids = {r["url"]: r["id"] for r in act("package_show", id=stock_id)["resources"]}
        name = act("package_show", id=stock_id)["name"]
        package = to_package(after, stock_id, name, run.organization_id)
        for resource in package["resources"]:
            resource["id"] = ids.get(resource["url"], resource["id"])
            for field in ("format", "hash"):  # the stock update keeps what is not named
                resource.setdefault(field, "")
        act("package_update", **package)
        if not is_believed(stock_id):
            continue
        apply_batch([write(before, run)], run)
        [outcome] = apply_batch([write(after, run, Action.UPDATE)], run)
        index_outbox.drain()
        ours, theirs = stored(outcome.dataset_id), stored(stock_id)
        for side in (ours, theirs):  # each names its first life by other ids
            del side["rows"]["activity"][0]
            side["rows"]["resource"] = [
                r for r in side["rows"]["resource"] if r["state"] == "active"
            ]
        found = differences(ours, theirs)
        assert not found, "\n".join(found)


def test_a_batch_sends_as_many_statements_whatever_its_number_of_datasets(run: RunContext) -> None:
    def sent(seeds: range, title: str) -> int:
        batch = [write(replace(mixed(0), remote_id=str(s), title=title), run) for s in seeds]
        with statements() as seen:
            apply_batch(batch, run)
        return len(seen)

    sent(range(1), "avant toutes les autres")
    new = sent(range(2, 4), "nouveaux"), sent(range(10, 40), "nouveaux aussi")
    again = sent(range(2, 4), "changés"), sent(range(10, 40), "changés aussi")
    assert new[0] == new[1]
    assert again[0] == again[1]


def test_a_retired_dataset_leaves_search_and_stays_in_the_trash(run: RunContext) -> None:
    [made] = apply_batch([write(mixed(1), run)], run)
    index_outbox.drain()
    apply_batch([Write(Action.RETIRE, made.dataset_id, "r1")], run)
    index_outbox.drain()
    assert in_search(made.dataset_id) == {}
    assert act("package_show", id=made.dataset_id)["state"] == "deleted"


def test_the_activity_of_a_retired_dataset_is_told_to_its_organisation_only(
    run: RunContext,
) -> None:
    [made] = apply_batch([write(mixed(1), run)], run)
    apply_batch([Write(Action.RETIRE, made.dataset_id, "r1")], run)
    query = text("SELECT permission_labels FROM activity WHERE activity_type = 'deleted package'")
    labels = model.Session.execute(query).scalar_one()
    assert str(labels).strip("{}[]'\"") == f"member-{run.organization_id}"


def test_a_dataset_back_has_its_id_and_its_place_in_search(run: RunContext) -> None:
    [made] = apply_batch([write(mixed(1), run)], run)
    apply_batch([Write(Action.RETIRE, made.dataset_id, "r1")], run)
    [back] = apply_batch([write(mixed(1), run, Action.REACTIVATE)], run)
    index_outbox.drain()
    assert back.dataset_id == made.dataset_id
    assert in_search(made.dataset_id)["state"] == "active"


def test_a_dataset_refused_by_the_form_leaves_the_others(run: RunContext) -> None:
    bad = replace(mixed(2), contact_email="pas une adresse")
    outcomes = apply_batch([write(mixed(1), run), write(bad, run), write(mixed(3), run)], run)
    assert [o.issue.code if o.issue else None for o in outcomes] == [None, "TER-PUB-005", None]


def test_a_dataset_refused_by_the_database_leaves_the_others(run: RunContext) -> None:
    bad = replace(mixed(2), description="nul \x00 octet")
    outcomes = apply_batch([write(mixed(1), run), write(bad, run), write(mixed(3), run)], run)
    assert [bool(o.issue) for o in outcomes] == [False, True, False]


def test_a_dataset_of_another_source_is_not_touched(
    run: RunContext, run_for: Callable[..., RunContext]
) -> None:
    [made] = apply_batch([write(mixed(1), run)], run)
    other = run_for("Autre portail")
    theirs = replace(write(replace(mixed(1), title="Vol"), other), dataset_id=made.dataset_id)
    [outcome] = apply_batch([theirs], other)
    assert outcome.issue
    assert outcome.issue.code == "TER-PUB-004"
    assert act("package_show", id=made.dataset_id)["title"] != "Vol"


def test_two_datasets_of_one_title_get_two_names(run: RunContext) -> None:
    twins = [replace(mixed(1), remote_id=f"t{n}", title="Même titre") for n in range(3)]
    outcomes = apply_batch([write(t, run) for t in twins], run)
    names = {act("package_show", id=o.dataset_id)["name"] for o in outcomes}
    assert names == {"meme-titre", "meme-titre-2", "meme-titre-3"}


def test_the_name_of_a_deleted_dataset_is_not_taken(run: RunContext) -> None:
    old = act("package_create", name="meme-titre", title="x", owner_org=run.organization_id,
              license_id="lov2")  # fmt: skip
    act("package_delete", id=old["id"])
    [outcome] = apply_batch([write(replace(mixed(1), title="Même titre"), run)], run)
    assert outcome.issue is None
    assert act("package_show", id=outcome.dataset_id)["name"] == "meme-titre-2"


def test_no_moment_is_a_whole_millisecond_of_zero(run: RunContext) -> None:
    outcomes = apply_batch([write(mixed(n), run) for n in range(5)], run)
    for outcome in outcomes:
        modified = act("package_show", id=outcome.dataset_id)["metadata_modified"]
        assert not modified.split(".")[-1].startswith("000")
