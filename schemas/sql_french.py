"""The French checks, as DuckDB expressions: keys to compute, codes to look up, addresses.

Codes are looked up in tables of one column `value`: `KNOWN_INSEE`, `KNOWN_POSTCODE` and
`KNOWN_DEPARTMENT` (the first two digits of the postcodes). A check whose table is not among those
that are told to be there is not made.
"""

from __future__ import annotations

from schemas.model import Check, Field, FieldType, Severity
from schemas.sql_text import TEXT, quote
from schemas.sql_values import Test

LA_POSTE, SEAT_OF_LA_POSTE = "356000000", "35600000000048"
_LATIN = r"\x{00A0}-\x{024F}0-9A-Za-z!#$%&'*+/=?^_`{|}~-"
_LETTER = r"[0-9A-Za-z\x{00A1}-\x{FFFF}]"
_LABEL = rf"{_LETTER}([0-9A-Za-z\x{{00A1}}-\x{{FFFF}}-]*{_LETTER})?"
EMAIL = rf"[{_LATIN}]+(\.[{_LATIN}]+)*@({_LABEL}\.)+{_LETTER}[0-9A-Za-z-]{{0,61}}[A-Za-z]"
URI = r"[A-Za-z][A-Za-z0-9+.-]*:(?s:.*)"
WEB = r"(?i:https?)://[^\s<>\"/.]+(\.[^\s<>\"/.]+)+(/[^\s<>\"]*)?"
PHONE = r"(0|\+330?|0033)[1-9]\d{8}|\+\d{6,15}|3\d{3}|1\d|1\d{2}|10\d{2}|11[68]\d{3}"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
RNA = r"W\d[\dA-Z]\d{7}"
KNOWN_INSEE, KNOWN_POSTCODE = "known_insee", "known_postcode"
KNOWN_DEPARTMENT, KNOWN_PAIR = "known_department", "known_pair"
# a format of Table Schema that makes the test of a check
_IN_FORMAT = {"uri": Check.WEB, "email": Check.EMAIL, "uuid": Check.UUID}
_AN_EMAIL = "une adresse comme mairie@exemple.fr"
_A_UUID = "32 chiffres ou lettres de a à f, en cinq groupes"


def format_tests(field: Field, is_strict: bool) -> tuple[Test, ...]:
    """The test of a format of texts; `is_strict`: as loose as Table Schema's judge."""
    if field.type is not FieldType.STRING:
        return ()
    match field.format:
        case "uri":
            return (
                Test("TER-VAL-117", full(URI), "une adresse complète, comme https://exemple.fr"),
            )
        case "email":
            return (Test("TER-VAL-116", full(EMAIL), _AN_EMAIL),)
        case "uuid":
            bare = f"trim(replace(replace({TEXT}, 'urn:', ''), 'uuid:', ''), '{{}}')"
            loose = f"regexp_full_match(replace({bare}, '-', ''), '[0-9a-fA-F]{{32}}')"
            return (Test("TER-VAL-128", loose if is_strict else full(UUID), _A_UUID),)
    return ()


def check_tests(field: Field, known: frozenset[str]) -> tuple[Test, ...]:
    """The tests of the check of a field; one that its format makes already is not made twice."""
    check = field.check
    if check is None or field.type is not FieldType.STRING or _IN_FORMAT.get(field.format) is check:
        return ()
    if check is Check.POSTCODE:
        return _postcode(field, known)
    if check not in _CHECKS or (check is Check.INSEE and KNOWN_INSEE not in known):
        return ()
    number, holds, expected = _CHECKS[check]
    return (_test(field, number, holds, expected),)


def luhn(text: str, length: int) -> str:
    """True if the digits of a text are a number of Luhn of that length."""
    digits = []
    for i in range(1, length + 1):
        digit = f"(ascii(substr({text}, {i}, 1)) - 48)"
        is_doubled = (length - i) % 2 == 1
        digits.append(f"(2 * {digit} - 9 * CAST({digit} > 4 AS INTEGER))" if is_doubled else digit)
    return f"({' + '.join(digits)}) % 10 = 0"


def siren(text: str) -> str:
    """True if a text is a SIREN number."""
    return f"(regexp_full_match({text}, '\\d{{9}}') AND {luhn(text, 9)})"


def siret(text: str) -> str:
    """True if a text is a SIRET number; but for its seat, those of La Poste go by their digits."""
    total = " + ".join(f"ascii(substr({text}, {i}, 1)) - 48" for i in range(1, 15))
    is_la_poste = f"starts_with({text}, '{LA_POSTE}') AND {text} <> '{SEAT_OF_LA_POSTE}'"
    key = f"CASE WHEN {is_la_poste} THEN ({total}) % 5 = 0 ELSE {luhn(text, 14)} END"
    return f"(regexp_full_match({text}, '\\d{{14}}') AND {luhn(text, 9)} AND {key})"


def is_known(table: str, text: str = TEXT) -> str:
    """True if a text stands in a table of known values."""
    return f"{text} IN (SELECT value FROM {table})"


def full(pattern: str) -> str:
    """True if the whole text is like a pattern."""
    return f"regexp_full_match({TEXT}, {quote(pattern)})"


def _test(field: Field, number: str, holds: str, expected: str) -> Test:
    return Test(f"TER-VAL-{number}", holds, expected, field.check_severity)


def _postcode(field: Field, known: frozenset[str]) -> tuple[Test, ...]:
    """What is like no postcode is an error; one no list holds may be a CEDEX: a warning."""
    shape = full("[0-9]{5}")
    if KNOWN_DEPARTMENT in known:
        shape += f" AND {is_known(KNOWN_DEPARTMENT, f'left({TEXT}, 2)')}"
    tests = [_test(field, "114", shape, "un code postal de cinq chiffres")]
    if KNOWN_POSTCODE in known:
        holds = f"NOT ({shape}) OR {is_known(KNOWN_POSTCODE)}"
        told = "un code postal de la liste officielle"
        tests.append(Test("TER-VAL-114", holds, told, Severity.WARNING))
    return tuple(tests)


_DIGITS = f"regexp_replace({TEXT}, '[\\s.()\\x{{a0}}\\x{{202f}}-]', '', 'g')"
# the number of the code, what holds, what is expected
_CHECKS = {
    Check.INSEE: ("111", is_known(KNOWN_INSEE), "le code INSEE d’une commune"),
    Check.SIREN: ("112", siren(TEXT), "un numéro SIREN de neuf chiffres"),
    Check.SIRET: ("112", siret(TEXT), "un numéro SIRET de quatorze chiffres"),
    Check.SIREN_OR_SIRET: (
        "112",
        f"({siren(TEXT)} OR {siret(TEXT)})",
        "un numéro SIREN (neuf chiffres) ou SIRET (quatorze chiffres)",
    ),
    Check.RNA: ("112", full(RNA), "un numéro RNA : W et neuf chiffres"),
    Check.PHONE: (
        "113",
        f"regexp_full_match({_DIGITS}, {quote(PHONE)})",
        "un numéro comme 02 99 00 00 00",
    ),
    Check.EMAIL: ("116", full(EMAIL), _AN_EMAIL),
    Check.WEB: ("117", full(WEB), "une adresse qui commence par https://"),
    Check.UUID: ("128", full(UUID), _A_UUID),
}
