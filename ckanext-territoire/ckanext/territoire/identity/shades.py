"""The shades of the look from the two colours of an EPCI, in light and in dark. Pure.

The first colour is that of links, buttons and charts; the second of the line under the header, of
the large figures and of the map. In the light theme they are used as they were chosen, so they are
judged there; in the dark one their hue is kept and their lightness sought until it can be read.
The colours of the paper are those of `assets/tokens.css`, which stays the one place that says them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ckanext.territoire.identity.colour import (
    LEAST_CONTRAST,
    contrast,
    lightness_of,
    mix,
    nearest,
    shade,
)

TOKENS = Path(__file__).resolve().parents[1] / "assets/tokens.css"
VALUE = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
DARK = "@media screen and (prefers-color-scheme: dark)"
VEIL = 0.12
READ_WELL = 7.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a colour can be read in the light theme: the lowest of its contrasts there, and the
    closest shade that can (itself when it can)."""

    colour: str
    contrast: float
    proposed: str

    @property
    def is_good(self) -> bool:
        """Say whether the colour may be used."""
        return self.contrast >= LEAST_CONTRAST


@cache
def papers() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The colours of the look as it comes: light, dark."""
    light, _, dark = TOKENS.read_text(encoding="utf-8").partition(DARK)
    return dict(VALUE.findall(light)), dict(VALUE.findall(dark))


def judge(colour: str) -> Verdict:
    """Judge a colour on each ground where it is read."""
    light, _ = papers()
    grounds = (light["paper-deep"], light["paper"], light["on-action"])
    lowest = min(contrast(colour, ground) for ground in (*grounds, _veil(colour, light)))
    proposed = nearest(colour, grounds)
    while (better := nearest(proposed, (*grounds, _veil(proposed, light)))) != proposed:
        proposed = better  # its veil has followed it
    return Verdict(colour, lowest, proposed)


def shades_of(action: str, accent: str) -> tuple[dict[str, str], dict[str, str]]:
    """The values that the colours of an EPCI change, in light and in dark."""
    paper, night = papers()
    light, dark = _light(action, accent, paper), _dark(action, accent, night)
    if accent == paper["ink"]:  # no second colour was chosen: the map follows the first one
        light |= _land(action)
        dark |= _land_at_night(action) | {"accent": night["ink"]}
    return light, dark


def to_sheet(action: str, accent: str) -> str:
    """The style sheet of an EPCI: a few values, for both themes."""
    light, dark = shades_of(action, accent)
    return f":root{{{_values(light)}}}\n{DARK}{{:root{{{_values(dark)}}}}}\n"


def to_sample(action: str, accent: str) -> str:
    """The style sheet of the two samples of the page of identity, whatever theme its reader has."""
    light, dark = shades_of(action, accent)
    paper, night = papers()
    return (
        f".identity-sample{{{_values({**paper, **light})}color-scheme:light}}\n"
        f".identity-sample.is-dark{{{_values({**night, **dark})}color-scheme:dark}}\n"
    )


def _light(action: str, accent: str, paper: Mapping[str, str]) -> dict[str, str]:
    return {
        "action": action,
        "action-strong": shade(action, max(lightness_of(action) - 0.12, 0.15)),
        "on-action": paper["on-action"],
        "action-soft": _veil(action, paper),
        "accent": accent,
        **_land(accent),
    }


def _dark(action: str, accent: str, night: Mapping[str, str]) -> dict[str, str]:
    soft = shade(action, 0.32, 0.04)
    grounds = (night["paper-deep"], night["paper"], soft)
    read = nearest(shade(action, 0.78, 0.09), grounds, READ_WELL)
    return {
        "action": read,
        "action-strong": shade(read, min(lightness_of(read) + 0.08, 0.97)),
        "on-action": nearest(shade(action, 0.22, 0.03), (read,)),
        "action-soft": soft,
        "accent": nearest(shade(accent, 0.78, 0.1), grounds[:2], READ_WELL),
        **_land_at_night(accent),
    }


def _land(colour: str) -> dict[str, str]:
    return {"land": shade(colour, 0.88, 0.03), "land-busy": shade(colour, 0.74, 0.07)}


def _land_at_night(colour: str) -> dict[str, str]:
    return {"land": shade(colour, 0.36, 0.035), "land-busy": shade(colour, 0.5, 0.06)}


def _veil(colour: str, paper: Mapping[str, str]) -> str:
    return mix(colour, paper["paper"], VEIL)


def _values(named: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in named.items())
