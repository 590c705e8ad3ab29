"""The colours of an EPCI: read, judged, and their shades readable in both themes."""

from __future__ import annotations

import itertools

import pytest

from ckanext.territoire.identity.colour import contrast, lightness_of, nearest, read_colour, shade
from ckanext.territoire.identity.shades import judge, papers, shades_of, to_sample, to_sheet

STEPS = ("00", "55", "aa", "ff")
MANY = [f"#{r}{g}{b}" for r, g, b in itertools.product(STEPS, repeat=3)]
OURS = "#0b575c"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [("#ffffff", "#767676", 4.542), ("#ffffff", "#777777", 4.478), ("#ff0000", "#ffffff", 3.998)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, told: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(told, abs=0.001)


@pytest.mark.parametrize("text", ["", "rouge", "#12345", "#ggg", "red;}body{}", "#0b575c;", "\0"])
def test_what_is_no_colour_is_none(text: str) -> None:
    assert read_colour(text) is None


@pytest.mark.parametrize("colour", MANY)
def test_the_colour_proposed_can_be_read_and_is_no_farther_than_it_must(colour: str) -> None:
    verdict = judge(colour)

    assert judge(verdict.proposed).is_good
    if verdict.is_good:
        assert verdict.proposed == colour
    else:
        lighter = shade(verdict.proposed, lightness_of(verdict.proposed) + 0.03)
        assert not judge(lighter).is_good


@pytest.mark.parametrize("colour", MANY)
def test_every_shade_of_a_good_colour_can_be_read_in_both_themes(colour: str) -> None:
    good = judge(colour).proposed
    for told, paper in zip(shades_of(good, good), papers(), strict=True):
        for name in ("action", "accent"):
            for ground in ("paper", "paper-deep"):
                assert contrast(told[name], paper[ground]) >= 4.5, (name, ground)
        assert contrast(told["action"], told["action-soft"]) >= 4.5
        assert contrast(told["action-strong"], told["action-soft"]) >= 4.5
        assert contrast(told["on-action"], told["action"]) >= 4.5
        assert contrast(told["on-action"], told["action-strong"]) >= 4.5
        assert contrast(paper["ink"], told["land"]) >= 4.5


def test_the_look_as_it_comes_would_be_accepted() -> None:
    assert judge(OURS).is_good


def test_without_a_second_colour_the_map_follows_the_first() -> None:
    paper, night = papers()

    light, dark = shades_of("#1d3f9b", paper["ink"])

    assert light["land"] == shades_of("#1d3f9b", "#1d3f9b")[0]["land"]
    assert (light["accent"], dark["accent"]) == (paper["ink"], night["ink"])


def test_a_shade_goes_the_other_way_on_a_dark_ground() -> None:
    found = nearest("#222266", ("#181512",))

    assert lightness_of(found) > lightness_of("#222266")
    assert contrast(found, "#181512") >= 4.5


def test_the_sheet_is_tiny_and_says_both_themes() -> None:
    sheet = to_sheet(OURS, "#8a5200")

    assert len(sheet) < 600
    assert sheet.count("--action:") == 2
    assert "prefers-color-scheme: dark" in sheet


def test_a_sample_holds_its_paper_whatever_the_theme_of_the_reader() -> None:
    light, dark = papers()

    sheet = to_sample(OURS, OURS)

    assert f"--paper:{light['paper']};" in sheet
    assert f"--paper:{dark['paper']};" in sheet
