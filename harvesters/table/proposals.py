"""What a cell may have meant: texts to propose in place of one that was refused.

Pure functions from a field and the text found to candidates, best first. They are guesses that a
person accepts or not; `check_repair` keeps the first one that passes the checks of the field.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date

from schemas.model import Check, Field, FieldType
from schemas.sql_rewriting import fold
from schemas.values import MONTHS

CLOSE = 0.6  # difflib's own measure of what looks alike
METROPOLE = ((-5.5, 10.0), (41.0, 51.5))  # longitudes and latitudes of the mainland
_MONTHS = {fold(month): number for number, month in enumerate(MONTHS, 1)}
_SHORT = {name[:n]: number for name, number in _MONTHS.items() for n in (3, 4, 5)}
_WORDS_DATE = re.compile(r"(?:\D*\s)?(\d{1,2})(?:er)?[\s.-]+([a-zûé]+)\.?[\s.-]+(\d{4}|\d{2})")
_SHORT_DATE = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{2}|\d{4})")
_GLUED_DATE = re.compile(r"(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})(?:[T ].*)?")
_NUMBER = re.compile(r"[+-]?\d+(?:[ \u00a0\u202f]\d{3})*(?:[.,]\d+)?")
_DEGREES = re.compile(
    r"(\d{1,3})\s*°\s*(\d{1,2}(?:[.,]\d+)?)\s*['’′]?\s*"
    r"(?:(\d{1,2}(?:[.,]\d+)?)\s*[\"”″]?)?\s*([NSEOWnseow])?"
)
_METRES = re.compile(r"(\d+)(?:[.,](\d{1,2}))?\s*m(?:ètres?)?\.?|(\d+)\s*m\s*(\d{2})", re.I)


def propose(field: Field, found: str) -> list[str]:
    """List what a text may have meant; the text itself is left out."""
    text = " ".join(found.split())
    candidates = dict.fromkeys(each for each in _candidates(field, text) if each and each != found)
    return list(candidates)


def _candidates(field: Field, text: str) -> Iterator[str]:
    if field.enum:
        yield from _close_values(field, text)
        return
    match field.type:
        case FieldType.DATE | FieldType.DATETIME:
            yield from _dates(field, text)
        case FieldType.YEAR | FieldType.INTEGER | FieldType.NUMBER:
            yield from _numbers(text)
        case FieldType.BOOLEAN:
            yield from difflib.get_close_matches(
                text.lower(), (*field.true_values, *field.false_values), 1, CLOSE
            )
        case FieldType.GEOPOINT:
            yield from _points(field, text)
        case FieldType.STRING:
            yield from _texts(field, text)


def _close_values(field: Field, text: str) -> Iterator[str]:
    """The values of an enum that look like the text, or like each of its items."""
    by_fold = {fold(value): value for value in field.enum}
    if field.type is not FieldType.ARRAY:
        asked = fold(text)
        close = difflib.get_close_matches(asked, list(by_fold), 1, CLOSE)
        begun = [key for key in by_fold if len(key) > 2 and asked.startswith(key)]
        yield from (by_fold[key] for key in (*close, *begun[:1]))
        return
    items = [fold(item) for item in re.split(r"[,;|/]", text) if item.strip()]
    found = [difflib.get_close_matches(item, list(by_fold), 1, CLOSE) for item in items]
    if all(found):
        yield field.separator.join(dict.fromkeys(by_fold[each[0]] for each in found))


def _dates(field: Field, text: str) -> Iterator[str]:
    folded = fold(text)
    for pattern, order in ((_WORDS_DATE, "dmy"), (_SHORT_DATE, "dmy"), (_GLUED_DATE, "ymd")):
        if found := pattern.fullmatch(folded):
            parts = dict(zip(order, found.groups(), strict=True))
            if day := _to_day(parts["y"], parts["m"], parts["d"]):
                yield day.strftime(field.format if "%" in field.format else "%Y-%m-%d")
    if years := re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", text):
        yield years[0]  # where the field wants a year alone


def _to_day(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else _MONTHS.get(month, _SHORT.get(month, 0))
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    try:
        return date(full, number, int(day))
    except ValueError:
        return None


def _numbers(text: str) -> Iterator[str]:
    """Degrees and minutes, or the one number of a text with its unit."""
    if found := _DEGREES.fullmatch(text):
        parts = [float((part or "0").replace(",", ".")) for part in found.groups()[:3]]
        sign = -1 if (found[4] or "").upper() in ("S", "O", "W") else 1
        yield f"{sign * (parts[0] + parts[1] / 60 + parts[2] / 3600):.6f}"
    numbers = _NUMBER.findall(text.replace("O", "0") if re.fullmatch(r"[\dO]+", text) else text)
    if len(numbers) == 1:
        bare = re.sub(r"[ \u00a0\u202f]", "", numbers[0]).replace(",", ".")
        yield bare
        yield bare.lstrip("+-")


def _points(field: Field, text: str) -> Iterator[str]:
    """Two numbers in a text, in the order that puts them in France."""
    spaced = re.sub(r"(\d),(\d)", r"\1.\2", text) if text.count(",") != 1 else text
    numbers = re.findall(r"[+-]?\d+(?:\.\d+)?", spaced)
    if len(numbers) != 2:
        return
    for longitude, latitude in (numbers, numbers[::-1]):
        (west, east), (south, north) = METROPOLE
        if west <= float(longitude) <= east and south <= float(latitude) <= north:
            array = field.format == "array"
            yield f"[{longitude}, {latitude}]" if array else f"{longitude},{latitude}"


def _texts(field: Field, text: str) -> Iterator[str]:
    bare = re.sub(r"[\s.]", "", text)
    match field.check or field.format:
        case Check.PHONE:
            yield from _phones(text)
        case Check.EMAIL | "email":
            yield from _emails(text)
        case Check.WEB | "uri":
            yield f"https://{re.sub(r'^(https?)?[:/]*', '', text, flags=re.I)}"
        case Check.SIREN | Check.SIRET | Check.SIREN_OR_SIRET:
            digits = re.sub(r"\D", "", text)
            yield from (digits, f"0{digits}", digits[:9])
        case Check.UUID | "uuid":
            h = re.sub(r"[^0-9a-fA-F]", "", text).lower()
            yield f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
        case Check.INSEE | Check.POSTCODE:
            yield from re.findall(r"\b\d[\dABab]\d{3}\b", bare)
    if field.pattern:
        yield from _spellings(field, text)


def _phones(text: str) -> Iterator[str]:
    """The first number of a text, as the French write it and as the world does."""
    digits = re.sub(r"[^\d+]", "", re.split(r"[/;,]| ou ", text)[0])
    national = re.sub(r"^(\+|00)33(0)?", "0", digits)
    if len(national) == 9 and national[0] != "0":
        national = f"0{national}"  # a workbook loses the zero
    if re.fullmatch(r"0[1-9]\d{8}", national):
        yield " ".join(re.findall("..", national))
        yield f"+33{national[1:]}"
        yield national


def _emails(text: str) -> Iterator[str]:
    plain = re.sub(r"\s*(\(at\)|\[at\]|\(a\)| at | chez )\s*", "@", text, flags=re.I)
    first = re.split(r"[\s;,/]+", re.sub(r"^mailto:\s*", "", plain, flags=re.I))[0]
    yield first.strip("<>.,;").replace("..", ".")
    yield re.sub(r"\s", "", plain)


def _spellings(field: Field, text: str) -> Iterator[str]:
    """Other ways of writing a text, for the pattern to choose from."""
    if "centim" in field.description.lower() and (found := _METRES.fullmatch(text)):
        metres, part = (found[1], found[2] or "0") if found[1] else (found[3], found[4])
        yield str(int(metres) * 100 + int(part.ljust(2, "0")))
    glued = re.sub(r"\s", "", text)
    yield from (glued, text.upper(), text.lower(), glued.upper(), text.capitalize())
    yield re.sub(r"[.,]0+$", "", text)
    yield re.sub(r"\s+", "-", text)
    yield glued.replace("O", "0").replace("o", "0").replace("I", "1").replace("l", "1")
    numbers = _NUMBER.findall(text)
    if len(numbers) == 1:
        yield re.sub(r"\s", "", numbers[0])
