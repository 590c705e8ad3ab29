"""Live values: stored once by (series, time), read with the rights of their dataset."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.live.store import store_live
from harvesters.model import Observation, Series
from harvesters.ports import Live
from tests.ckan.conftest import act

SERIES = Series("s1", "Pont de Rennes", "°C", "température", -1.68, 48.11)


def value(minutes_ago: int, value: float, series: str = "s1") -> Observation:
    moment = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    return Observation(series, moment.isoformat(), value)


@pytest.fixture
def dataset(organization: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Make a dataset that the source `source` has published as its record `r1`."""

    def make(private: bool = False) -> dict[str, Any]:
        made = act(
            "package_create", name="temperatures", title="Températures", notes="Essai",
            license_id="lov2", owner_org=organization["id"], private=private, resources=[],
        )  # fmt: skip
        model.Session.execute(
            text("""INSERT INTO territoire_source_record
                        (source_id, remote_id, dataset_id, content_hash)
                    VALUES ('source', 'r1', :id, '\\x00')"""),
            {"id": made["id"]},
        )
        model.Session.commit()
        return made

    return make


def test_the_last_value_of_a_series_is_served(dataset: Any) -> None:
    made = dataset()
    store_live("source", {"r1": Live((SERIES,), (value(65, 18.0), value(4, 19.5)))})

    [shown] = act("territoire_series_list", id=made["name"])

    assert (shown["name"], shown["unit"], shown["value"]) == ("Pont de Rennes", "°C", 19.5)
    assert re.fullmatch("il y a \\d+\u00a0minutes?", shown["age"])
    assert shown["is_late"] is False


def test_the_same_values_again_change_nothing_and_a_corrected_one_replaces(dataset: Any) -> None:
    made = dataset()
    first, second = value(10, 1.0), value(5, 2.0)
    live = {"r1": Live((SERIES,), (first, second, second))}

    assert store_live("source", live) == 2
    assert store_live("source", live) == 0
    assert store_live("source", {"r1": Live((SERIES,), (replace(second, value=3.0),))}) == 1

    [shown] = act("territoire_series_list", id=made["id"])
    values = [v["value"] for v in act("territoire_observation_list", id=shown["id"])]
    assert values == [3.0, 1.0]


def test_values_of_any_month_find_their_place_and_disorder_is_no_matter(dataset: Any) -> None:
    made = dataset()
    old = Observation("s1", "2024-02-29T23:59:59Z", 1.0)
    store_live("source", {"r1": Live((SERIES,), (value(1, 3.0), old))})

    [shown] = act("territoire_series_list", id=made["id"])
    assert shown["value"] == 3.0
    found = act("territoire_observation_list", id=shown["id"], to="2024-03-01")
    assert [datetime.fromisoformat(v["time"]) for v in found] == [
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
    ]


def test_a_series_that_has_missed_its_rhythm_is_late(dataset: Any) -> None:
    made = dataset()
    store_live(
        "source", {"r1": Live((SERIES,), tuple(value(m, 1.0) for m in (300, 310, 320, 330)))}
    )

    [shown] = act("territoire_series_list", id=made["id"])

    assert shown["is_late"] is True


def test_an_unreadable_or_far_time_is_left_out(dataset: Any) -> None:
    made = dataset()
    wrong = (Observation("s1", "hier", 1.0), Observation("s1", "2999-01-01T00:00:00Z", 2.0))
    assert store_live("source", {"r1": Live((SERIES,), wrong)}) == 0

    [shown] = act("territoire_series_list", id=made["id"])
    assert shown["time"] is None


def test_values_are_answered_as_geojson_and_shown_on_the_page(dataset: Any, app: Any) -> None:
    made = dataset()
    store_live("source", {"r1": Live((SERIES,), (value(4, 19.5),))})

    found = app.get(f"/dataset/{made['name']}/mesures.geojson").json

    [feature] = found["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-1.68, 48.11]}
    assert feature["properties"]["value"] == 19.5
    with app.flask_app.test_request_context():
        shown = toolkit.render_snippet("territoire/snippets/last_values.html", {"pkg": made})
    assert "19,5" in shown
    assert re.search("il y a \\d+\u00a0minutes?", shown)


@pytest.mark.parametrize("state", ["private", "draft", "deleted"])
def test_values_of_a_hidden_dataset_are_closed_to_anonymous_callers(
    dataset: Any, app: Any, state: str
) -> None:
    made = dataset(private=state == "private")
    store_live("source", {"r1": Live((SERIES,), (value(4, 19.5),))})
    [shown] = act("territoire_series_list", id=made["id"])
    if state != "private":
        model.Session.execute(
            text("UPDATE package SET state = :state WHERE id = :id"),
            {"state": state, "id": made["id"]},
        )
        model.Session.commit()

    anonymous: dict[str, Any] = {"user": "", "ignore_auth": False}
    for action, id_ in (
        ("territoire_series_list", made["id"]),
        ("territoire_observation_list", shown["id"]),
    ):
        with pytest.raises((toolkit.NotAuthorized, toolkit.ObjectNotFound)):
            toolkit.get_action(action)(dict(anonymous), {"id": id_})
    app.get(f"/dataset/{made['id']}/mesures.geojson", status=404)


def test_a_wrong_number_or_moment_is_told_in_french(dataset: Any) -> None:
    made = dataset()
    store_live("source", {"r1": Live((SERIES,), (value(4, 19.5),))})
    [shown] = act("territoire_series_list", id=made["id"])

    with pytest.raises(toolkit.ObjectNotFound, match="TER-LIV-001"):
        act("territoire_observation_list", id="999999999")
    with pytest.raises(toolkit.ValidationError) as fault:
        act("territoire_observation_list", id=shown["id"], **{"from": "demain"})
    assert "TER-LIV-002" in str(fault.value)
