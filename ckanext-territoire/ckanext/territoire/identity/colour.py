"""Colours: read, compared as WCAG 2.2 does, made lighter or darker without leaving their hue. Pure.

Shades are sought in OKLCH, where a step of lightness looks like one whatever the hue; a colour that
screens cannot show loses chroma until they can.
"""

from __future__ import annotations

import math
import re

HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
LEAST_CONTRAST = 4.5
STEP = 0.005
Three = tuple[float, float, float]


def read_colour(text: str) -> str | None:
    """Read a colour as people write it; `None` when it is none.

    >>> read_colour(" #0B575C"), read_colour("abc"), read_colour("bleu")
    ('#0b575c', '#aabbcc', None)
    """
    match = HEX.fullmatch(text.strip())
    if not match:
        return None
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 3)


def shade(colour: str, lightness: float, most_chroma: float = 0.4) -> str:
    """The same hue at another lightness (0 to 1), with at most so much chroma."""
    _, chroma, hue = _to_oklch(colour)
    return _shown(lightness, min(chroma, most_chroma), hue)


def lightness_of(colour: str) -> float:
    """How light a colour looks, from 0 to 1."""
    return _to_oklch(colour)[0]


def nearest(colour: str, grounds: tuple[str, ...], least: float = LEAST_CONTRAST) -> str:
    """The closest shade that can be read on each of these grounds: darker on light ones, lighter
    on dark ones; the colour itself when it can."""
    if all(contrast(colour, ground) >= least for ground in grounds):
        return colour
    start, chroma, hue = _to_oklch(colour)
    is_ground_light = _luminance(grounds[0]) > 0.18
    steps = int(start / STEP) if is_ground_light else int((1 - start) / STEP)
    for step in range(1, steps + 1):
        tried = _shown(start + (-STEP if is_ground_light else STEP) * step, chroma, hue)
        if all(contrast(tried, ground) >= least for ground in grounds):
            return tried
    return "#000000" if is_ground_light else "#ffffff"


def mix(colour: str, ground: str, part: float) -> str:
    """A colour over a ground, as a veil of so much of it.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(_bytes(colour), _bytes(ground), strict=True)
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in pairs)


def _bytes(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(colour: str) -> Three:
    def one(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (one(value / 255) for value in _bytes(colour))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklch(colour: str) -> Three:
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _shown(lightness: float, chroma: float, hue: float) -> str:
    """The colour that a screen shows, with less chroma where it cannot show that much."""
    lightness = min(max(lightness, 0.0), 1.0)
    while True:
        linear = _from_oklch(lightness, chroma, hue)
        if chroma <= 0.001 or all(-0.0005 <= value <= 1.0005 for value in linear):
            return "#" + "".join(f"{_to_byte(value):02x}" for value in linear)
        chroma *= 0.95


def _from_oklch(lightness: float, chroma: float, hue: float) -> Three:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _to_byte(value: float) -> int:
    value = min(max(value, 0.0), 1.0)
    told = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(told * 255)
