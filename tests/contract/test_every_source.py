"""What every source promises, whatever it reads: one suite for all kinds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harvesters.errors import catalogue, sentence
from harvesters.map.text import MAX_TEXT, MAX_TITLE
from harvesters.model import Dataset, Issue, Record, Resource
from harvesters.registry import SOURCES
from schemas.geometry import to_geometry
from schemas.values import to_date, to_email, to_web_address
from schemas.vocabulary import load_vocabulary
from tests.contract.cases import ALL, ONE_A_KIND, Case, Reading, response

HTML = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Bient\xc3\xb4t.</body>"
FORMATS = {term.label for term in load_vocabulary("formats")}
BODIES = {
    "nothing": b"", "spaces": b"  \n ", "a web page": HTML, "a list": b"[]", "an object": b"{}",
    "a number": b"5", "a text": b'"x"', "null": b"null", "a list of numbers": b"[1, 2, null]",
    "a broken JSON": b'{"success": true, "result": {"count"', "noise": bytes(range(256)) * 4,
    "zeros": b"\0" * 300, "a ZIP that is none": b"PK\x03\x04" + b"\xff" * 60,
    "deep brackets": b"[" * 5000, "odd CKAN": b'{"success": true, "result": {"results": 3}}',
    "odd OGC": b'{"value": [1, null, {"Datastreams": "x"}], "@iot.count": "many"}',
    "odd RUDI": b'{"total": "x", "items": [3, {"global_id": 4}]}',
}  # fmt: skip
ODD: list[Any] = [
    None,
    5,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    ["a", None, 3],
    {"a": {"b": 1}},
    "é" * 50_000,
]


def is_empty_or_told(found: Reading) -> bool:
    return found.stopped_by is not None or not found.records or bool(found.issues)


@pytest.mark.parametrize("case", ALL)
def test_paging_ends_and_every_declared_record_comes(case: Case) -> None:
    found = case.reading()
    assert found.stopped_by is None
    assert found.records >= case.minimum
    assert len(found.datasets) >= case.minimum


@pytest.mark.parametrize("case", ALL)
def test_reading_twice_gives_the_same_hashes(case: Case) -> None:
    assert case.reading().hashes == case.gather().hashes


@pytest.mark.parametrize("case", ALL)
def test_every_issue_is_in_the_catalogue_and_can_be_said(case: Case) -> None:
    for issue in case.reading().issues:
        assert issue.code in catalogue()
        assert sentence(issue).startswith(issue.code)


@pytest.mark.parametrize("case", ALL)
def test_every_dataset_keeps_to_the_vocabularies(case: Case) -> None:
    for dataset in case.reading().datasets:
        check_dataset(dataset)
        for resource in dataset.resources:
            check_resource(resource)


def check_dataset(dataset: Dataset) -> None:
    assert load_vocabulary("licences").get(dataset.licence)
    assert all(load_vocabulary("themes").get(theme) for theme in dataset.themes)
    assert not dataset.frequency or load_vocabulary("frequencies").get(dataset.frequency)
    assert 0 < len(dataset.title) <= MAX_TITLE
    assert "\n" not in dataset.title
    assert len(dataset.description) <= MAX_TEXT
    for day in (dataset.issued, dataset.modified, dataset.temporal_start, dataset.temporal_end):
        assert not day or to_date(day)
    assert not dataset.spatial or to_geometry(dataset.spatial)
    assert not dataset.contact_email or to_email(dataset.contact_email)
    assert not dataset.landing_page or to_web_address(dataset.landing_page)
    assert all(re.fullmatch(r"[\w\s.-]{2,100}", tag) for tag in dataset.tags)
    assert all(len(code) == 5 for code in dataset.communes)


def check_resource(resource: Resource) -> None:
    assert bool(resource.url) != (resource.content is not None)
    assert resource.name if resource.content is not None else to_web_address(resource.url)
    known = resource.format in FORMATS or resource.format.isalnum()
    assert not resource.format or known
    assert not resource.modified or to_date(resource.modified)
    assert not resource.media_type or "/" in resource.media_type


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("case", ONE_A_KIND)
def test_an_odd_answer_is_told_and_never_raises(case: Case, body: bytes) -> None:
    answer = response(case.source.start(case.config), body)
    page = case.source.read(answer, case.config)
    for record in page.records:
        mapped = case.source.to_dataset(record, case.config)
        assert isinstance(mapped, Dataset | Issue)
    assert all(issue.code in catalogue() for issue in page.issues)
    assert isinstance(case.source.looks_like(answer), bool)


@pytest.mark.parametrize("case", ONE_A_KIND)
def test_a_web_page_is_named_and_gives_no_record(case: Case) -> None:
    found = case.gather(lambda request: response(request, HTML, "text/html"))
    assert found.records == 0
    assert found.stopped_by
    assert found.stopped_by.code in ("TER-VAL-002", "TER-FET-020")


@pytest.mark.parametrize("share", [0.02, 0.4, 0.9])
@pytest.mark.parametrize("case", ONE_A_KIND)
def test_a_truncated_answer_never_raises(case: Case, share: float) -> None:
    whole = case.first_answer()

    def serve(request: Any) -> Any:
        return response(request, whole.body[: int(len(whole.body) * share)], whole.media_type)

    assert is_empty_or_told(case.gather(serve))


@pytest.mark.parametrize("case", ONE_A_KIND)
def test_an_answer_in_the_wrong_encoding_never_raises(case: Case) -> None:
    body = case.first_answer().body
    shifted = body.decode("utf-8", "replace").encode("cp1252", "replace")
    found = case.gather(lambda request: response(request, shifted))
    assert all(issue.code in catalogue() for issue in found.issues)


def spoil(value: Any, odd: Any) -> list[Any]:
    """Every copy of a value with one of its parts replaced; the first item stands for a list."""
    if isinstance(value, dict):
        return [{**value, k: copy} for k, v in value.items() for copy in [odd, *spoil(v, odd)]]
    if isinstance(value, list) and value:
        return [[copy, *value[1:]] for copy in [odd, *spoil(value[0], odd)]]
    return []


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("case", [p for p in ONE_A_KIND if p.values[0].kind != "gtfs_feed"])
def test_a_record_with_one_odd_field_is_mapped_or_told(case: Case, odd: Any) -> None:
    source = case.source
    record = source.read(case.first_answer(), case.config).records[0]
    payloads = spoil(dict(record.payload), odd)
    if case.kind == "csv_folder":  # a line of a CSV, or a link, holds texts only
        payloads = [p for p in payloads if all(isinstance(v, str) for v in p.values())]
    for payload in payloads:
        spoilt = Record(record.remote_id, payload, record.where)
        mapped = source.to_dataset(spoilt, case.config)
        if isinstance(mapped, Dataset):
            check_dataset(mapped)
        else:
            assert sentence(mapped)
        if source.to_series and source.to_observations:
            source.to_series(spoilt, case.config)
            source.to_observations(spoilt, case.config)


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_kind_tells_a_person_what_it_is(kind: str) -> None:
    source = SOURCES[kind]
    assert source.label_fr
    assert source.description_fr.endswith(".")
    assert to_web_address(source.example_url)
    assert all(s.help_fr.endswith(".") and s.name.isidentifier() for s in source.settings)


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_a_setting_has_a_short_french_name_of_its_own(kind: str) -> None:
    labels = [setting.label_fr for setting in SOURCES[kind].settings]
    assert len(labels) == len(set(labels))
    for label in labels:
        assert label[:1].isupper()
        assert not label.endswith(".")
        assert len(label) <= 30


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_what_a_setting_holds_without_a_word_is_one_of_its_choices(kind: str) -> None:
    for setting in SOURCES[kind].settings:
        values = [value for value, _ in setting.choices]
        assert len(values) == len(set(values))
        assert not (setting.choices and setting.default) or setting.default in values


@pytest.mark.parametrize("case", ALL)
def test_a_source_recognises_its_own_answer(case: Case) -> None:
    assert case.source.looks_like(case.first_answer())
