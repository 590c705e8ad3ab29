"""When two records are one dataset, and which of its origins publishes it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from harvesters.identity import Stand
from harvesters.model import Dataset, Resource
from harvesters.origin import (
    Candidate,
    Holder,
    Nearness,
    Origin,
    Route,
    Verdict,
    completeness,
    host_of,
    is_national,
    nearness,
    owner_form,
    settle,
    winner_of,
)
from harvesters.same import (
    ALWAYS,
    MAX_FILES,
    Likeness,
    Reason,
    Side,
    address_form,
    claim_key,
    file_keys,
    page_key,
    proposals_of,
)

OWN = Route("own", "Portail d’Acigné", "data.acigne.fr", "acigne", frozenset({"acigne"}))
REGION = Route("region", "Portail régional", "data.region.fr", "region", frozenset({"region"}))
NATION = Route("nation", "data.gouv.fr", "www.data.gouv.fr", "etat", frozenset({"etat"}), True)
CLAIM = "//data.acigne.fr/jeu/1"


def holder(route: Route = NATION, **more: object) -> Holder:
    return replace(Holder("d1", "r1", route, CLAIM), **more)  # type: ignore[arg-type]


def candidate(**more: object) -> Candidate:
    made = Candidate("r9", "own-9", CLAIM, claim_key(CLAIM))
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.fr/x.csv", "https://a.fr/x.csv"),
        ("https://a.fr/x/", "https://a.fr/x"),
        ("https://a.fr/x?utm_source=b&v=1", "https://A.fr/x?v=1#ligne"),
        ("https://a.fr:443/x", "http://a.fr:80/x"),
    ],
)
def test_one_address_is_known_under_its_spellings(one: str, other: str) -> None:
    assert address_form(one) == address_form(other) != ""


@pytest.mark.parametrize("other", ["https://a.fr/y", "https://b.fr/x", "https://a.fr/x?v=2"])
def test_different_addresses_stay_different(other: str) -> None:
    assert address_form("https://a.fr/x") != address_form(other)


@pytest.mark.parametrize("url", ["https://a.fr", "http://a.fr/", "", "fichier.csv", "http://[x"])
def test_what_names_no_file_is_no_likeness(url: str) -> None:
    assert address_form(url) == ""
    assert file_keys(Dataset("1", "T", resources=(Resource(url),))) == ()


def test_a_claim_that_is_the_page_of_another_has_its_key() -> None:
    there = Dataset("1", "T", landing_page="https://data.acigne.fr/jeu/1/")
    assert page_key(there) == claim_key(CLAIM)
    assert claim_key("urn:rudi:1") is None


def test_the_keys_of_many_files_are_bounded_and_always_the_same_ones() -> None:
    files = tuple(Resource(f"https://a.fr/{n}") for n in range(2 * MAX_FILES))
    keys = file_keys(Dataset("1", "T", resources=files))
    assert len(keys) == MAX_FILES
    assert keys == file_keys(Dataset("1", "T", resources=files[::-1]))


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ville de Rennes", "RENNES", True),
        ("Commune d’Acigné", "Mairie d'Acigne", True),
        ("Rennes", "Rennes Métropole", False),
    ],
)
def test_one_publisher_is_known_under_its_spellings(one: str, other: str, is_same: bool) -> None:
    assert (owner_form(one) == owner_form(other)) is is_same


def test_the_rule_says_producer_then_region_then_nation() -> None:
    assert nearness(OWN, CLAIM, "") is Nearness.PRODUCER
    assert nearness(REGION, CLAIM, "Région") is Nearness.PRODUCER
    assert nearness(REGION, CLAIM, "Ville d’Acigné") is Nearness.REGION
    assert nearness(NATION, CLAIM, "État") is Nearness.NATION


@pytest.mark.parametrize("said", list(Nearness))
def test_what_an_officer_says_of_a_portal_comes_before_its_address(said: Nearness) -> None:
    for route in (REGION, NATION):
        assert nearness(replace(route, said=said), CLAIM, "Une autre commune") is said


def test_a_regional_portal_is_the_producer_of_what_it_publishes_itself() -> None:
    region = replace(REGION, said=Nearness.REGION)
    assert nearness(region, CLAIM, "Région") is Nearness.PRODUCER
    assert nearness(replace(region, host=host_of(CLAIM)), CLAIM, "") is Nearness.PRODUCER


def test_what_was_born_on_the_national_portal_is_nearest_there() -> None:
    claim = "//www.data.gouv.fr/datasets/1"
    assert nearness(replace(NATION, host=host_of(claim)), claim, "") is Nearness.PRODUCER


@pytest.mark.parametrize("host", ["data.gouv.fr", "transport.data.gouv.fr", "data.europa.eu"])
def test_the_portals_of_the_nation_are_known(host: str) -> None:
    assert is_national("ckan_portal", host)
    assert not is_national("ckan_portal", f"{host}.exemple.fr")


def test_the_winner_is_chosen_in_the_order_of_the_rule() -> None:
    ranked = [
        Origin("f", "1", Nearness.NATION, 1, "2020", is_chosen=True),
        Origin("e", "1", Nearness.PRODUCER, 1, "2020"),
        Origin("d", "1", Nearness.REGION, 9, "2020"),
        Origin("c", "1", Nearness.REGION, 2, "2026-02-01T10:00:00"),
        Origin("b", "1", Nearness.REGION, 2, "2026-01-01", is_in_place=True),
        Origin("a", "1", Nearness.REGION, 2, "2026-01-01"),
        Origin("a", "2", Nearness.REGION, 2, "2026-01-01"),
    ]
    while ranked:
        for some in list(permutations(ranked))[:50]:
            assert winner_of(some) == ranked[0]
        ranked.pop(0)


def test_a_dataset_that_tells_more_is_more_complete() -> None:
    bare = Dataset("1", "T")
    assert completeness(bare) == 0
    told = replace(bare, description="D", licence="lov2", resources=(Resource("u"), Resource("v")))
    assert completeness(told) == 4


def test_the_address_of_the_identifier_takes_the_place() -> None:
    assert settle(candidate(), [holder()], OWN) == (Verdict.TAKE, holder())


def test_the_organisation_that_the_record_in_place_names_takes_it() -> None:
    other = replace(OWN, host="opendata.acigne.fr")
    there = holder(publisher="Ville d’Acigné")
    assert settle(candidate(), [there], other)[0] is Verdict.TAKE


def test_a_regional_source_of_the_same_organisation_takes_the_place_of_the_national_one() -> None:
    national = replace(NATION, organization_id="region")
    assert settle(candidate(), [holder(national)], REGION)[0] is Verdict.TAKE


def test_a_source_that_nothing_in_place_bears_out_joins() -> None:
    assert settle(candidate(), [holder()], REGION) == (Verdict.JOIN, holder())
    assert settle(candidate(), [holder(OWN)], NATION)[0] is Verdict.JOIN
    assert settle(candidate(), [holder(OWN)], OWN)[0] is Verdict.JOIN


def test_the_choice_of_an_officer_is_over_the_rule() -> None:
    assert settle(candidate(), [holder(chosen_source="nation")], OWN)[0] is Verdict.JOIN
    assert settle(candidate(), [holder(OWN, chosen_source="nation")], NATION)[0] is Verdict.TAKE


def test_a_published_dataset_is_never_joined_by_itself() -> None:
    assert settle(candidate(is_live=True), [holder()], OWN) == (Verdict.PUBLISH, None)


def test_a_claim_that_two_datasets_hold_joins_none() -> None:
    both = [holder(), holder(dataset_id="d2")]
    assert settle(candidate(), both, OWN) == (Verdict.PUBLISH, None)


def test_what_an_officer_told_apart_is_published_by_itself() -> None:
    there = holder(strangers=frozenset({"own-9"}))
    assert settle(candidate(), [there], OWN) == (Verdict.PUBLISH, None)


def test_a_source_has_one_record_in_a_dataset() -> None:
    there = holder(mates=("r8",))
    assert settle(candidate(), [there], REGION)[0] is Verdict.REFUSE
    assert settle(candidate(known_as="r8"), [there], REGION)[0] is Verdict.JOIN
    linked = holder(claim="x", page_key=claim_key(CLAIM), mates=("r8",))
    assert settle(candidate(), [linked], REGION)[0] is Verdict.PUBLISH


def test_a_link_to_the_page_of_another_joins_in_either_direction() -> None:
    ours = holder(REGION, claim="", page_key=claim_key(CLAIM))
    assert settle(candidate(), [ours], NATION)[0] is Verdict.JOIN
    theirs = candidate(claim="", claim_key=None, page_key=claim_key(CLAIM))
    assert settle(theirs, [holder()], OWN)[0] is Verdict.TAKE


def test_a_joined_record_stays_until_it_claims_something_else() -> None:
    joined = candidate(stand=Stand.JOINED, joined_to="d1", is_live=True)
    moved = replace(joined, claim="//b.fr/2", claim_key=claim_key("//b.fr/2"), has_moved=True)
    there = holder(REGION, claim="//ailleurs.fr/3")
    assert settle(joined, [there], NATION)[0] is Verdict.JOIN
    assert settle(moved, [there], NATION)[0] is Verdict.PUBLISH
    merged = replace(moved, stand=Stand.MERGED)
    assert settle(merged, [there], NATION)[0] is Verdict.JOIN


def like(
    one: str, other: str, reason: Reason = Reason.FILES, shared: int = 1, of: int = 1
) -> Likeness:
    """Datasets are named by their source and a number: `a1`."""
    return Likeness(Side(one, one[0]), Side(other, other[0]), reason, shared, of)


def groups(*likenesses: Likeness, **judged: str) -> list[tuple[str, ...]]:
    pairs = {(p[:2], p[2:]): told for p, told in judged.items()}
    return [each.datasets for each in proposals_of(likenesses, pairs)]


def test_reasons_are_told_surest_first() -> None:
    found = proposals_of(
        [like("a1", "b1", Reason.CONTENT), like("a1", "b1"), like("a1", "b1", Reason.CLAIM)], {}
    )
    assert [each.reasons for each in found] == [(Reason.CLAIM, Reason.FILES, Reason.CONTENT)]


def test_less_than_half_of_the_files_is_no_likeness() -> None:
    assert groups(like("a1", "b1", shared=1, of=3)) == []
    assert groups(like("a1", "b1", shared=2, of=4)) == [("a1", "b1")]


def test_a_likeness_that_fits_two_datasets_of_one_source_fits_none() -> None:
    assert groups(like("a1", "b1"), like("a1", "b2")) == []


def test_the_better_of_two_likenesses_is_proposed() -> None:
    found = groups(like("a1", "b1", shared=4, of=4), like("a1", "b2", shared=3, of=4))
    assert found == [("a1", "b1")]


def test_a_surer_reason_decides_between_two() -> None:
    found = groups(like("a1", "b1"), like("a1", "b2"), like("a1", "b2", Reason.CLAIM))
    assert found == [("a1", "b2")]


def test_three_sources_are_one_proposal_and_two_of_one_source_are_not() -> None:
    assert groups(like("a1", "b1"), like("b1", "c1")) == [("a1", "b1", "c1")]
    chain = groups(like("a1", "b1"), like("a2", "c1"), like("b1", "c1"))
    assert all(len({each[0] for each in group}) == len(group) for group in chain)
    assert sorted({pair for group in chain for pair in group}) == ["a1", "a2", "b1", "c1"]


def test_what_was_told_apart_comes_back_when_the_likeness_changes() -> None:
    told = "files 1/1"
    assert groups(like("a1", "b1"), a1b1=told) == []
    assert groups(like("a1", "b1", shared=2, of=2), a1b1=told) == [("a1", "b1")]
    assert groups(like("a1", "b1", shared=2, of=2), a1b1=ALWAYS) == []
