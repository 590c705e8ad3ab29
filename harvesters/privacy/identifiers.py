"""Numbers and addresses that name one person: NIR, IBAN, phone, e-mail, licence plate.

Sources: NIR, code de la sécurité sociale R. 161-1 (13 characters, key = 97 - n mod 97, 2A and 2B
count as 19 and 18); IBAN, ISO 13616; phones, national numbering plan (ARCEP); plates, SIV.
"""

from __future__ import annotations

from collections.abc import Iterator

from harvesters.privacy.columns import Holds, Watched
from harvesters.privacy.detector import Detector, Test, matched, quoted
from harvesters.privacy.findings import Certainty, Kind
from harvesters.privacy.words import any_of, first_names, of_values
from schemas.model import Check, Personal, Schema

GAP = r"[ \x{00A0}\x{202F}.\-]?"
# no digit goes on before or after, not even behind a point (a coordinate) or a dash (a reference)
BEFORE = r"(?:^|[^0-9A-Za-z.,/\-]|[^0-9A-Za-z][.,/\-:]|[A-Za-z][.:])"
AFTER = r"(?:$|[^0-9A-Za-z.,/\-]|[.,/\-](?:[^0-9A-Za-z]|$))"
MONTH = "(?:0[1-9]|1[0-2]|[2-9][0-9])"
SPACE = r"[ \x{00A0}\x{202F}\-]?"
NIR_BODY = SPACE.join(
    ("[123478]", "[0-9]{2}", MONTH, "(?:[0-9]{2}|2[ABab])", "[0-9]{3}", "[0-9]{3}")
)
NIR = f"{BEFORE}({NIR_BODY}{SPACE}[0-9]{{2}}){AFTER}"
NIR_WITHOUT_KEY = f"{BEFORE}({NIR_BODY}){AFTER}"
IBAN_SIZES = {"FR": 23, "MC": 23, "BE": 12, "DE": 18, "ES": 20, "IT": 23, "LU": 16, "NL": 14,
              "PT": 21, "CH": 17, "GB": 18, "IE": 18}  # fmt: skip
IBAN = (
    r"(?i)(?:^|[^0-9A-Za-z])("
    + "|".join(f"{land}[0-9]{{2}}(?:{GAP}[0-9A-Z]){{{size}}}" for land, size in IBAN_SIZES.items())
    + r")(?:$|[^0-9A-Za-z])"
)
PREFIX = rf"(?:(?:\+|00)(?:33|262|590|594|596){GAP}(?:\(0\){GAP})?|0)"
MOBILE = f"{BEFORE}({PREFIX}[67](?:{GAP}[0-9]{{2}}){{4}}){AFTER}"
PHONE = f"{BEFORE}({PREFIX}[1-79](?:{GAP}[0-9]{{2}}){{4}}){AFTER}"
LANDLINE = f"{BEFORE}({PREFIX}[1-59](?:{GAP}[0-9]{{2}}){{4}}){AFTER}"
TEN_DIGITS = "0[0-9]{9}"
NEVER = float("inf")
MAIL = r"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})"
LETTERS = "[A-HJ-NP-TV-Z]{2}"
DASHED_PLATE = f"(?:^|[^0-9A-Za-z\\-])({LETTERS}-[0-9]{{3}}-{LETTERS})(?:$|[^0-9A-Za-z\\-])"
ANY_PLATE = (
    f"(?i)(?:^|[^0-9A-Za-z])({LETTERS}[ -]?[0-9]{{3}}[ -]?{LETTERS}"
    r"|[0-9]{1,4} ?[A-HJ-NP-TV-Z]{2,3} ?(?:[0-9]{2}|2[AB]))(?:$|[^0-9A-Za-z])"
)


def nir_is_valid(x: str) -> str:
    """Write the SQL that computes the key of a NIR, given the SQL of its text."""
    bare = f"regexp_replace(upper({x}), '[^0-9AB]', '', 'g')"
    number = f"replace(replace(left({bare}, 13), 'A', '9'), 'B', '8')"
    corsican = f"CASE WHEN {bare}[7] IN ('A', 'B') THEN {number}[:5] || '1' || {number}[7:]"
    whole = f"CAST({corsican} ELSE {number} END AS BIGINT)"
    return f"97 - {whole} % 97 = CAST(right({bare}, 2) AS BIGINT)"


def iban_is_valid(x: str) -> str:
    """Write the SQL that computes an IBAN modulo 97."""
    bare = f"regexp_replace(upper({x}), '[^0-9A-Z]', '', 'g')"
    turned = f"({bare}[5:] || {bare}[:4])"
    values = (
        f"list_transform(string_split({turned}, ''), lambda c: "
        "CASE WHEN c <= '9' THEN ord(c) - 48 ELSE ord(c) - 55 END)"
    )
    step = "CASE WHEN b < 10 THEN (a * 10 + b) % 97 ELSE (a * 100 + b) % 97 END"
    return f"list_reduce({values}, lambda a, b: {step}) = 1"


