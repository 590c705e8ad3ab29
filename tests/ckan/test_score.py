"""Reliability on real databases: measured in bulk, kept by day, shown with the dataset."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import event, text

from ckanext.territoire import files
from ckanext.territoire.cli import territoire as territoire_command
from ckanext.territoire.quality.measure import gather, history, measure_all
from ckanext.territoire.table import load
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import make_territory

DAY = date(2026, 11, 25)
FULL: dict[str, Any] = {
    "notes": "Les arbres de la commune",
    "license_id": "lov2",
    "theme": ["environnement"],
    "frequency": "monthly",
    "contact_email": "mairie@acigne.example",
    "modified": "2026-11-20",
    "communes": ["35001"],
}


@pytest.fixture(autouse=True)
def territory(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_territory(tmp_path, monkeypatch)


def make(name: str, private: bool = False, **facts: Any) -> dict[str, Any]:
    """A dataset of Acigné with one file on the web."""
    file = {"url": "https://exemple.fr/arbres.csv", "format": "CSV", "name": "Arbres"}
    return dict(act("package_create", name=name, title=name, owner_org="acigne", private=private,
                    resources=[file], **facts))  # fmt: skip


def call(user: str, action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": user, "ignore_auth": False}, data)


def parts(each_id: str) -> dict[str, int | None]:
    told = act("territoire_score_show", id=each_id)
    return {part["name"]: part["points"] for part in told["parts"]}


def checked(resource_id: str, dataset_id: str, moment: str, code: str = "") -> None:
    """Remember a look at a file, as the table loader does."""
    issues = json.dumps([{"code": code}] if code else [])
    values = {"r": resource_id, "d": dataset_id, "at": moment, "i": issues,
              "state": "failed" if code else "loaded"}  # fmt: skip
    query = """
        INSERT INTO territoire_table (resource_id, dataset_id, state, issues, checked_at)
        VALUES (:r, :d, :state, cast(:i AS jsonb), :at)
        ON CONFLICT (resource_id) DO UPDATE SET state = :state, issues = cast(:i AS jsonb),
               checked_at = :at
    """
    model.Session.execute(text(query), values)
    model.Session.commit()


def test_a_dataset_is_scored_from_what_is_known_and_says_what_is_missing() -> None:
    full, poor = make("complet", **FULL), make("pauvre", license_id="notspecified", notes="-")

    measure_all(DAY)

    assert act("territoire_score_show", id=full["id"])["score"] == 100
    told = act("territoire_score_show", id="pauvre")
    assert told["score"] < 30
    advice = next(part["advice"] for part in told["parts"] if part["name"] == "metadata")
    assert "Contact" in advice
    assert "Rythme de mise à jour" in advice
    assert parts(poor["id"])["rows"] is None


def test_a_dataset_is_never_lower_because_it_was_harvested() -> None:
    deposited, harvested = make("depose", **FULL), make("moissonne", **FULL)
    model.Session.execute(
        text("INSERT INTO territoire_source_record (source_id, remote_id, dataset_id, content_hash)"
             " VALUES ('source', 'distant', :id, '')"),
        {"id": harvested["id"]},
    )  # fmt: skip
    model.Session.commit()

    found = gather()

    assert found[harvested["id"]] == found[deposited["id"]]
    assert found[harvested["resources"][0]["id"]] == found[deposited["resources"][0]["id"]]


def test_the_address_of_a_file_is_judged_by_its_last_checks_each_counted_once() -> None:
    dataset = make("arbres", **FULL)
    resource_id = dataset["resources"][0]["id"]
    for day, code in ((20, ""), (21, "TER-FET-004"), (22, ""), (22, ""), (23, "TER-TAB-003")):
        checked(resource_id, dataset["id"], f"2026-11-{day} 06:00:00", code)
        measure_all(date(2026, 11, day))

    told = act("territoire_score_show", id=resource_id)
    sentence = next(p["sentence"] for p in told["parts"] if p["name"] == "availability")

    assert "3 fois sur 4" in sentence.replace("\u00a0", " ")
    assert len(told["history"]) == 4


def test_the_rows_of_a_delivery_count_for_its_file_and_for_the_merged_table() -> None:
    rows = to_csv(park(1), park(2), park(3), park(4, gratuit="parfois"))
    told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
               upload=upload(rows))  # fmt: skip
    act("territoire_delivery_publish", id=told["id"])
    measure_all(DAY)

    feed = act("territoire_delivery_show", id=told["id"])["feed"]
    assert parts(feed["resource_id"])["rows"] == round(30 * 3 / 4)
    assert parts(feed["dataset_id"])["rows"] == round(30 * 3 / 4)
    assert parts(SLUG)["rows"] == round(30 * 3 / 4)


def test_a_score_is_kept_by_day_and_a_day_measured_twice_is_one() -> None:
    dataset = make("arbres", **FULL)

    measure_all(DAY - timedelta(days=1))
    measure_all(DAY)
    act("package_patch", id=dataset["id"], license_id="notspecified")
    measure_all(DAY)

    days = history(dataset["id"], DAY - timedelta(days=30))
    assert [day.day for day in days] == [DAY - timedelta(days=1), DAY]
    assert days[0].score > days[1].score


def test_old_days_and_deleted_datasets_do_not_stay_for_ever() -> None:
    dataset = make("arbres", **FULL)
    measure_all(DAY - timedelta(days=800))
    act("package_delete", id=dataset["id"])

    assert measure_all(DAY) == 0
    assert history(dataset["id"], date(2000, 1, 1)) == []


def test_a_dataset_that_was_never_measured_is_measured_when_asked() -> None:
    dataset = make("arbres", **FULL)

    told = act("territoire_score_show", id=dataset["resources"][0]["id"])

    assert (told["score"], told["measured_on"], told["history"]) == (100, None, [])


@pytest.mark.parametrize("user", ["", "voisine"])
def test_the_score_of_a_private_dataset_is_for_its_members(user: str) -> None:
    dataset = make("cache", private=True, **FULL)
    measure_all(DAY)

    for each_id in (dataset["id"], dataset["resources"][0]["id"], "cache"):
        with pytest.raises(toolkit.NotAuthorized):
            call(user, "territoire_score_show", id=each_id)
    assert call("lectrice", "territoire_score_show", id=dataset["id"])["score"] == 100


@pytest.mark.parametrize("wanted", ["jamais-vu", "../etc", ""])
def test_an_unknown_dataset_is_said_to_be_unknown(wanted: str) -> None:
    with pytest.raises((toolkit.ObjectNotFound, toolkit.ValidationError)):
        call("", "territoire_score_show", id=wanted)


def test_measuring_costs_the_same_number_of_queries_whatever_the_number_of_datasets() -> None:
    def queries() -> int:
        seen: list[str] = []

        def count(*args: Any) -> None:
            seen.append(args[2])

        event.listen(model.meta.engine, "before_cursor_execute", count)
        try:
            measure_all(DAY)
        finally:
            event.remove(model.meta.engine, "before_cursor_execute", count)
        return len(seen)

    make("un", **FULL)
    alone = queries()
    for number in range(5):
        make(f"autre-{number}", **FULL)

    assert queries() == alone


def test_the_pages_of_a_dataset_and_of_a_file_show_the_score_its_reasons_and_its_curve(
    app: Any,
) -> None:
    dataset = make("arbres", **{**FULL, "license_id": "cc-by-nc-4.0"})
    today = datetime.now().date()
    measure_all(today - timedelta(days=1))
    measure_all(today)

    resource = f"/dataset/arbres/resource/{dataset['resources'][0]['id']}"
    for path in ("/dataset/arbres", resource):
        page = app.get(path).body
        assert "Fiabilité" in page
        assert "La licence est connue, mais elle limite la réutilisation." in page
        assert "<polyline points=" in page
        assert 'role="img" aria-label="De ' in page


def test_the_commands_measure_everything_and_say_what_would_raise_a_score(cli: Any) -> None:
    make("arbres", **{**FULL, "license_id": "notspecified"})

    measured = cli.invoke(territoire_command, ["quality", "measure"])
    shown = cli.invoke(territoire_command, ["quality", "show", "arbres"])

    assert measured.output == "2 jeux de données et fichiers mesurés.\n"
    assert shown.output.startswith("7")
    assert "→ Choisissez une licence ouverte" in shown.output


def test_a_kept_file_that_was_loaded_has_answered() -> None:
    site = toolkit.config["ckan.site_url"]
    dataset = act("package_create", name="lieux", title="Lieux", owner_org="acigne", resources=[],
                  **FULL)  # fmt: skip
    resource = act(
        "resource_create", package_id=dataset["id"], name="Lieux", format="CSV",
        url=f"{site}/dataset/{dataset['id']}/fichier/lieux.csv", hash=files.keep(b"nom;n\nA;1\n"),
    )  # fmt: skip
    load.load_waiting()

    assert gather()[resource["id"]].checks[0][1] is True
