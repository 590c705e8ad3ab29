"""Ways of writing that are changed without losing anything, as DuckDB expressions of a text.

A step leaves a text that is already of the type of its field, and gives the new text of the others;
the next step works on what the former gave. `how` is the name of the rewriting that is told.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from schemas.model import Check, Field, FieldType
from schemas.sql_french import KNOWN_INSEE, KNOWN_POSTCODE, is_known
from schemas.sql_text import BLANKS, NO_BREAKS, TEXT, in_list, quote
from schemas.sql_types import stored_as, to_cast

TRUE_WORDS = ("oui", "o", "vrai", "true", "yes", "1", "x")
FALSE_WORDS = ("non", "n", "faux", "false", "no", "0")
_SPACE = r"[ \x{a0}\x{202f}]"
_CODES = frozenset({Check.SIREN, Check.SIRET, Check.SIREN_OR_SIRET})
_KNOWN = {Check.INSEE: KNOWN_INSEE, Check.POSTCODE: KNOWN_POSTCODE}
_LOCAL = r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})"
_DAY = r"\d{4}[/.-]\d{1,2}[/.-]\d{1,2}"


@dataclass(frozen=True, slots=True)
class Step:
    """One rewriting: `becomes` is SQL over `TEXT`; `how` is `""` for what is not told."""

    how: str
    becomes: str


def to_steps(field: Field, missing: tuple[str, ...], known: frozenset[str]) -> tuple[Step, ...]:
    """The steps of a field, in their order; `known` are the tables of codes that are there."""
    trimmed = f"nullif(trim({TEXT}, {quote(BLANKS)}), '')"
    absent = tuple(each for each in missing if each)
    steps = [Step("spaces", trimmed)]
    if absent:
        steps.append(Step("", f"CASE WHEN {in_list(TEXT, absent)} THEN NULL ELSE {TEXT} END"))
    return (*steps, *_of_type(field, known))


def fold(text: str) -> str:
    """Write a text without case and accents, as `folded` does in SQL.

    >>> fold("Entrée")
    'entree'
    """
    bare = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def folded(text: str) -> str:
    """The SQL of `fold`."""
    plain = f"strip_accents(lower(replace({text}, '’', '''')))"
    return f"trim(regexp_replace({plain}, '[\\s\\x{{a0}}\\x{{202f}}]+', ' ', 'g'))"


def _of_type(field: Field, known: frozenset[str]) -> tuple[Step, ...]:
    match field.type:
        case FieldType.INTEGER | FieldType.YEAR:
            return (_thousands(), _whole())
        case FieldType.NUMBER:
            return (_thousands(), _comma())
        case FieldType.BOOLEAN:
            return (_boolean(field),)
        case FieldType.DATE | FieldType.DATETIME | FieldType.TIME:
            return _dates(field)
        case FieldType.ARRAY if field.enum:
            return (_items(field),)
        case FieldType.STRING:
            return _string(field, known)
    return ()


def _unless(field: Field, becomes: str) -> str:
    """Leave what is of the type; a rewriting that fails leaves the text too."""
    return (
        f"CASE WHEN ({to_cast(field)}) IS NOT NULL THEN {TEXT} ELSE coalesce({becomes}, {TEXT}) END"
    )


def _if_like(pattern: str, becomes: str) -> str:
    return f"CASE WHEN regexp_full_match({TEXT}, {quote(pattern)}) THEN {becomes} END"


def _thousands() -> Step:
    spaced = _if_like(
        rf"[+-]?\d{{1,3}}({_SPACE}\d{{3}})+([.,]\d*)?",
        f"regexp_replace({TEXT}, '{_SPACE}', '', 'g')",
    )
    dotted = _if_like(r"[+-]?\d{1,3}(\.\d{3})+,\d+", f"replace({TEXT}, '.', '')")
    return Step("thousands", f"coalesce({spaced}, {dotted}, {TEXT})")


def _whole() -> Step:
    """A workbook writes 12 as 12.0."""
    becomes = _if_like(r"[+-]?\d+[.,]0+", f"regexp_extract({TEXT}, '^[+-]?\\d+')")
    return Step("decimal_comma", f"coalesce({becomes}, {TEXT})")


def _comma() -> Step:
    becomes = _if_like(r"[+-]?\d*,\d+([eE][+-]?\d+)?", f"replace({TEXT}, ',', '.')")
    return Step("decimal_comma", f"coalesce({becomes}, {TEXT})")


def _boolean(field: Field) -> Step:
    words: dict[str, str] = {}
    for accepted, others in ((field.true_values, TRUE_WORDS), (field.false_values, FALSE_WORDS)):
        for word in (*accepted, *others) if accepted else ():
            words.setdefault(fold(word), word if word in accepted else accepted[0])
    return Step("boolean_word", _unless(field, _by_fold(words)))


def _by_fold(words: dict[str, str]) -> str:
    """Choose among words by their fold."""
    cases = " ".join(f"WHEN {quote(key)} THEN {quote(word)}" for key, word in words.items())
    return f"CASE {folded(TEXT)} {cases} END"


def unique_folds(enum: tuple[str, ...]) -> dict[str, str]:
    """The values of an enum by their fold; two that fold alike are left out."""
    folds = [fold(value) for value in enum]
    pairs = zip(folds, enum, strict=True)
    return {key: value for key, value in pairs if key and folds.count(key) == 1}


def _items(field: Field) -> Step:
    pairs = unique_folds(field.enum)
    keys, values = (", ".join(map(quote, each)) for each in (pairs.keys(), pairs.values()))
    known = f"[{', '.join(map(quote, field.enum))}]"
    chosen = (
        f"CASE WHEN list_contains({known}, trim(x)) THEN trim(x) "
        f"ELSE coalesce(map([{keys}], [{values}])[{folded('x')}], trim(x)) END"
    )
    separator = quote(field.separator)
    items = f"list_transform(string_split({TEXT}, {separator}), lambda x: {chosen})"
    kept = f"list_filter({items}, lambda x: x <> '')"
    is_json = f"starts_with({TEXT}, '[')"
    written = f"array_to_string({kept}, {separator})"
    return Step("case", f"CASE WHEN {is_json} THEN {TEXT} ELSE {written} END")


def _string(field: Field, known: frozenset[str]) -> tuple[Step, ...]:
    if field.enum:
        exact = in_list(TEXT, field.enum)
        chosen = f"coalesce({_by_fold(unique_folds(field.enum))}, {TEXT})"
        if not unique_folds(field.enum):
            return ()
        return (Step("case", f"CASE WHEN {exact} THEN {TEXT} ELSE {chosen} END"),)
    if field.check in _CODES:
        digits = r"\d[\d \x{a0}\x{202f}.]*"
        bare = _if_like(digits, f"regexp_replace({TEXT}, '[^0-9]', '', 'g')")
        return (Step("spaces", f"coalesce({bare}, {TEXT})"),)
    if field.check in _KNOWN and _KNOWN[field.check] in known:
        longer = f"'0' || {TEXT}"
        is_lost = f"regexp_full_match({TEXT}, '\\d{{4}}')"
        exists = is_known(_KNOWN[field.check], f"({longer})")
        return (
            Step("lost_zero", f"CASE WHEN {is_lost} AND {exists} THEN {longer} ELSE {TEXT} END"),
        )
    if field.pattern:
        spaced = TEXT
        for blank in NO_BREAKS:
            spaced = f"replace({spaced}, {quote(blank)}, ' ')"
        return (Step("spaces", spaced),)
    return ()


def _dates(field: Field) -> tuple[Step, ...]:
    """French days and what workbooks write, in the format of the field."""
    kind = stored_as(field)
    if kind == "DATE":
        format = quote(field.format if "%" in field.format else "%Y-%m-%d")
        day = _parsed(_LOCAL, "%d/%m/%Y")
        turned = _parsed(_DAY, "%Y/%m/%d")
        midnight = rf"({_DAY}|{_LOCAL})[T ]0{{1,2}}:00(:00(\.0+)?)?"
        bare = _if_like(midnight, f"regexp_extract({TEXT}, '^[^T ]+')")
        written = f"strftime(coalesce({day}, {turned}), {format})"
        return (
            Step("french_date", _unless(field, bare)),
            Step("french_date", _unless(field, written)),
        )
    if field.type is FieldType.DATETIME:
        return (_moment(field),)
    if field.type is FieldType.TIME and "%" not in field.format:
        clock = _if_like(
            r"\d{1,2}[:hH]\d{2}",
            f"lpad(regexp_replace({TEXT}, '[hH]', ':'), 5, '0') || ':00'",
        )
        return (Step("french_date", _unless(field, clock)),)
    return ()


def _moment(field: Field) -> Step:
    format = quote(field.format if "%" in field.format else "%Y-%m-%dT%H:%M:%S")
    parsed = [
        _parsed(rf"{_LOCAL}[T ]\d{{1,2}}:\d{{2}}:\d{{2}}", "%d/%m/%Y %H:%M:%S"),
        _parsed(rf"{_LOCAL}[T ]\d{{1,2}}:\d{{2}}", "%d/%m/%Y %H:%M"),
        _parsed(rf"{_DAY}[T ]\d{{1,2}}:\d{{2}}:\d{{2}}", "%Y/%m/%d %H:%M:%S"),
        _parsed(rf"{_DAY}[T ]\d{{1,2}}:\d{{2}}", "%Y/%m/%d %H:%M"),
    ]
    return Step("french_date", _unless(field, f"strftime(coalesce({', '.join(parsed)}), {format})"))


def _parsed(pattern: str, format: str) -> str:
    """The instant of a text of that shape; days are cut by `/`."""
    cut = f"replace(regexp_replace({TEXT}, '[.-]', '/', 'g'), 'T', ' ')"
    return _if_like(pattern, f"try_strptime({cut}, {quote(format)})")
