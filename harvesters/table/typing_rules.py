"""When a column may leave text: the rules of each type, as DuckDB expressions over one cell.

A rule answers the value in PostgreSQL's notation, or NULL when the cell is not of that type. A
number never begins with a zero that means something: INSEE codes, postcodes, SIRET and phones stay
text. Decimal signs are a point or a comma, thousands may be spaced, dates are ISO or French.
"""

from __future__ import annotations

import re
import unicodedata

from harvesters.table.reading import Type

SPACE = r"[ \x{00A0}\x{202F}]"
TRUE = "('oui', 'vrai', 'true', 'yes')"
FALSE = "('non', 'faux', 'false', 'no')"
UNSIGNED = rf"(0|[1-9]\d{{0,2}}({SPACE}\d{{3}})+|[1-9]\d{{0,17}})"
DECIMAL = rf"[+-]?{UNSIGNED}?([.,]\d{{1,40}})?([eE][+-]?\d{{1,2}})?"
WHOLE = f"-?{UNSIGNED}"
ISO_DATE = r"\d{4}-\d{2}-\d{2}"
FRENCH_DATE = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
ZONE = r"(Z|[+-]\d{2}(:?\d{2})?)"

# what follows when a cell of a column refuses a type
WEAKER = {Type.INTEGER: Type.DECIMAL, Type.DATE: Type.TIMESTAMP}
LADDER = (Type.BOOLEAN, Type.INTEGER, Type.DECIMAL, Type.DATE, Type.TIMESTAMP, Type.MOMENT)

# words of a header that announce an identifier, whatever its digits
_IDENTIFIERS = frozenset(
    "insee siren siret finess rna uai code codes cp postal postale postcode zip tel telephone "
    "phone fax mobile portable iris naf ape nic rcs ean gtin iban matricule parcelle cog".split()
)
# words of a header that announce one when the cells are whole numbers
_PLACES = frozenset("dep dept departement commune com comm epci ref reference".split())
_GLUED = re.compile(r"code(insee|post|comm|dep|reg)|insee|sire[nt]")
FIXED_DIGITS = 9


def announces_identifier(label: str, is_whole: bool = False) -> bool:
    """Say whether a header names an identifier; `is_whole` when its cells are whole numbers.

    >>> announces_identifier("Code INSEE"), announces_identifier("codePostal")
    (True, True)
    >>> announces_identifier("nb_places")
    False
    """
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", "_", label)
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    words = re.split(r"[^a-z]+", plain)
    if is_whole and not _PLACES.isdisjoint(words):
        return True
    return any(word in _IDENTIFIERS or _GLUED.match(word) for word in words)


def rule(type_: Type, cell: str) -> str:
    """The expression of a type over the expression of a trimmed cell."""
    digits = f"replace(regexp_replace({cell}, '{SPACE}', '', 'g'), ',', '.')"
    iso = f"regexp_full_match({cell}, '{ISO_DATE}')"
    french = f"regexp_full_match({cell}, '{FRENCH_DATE}')"
    slashed = f"regexp_replace({cell}, '[.-]', '/', 'g')"
    match type_:
        case Type.BOOLEAN:
            low = f"lower({cell})"
            return f"CASE WHEN {low} IN {TRUE} THEN true WHEN {low} IN {FALSE} THEN false END"
        case Type.INTEGER:
            return f"CASE WHEN regexp_full_match({cell}, '{WHOLE}') THEN {digits} END"
        case Type.DECIMAL:
            return (f"CASE WHEN regexp_full_match({cell}, '{DECIMAL}') AND "
                    f"regexp_matches({cell}, '^[+-]?[.,]?\\d') THEN {digits} END")  # fmt: skip
        case Type.DATE:
            return (f"CASE WHEN {iso} THEN try_cast({cell} AS DATE) WHEN {french} "
                    f"THEN try_strptime({slashed}, '%d/%m/%Y')::DATE END")  # fmt: skip
        case Type.TIMESTAMP:
            return _timestamp(cell, iso, french, slashed)
        case Type.MOMENT:
            pattern = f"{ISO_DATE}[ T]{CLOCK} ?{ZONE}"
            return (f"CASE WHEN regexp_full_match({cell}, '{pattern}') "
                    f"THEN try_cast({cell} AS TIMESTAMPTZ) END")  # fmt: skip
        case Type.TEXT:
            return cell


def _timestamp(cell: str, iso: str, french: str, slashed: str) -> str:
    local = f"regexp_full_match({cell}, '{FRENCH_DATE} {CLOCK}')"
    formats = "['%d/%m/%Y %H:%M', '%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M:%S.%f']"
    return (
        f"CASE WHEN {iso} OR regexp_full_match({cell}, '{ISO_DATE}[ T]{CLOCK}') "
        f"THEN try_cast({cell} AS TIMESTAMP) "
        f"WHEN {french} THEN try_strptime({slashed}, '%d/%m/%Y') "
        f"WHEN {local} THEN try_strptime({slashed}, {formats}) END"
    )
