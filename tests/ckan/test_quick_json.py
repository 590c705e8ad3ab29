"""What CKAN's API says is written by orjson, and means what CKAN would have written."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import simplejson
from ckan.lib.lazyjson import LazyJSONObject
from ckan.logic.action import get
from markupsafe import Markup

from ckanext.territoire.api.quick_json import QuickReader, QuickWriter
from tests.ckan.conftest import act

pytestmark = pytest.mark.usefixtures("with_plugins")
JSON = QuickWriter(simplejson)


class Place(NamedTuple):
    """A tuple with names: CKAN writes it as an object."""

    name: str
    code: int


def in_letters(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(value)


VALUES: tuple[Any, ...] = (
    {"titre": "L’été – « Ça va ? » \u2028 </script>", "n": [1, -2.5, 1e22, True, None, ()]},
    {"jour": date(2026, 5, 1), "à": datetime(2026, 5, 1, 8, 30, 0, 12, tzinfo=UTC)},
    {"lieu": Place("Acigné", 35001), "html": Markup("<b>é</b>")},
    {2: "deux", None: "rien", True: "vrai"},
    {"grand": 2**70, "euros": Decimal("12.50")},
    {"lignes": LazyJSONObject('{"a": 1}')},
)


@pytest.mark.parametrize("value", VALUES)
def test_what_is_written_means_the_same(value: Any) -> None:
    usual = simplejson.dumps(value, default=in_letters, for_json=True)
    quick = JSON.dumps(value, default=in_letters, for_json=True)
    assert json.loads(quick) == json.loads(usual)


def test_what_cannot_be_written_is_refused_as_before() -> None:
    with pytest.raises(TypeError):
        JSON.dumps({"a": object()}, default=in_letters, for_json=True)


@pytest.mark.parametrize(
    "text", ['{"size": 9223372036854775807}', '"\\ud800"', "NaN", '{"é": [1.5, null, "a", true]}']
)
def test_what_is_read_is_the_same(text: str) -> None:
    assert repr(QuickReader(json).loads(text)) == repr(json.loads(text))


def test_what_is_no_json_is_refused_as_before() -> None:
    with pytest.raises(json.JSONDecodeError):
        QuickReader(json).loads("{")


def test_the_api_answers_with_accents_in_fewer_bytes(clean: None, app: Any) -> None:
    act("organization_create", name="acigne", title="Acigné")
    act("package_create", name="ete", title="L’été à Acigné", owner_org="acigne",
        license_id="lov2")  # fmt: skip
    answer = app.get("/api/3/action/package_search?q=*:*")
    told = json.loads(answer.body)
    assert "L’été à Acigné".encode() in answer.data
    assert len(answer.data) < len(simplejson.dumps(told))
    assert told["result"]["results"][0]["title"] == "L’été à Acigné"
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"


def test_a_call_with_a_callback_is_answered_with_it(clean: None, app: Any) -> None:
    answer = app.get("/api/3/action/package_search?q=*:*&callback=voici")
    assert answer.body.startswith("voici({")
    assert json.loads(answer.body[len("voici(") : -2])["success"]


def test_both_modules_of_ckan_use_it(portal_app: Any) -> None:
    views = sys.modules["ckan.views.api"]
    assert isinstance(views.json, QuickWriter)
    assert isinstance(get.json, QuickReader)