def mail_is_personal(x: str) -> str:
    """Write the SQL that tells the mail of a person from that of a function.

    A function names itself; anybody else at a public provider is a person, and elsewhere who signs
    by first name, or by an initial and a name.
    """
    local = f"lower(split_part({x}, '@', 1))"
    free, first = any_of(of_values("free_hosts")), any_of(first_names())
    is_free = f"regexp_matches(lower(split_part({x}, '@', 2)), {quoted(f'^{free}[.]')})"
    signed = f"^{first}(?:-[a-z]+)?[._][a-z]{{2,}}|[._]{first}$|^[a-z][._-][a-z]{{3,}}$"
    is_signed = f"regexp_matches({local}, {quoted(signed)})"
    # the cheap question first; the last one is asked of few
    return (
        f"CASE WHEN CASE WHEN {is_free} THEN true ELSE {is_signed} END "
        f"THEN NOT {_is_role(local)} ELSE false END"
    )


def mail_may_be_personal(x: str) -> str:
    """Write the SQL for a column of people: two words that name no function are a person there."""
    local = f"lower(split_part({x}, '@', 1))"
    two_words = f"regexp_matches({local}, '^[a-z-]+[._][a-z-]+$')"
    return f"({mail_is_personal(x)} OR ({two_words} AND NOT {_is_role(local)}))"


def _is_role(local: str) -> str:
    roles = any_of(of_values("role_mails"))
    pattern = f"(?:^|[^a-z]){roles}(?:[^a-z]|$)|^{any_of(of_values('role_stems'))}|mairie"
    return f"regexp_matches({local}, {quoted(pattern)})"


def identifier_detectors(column: Watched, schema: Schema | None) -> Iterator[Detector]:
    """List what to look for in a column of text or of whole numbers."""
    if column.holds is Holds.DAY:
        return
    yield from _nirs(column)
    yield from _phones(column, schema)
    if column.holds is Holds.TEXT:
        yield Detector(Kind.IBAN, column.name, matched(column.cell, IBAN, 16, iban_is_valid("x")),
                       Certainty.SURE)  # fmt: skip
        yield _mails(column, schema)
        yield from _plates(column)


def _nirs(column: Watched) -> Iterator[Detector]:
    """One in 97 identifiers of fifteen digits has the right key: such luck is told by its share."""
    test = matched(column.cell, NIR, 15, nir_is_valid("x"))
    if column.says("nir"):
        yield Detector(Kind.NIR, column.name, test, Certainty.SURE)
        bare = matched(column.cell, NIR_WITHOUT_KEY, 13)
        yield Detector(Kind.NIR, column.name, bare, Certainty.LIKELY)
    else:
        among = f"regexp_full_match({column.cell}, '[0-9]{{15}}')"
        yield Detector(Kind.NIR, column.name, test, Certainty.SURE, among=among, min_share=0.3)


def _mails(column: Watched, schema: Schema | None) -> Detector:
    cell = column.cell
    return Detector(
        Kind.EMAIL,
        column.name,
        matched(cell, MAIL, 6, mail_is_personal("x")),
        Certainty.LIKELY,
        column.allows(schema, Personal.EMAIL),
        among=f"contains({cell}, '@')",
        wider=matched(cell, MAIL, 6, mail_may_be_personal("x")),
    )


def _phones(column: Watched, schema: Schema | None) -> Iterator[Detector]:
    """Where a schema asks for the phone of a service, a mobile is still that of a person."""
    is_announced, cell = column.says("phone"), column.cell
    if column.holds is Holds.WHOLE:  # the zero is lost
        if not is_announced:
            return
        cell = f"(CASE WHEN length({cell}) = 9 THEN '0' || {cell} END)"
    allowed, service = column.allows(schema, Personal.PHONE), _service_phone(column, schema)
    sorts = ((MOBILE, allowed), (LANDLINE, allowed or service)) if service else ((PHONE, allowed),)
    for pattern, allowed_by in sorts:
        yield Detector(
            Kind.PHONE,
            column.name,
            matched(cell, pattern, 10),
            Certainty.SURE if is_announced else Certainty.LIKELY,
            allowed_by,
            among="false" if is_announced else _ten_digits(cell),
            min_share=NEVER if column.says("identifier") else 0.9,
        )


def _ten_digits(cell: str) -> str:
    """Ten bare digits under a title that announces no phone may well be an identifier."""
    return f"regexp_full_match({cell}, {quoted(TEN_DIGITS)})"


def _service_phone(column: Watched, schema: Schema | None) -> str:
    if schema is None or column.field is None or column.field.check is not Check.PHONE:
        return ""
    return f"Le schéma « {schema.title} » demande ici le téléphone d’un service."


def _plates(column: Watched) -> Iterator[Detector]:
    is_announced = column.says("plate")
    if column.says("identifier") and not is_announced:
        return
    test: Test = matched(column.cell, ANY_PLATE if is_announced else DASHED_PLATE, 5)
    certainty = Certainty.SURE if is_announced else Certainty.LIKELY
    yield Detector(Kind.PLATE, column.name, test, certainty)
