"""People by their name, their birth and their home.

A cell is read as words without accents or signs. Names of people begin or end with a first name we
know, or follow a civility; names of organisations and of streets are told by their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from harvesters.privacy.columns import Holds, Watched
from harvesters.privacy.detector import Detector, Test, matched, quoted
from harvesters.privacy.findings import Certainty, Kind
from harvesters.privacy.words import any_of, first_names, of_headers, of_values
from schemas.model import Personal, Schema

LIFETIME_YEARS = 110
NAME_SHARE, OTHER_SHARE = 0.5, 0.6
SPOKEN = r"(?:M\.|MM\.|Mr\.?|MR\.?|Mme|MME|Mlle|MLLE|Monsieur|MONSIEUR|Madame|MADAME|Mademoiselle)"
BLANK = r"[ \x{00A0}\x{202F}]"
# « Le » and « La » begin names, and functions: « Monsieur Le Maire » is told by its next word
CAPITAL = r"(?:(?:de|du|des|Le|La|LE|LA) |d['’])?(?:[A-ZÀ-Þ]\.[ -]?)*[A-ZÀ-Þ][A-Za-zÀ-ÿ'’\-]+"
_ONE = any_of(of_values("civilities"))
CIVILITY = f"(?:{_ONE} (?:et {_ONE} )?)"
NAMESAKE = f"^{any_of(of_values('namesakes'))}$"
DATE_FORMATS = "['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y', '%d/%m/%Y %H:%M', '%d/%m/%Y %H:%M:%S']"
BORN = (
    r"(?i)(?:^|[^a-zà-ÿ])n[ée]+e? le ((?:[0-9]{1,2}[/.\- ][0-9]{1,2}[/.\- ]|[0-9]{1,2}(?:er)? "
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre"
    r"|d[ée]cembre) )[0-9]{4})"
)
STREET = (
    r"(?i)(^[0-9]{1,4} ?(?:bis|ter|quater|[a-d])?[ ,]+[a-zà-ÿ].*|^(?:.*[ ,])?(?:rue|avenue|av\.?|"
    r"boulevard|bd|all[ée]e|impasse|chemin|route|lieu-dit|lotissement|place|square|venelle) .*)"
)


def folded(cell: str) -> str:
    """Write the SQL of a cell as lower-case words, hyphens kept, one space between them."""
    return f"trim(regexp_replace(lower(strip_accents({cell})), '[^a-z\\-]+', ' ', 'g'))"


def _cell_of_words(cell: str, condition: str) -> str:
    """Ask a condition of the cells that may be a name and nothing else."""
    letters = f"strlen({cell}) BETWEEN 4 AND 80 AND NOT regexp_matches({cell}, '[0-9@/]')"
    return f"CASE WHEN {letters} THEN {condition} ELSE false END"


def _has_shape(cell: str) -> str:
    """Two to five words, none of which tells a street or a function, nor an organisation unless a
    civility comes first."""
    shape = f"^{CIVILITY}?(?:[a-z-]+ ){{1,4}}[a-z-]+$"
    function = f"^{CIVILITY}(?:l |la |le )?{any_of(of_values('functions'))}(?: |$)"
    thing = f"(?:^|[ -]){any_of(of_values('organisations'))}(?:[ -]|$)"
    place = (
        f"^{any_of(of_values('places'))} |^(?:saint|sainte|st|ste|bois|mont|la ville)[ -][a-z]+$"
    )
    namesake = f"regexp_matches(replace({folded(cell)}, '-', ' '), {quoted(NAMESAKE)})"
    words, other = folded(cell), quoted(f"{function}|{place}")
    return (
        f"regexp_matches({words}, {quoted(shape)}) AND NOT regexp_matches({words}, {other}) AND "
        f"(regexp_matches({words}, {quoted('^' + CIVILITY)}) OR "
        f"NOT regexp_matches({words}, {quoted(thing)})) AND NOT {namesake}"
    )


def is_person(cell: str) -> str:
    """Write the SQL that is true where a cell is the name of a person and nothing else."""
    first = f"{any_of(first_names())}(?:-[a-z]+)?"
    surname = "(?:(?:de|du|des|la|le|les|da|dos|el|al|ait|ben|bou|van|von|den|der|d|l) )*[a-z-]+"
    named = (
        f"^{CIVILITY}?{first} |^{surname}(?: [a-z-]+)? {first}$|^{CIVILITY}(?:[a-z] )*[a-z-]{{2,}}"
    )
    condition = f"regexp_matches({folded(cell)}, {quoted(named)}) AND {_has_shape(cell)}"
    return _cell_of_words(cell, condition)


def may_be_person(cell: str) -> str:
    """Write the SQL for a column that holds people: a first name need not be known there."""
    return _cell_of_words(cell, _has_shape(cell))


def names_somebody(cell: str) -> Test:
    """Look inside a text for a civility and a name, unless it is the name of a street."""
    place, function = any_of(of_values("places")), any_of(of_values("functions"))
    written = place.replace("e", "[eéèê]")
    pattern = (
        f"(?:^|[^A-Za-zÀ-ÿ.'’])((?:(?i:{written}) (?:d[eu]s? )?)?{SPOKEN}{BLANK}{{1,2}}{CAPITAL})"
    )
    excluded = f"^{place} |^[a-z]+ (?:l |la |le )?{function}(?: |$)"
    return matched(cell, pattern, 6, f"NOT regexp_matches({folded('x')}, {quoted(excluded)})")


def people_detectors(columns: Sequence[Watched], schema: Schema | None) -> Iterator[Detector]:
    """List the columns whose cells are names of people, alone or with the column beside."""
    texts = [column for column in columns if column.holds is Holds.TEXT]
    anchors = [c for c in texts if c.says("given_name") and not c.says("name")]
    civilities = [c for c in texts if "civilite" in c.words and not c.says("name")]
    for column in texts:
        allowed = column.allows(schema, Personal.NAME)
        is_alone = _is_surname(column)
        beside = [*anchors, *civilities] if is_alone else []
        if not is_alone and column in anchors:
            beside = [c for c in texts if _is_surname(c)]
        if beside:
            yield _paired(column, beside, allowed)
        yield from _named(column, allowed)


def _is_surname(column: Watched) -> bool:
    """« nom », « nom de naissance », « nom_demandeur », and not « nom_voie »."""
    rest = column.words - of_headers("name") - of_headers("name_beside") - of_headers("role")
    return column.says("name") and not column.says("given_name") and not rest


def _paired(column: Watched, beside: Sequence[Watched], allowed: str) -> Detector:
    """A surname and a first name in two columns of the same row."""
    cell = column.cell
    filled = " OR ".join(f"{other.cell} IS NOT NULL" for other in beside)
    letters = f"regexp_matches({cell}, '[A-Za-zÀ-ÿ]') AND NOT regexp_matches({cell}, '[0-9@]')"
    test = Test(f"(({filled}) AND {letters})", cell)
    return Detector(Kind.NAMED_PERSON, column.name, test, Certainty.SURE, allowed)


def _named(column: Watched, allowed: str) -> Iterator[Detector]:
    """A whole name in one column; without a title that says so, most of its cells must be names."""
    is_whole = column.says("name") and column.says("given_name")
    is_said = column.says("role") or is_whole
    is_part = column.says("given_name") and not is_whole
    if is_part or (column.says("of_things") and not is_said):
        return
    cell = column.cell
    yield Detector(
        Kind.NAMED_PERSON,
        column.name,
        Test(is_person(cell), cell),
        Certainty.SURE if is_said else Certainty.LIKELY,
        allowed,
        among=f"{cell} IS NOT NULL",
        min_share=0 if is_said else NAME_SHARE if column.says("name") else OTHER_SHARE,
        is_dropped=True,
        wider=Test(may_be_person(cell), cell),
    )


def mention_detectors(column: Watched, schema: Schema | None) -> Iterator[Detector]:
    """Look for people named on the way in a text."""
    is_name = column.says("of_things") and not column.says("texts")
    if column.holds is Holds.TEXT and not is_name:
        test, allowed = names_somebody(column.cell), column.allows(schema, Personal.NAME)
        yield Detector(Kind.NAMED_PERSON, column.name, test, Certainty.LIKELY, allowed)


def _oldest(today: date) -> date:
    return date(today.year - LIFETIME_YEARS, 1, 1)


def birth_detectors(columns: Sequence[Watched], today: date) -> Iterator[Detector]:
    """List the columns of days when people who may live were born; a year alone is a hint."""
    since = _oldest(today)
    for column in columns:
        cell, kind = column.cell, Kind.BIRTH_DATE
        if not column.says("birth"):
            continue
        if column.holds is not Holds.WHOLE and not column.says("not_birth"):
            day = f"coalesce(try_cast({cell} AS DATE), try_strptime({cell}, {DATE_FORMATS})::DATE)"
            is_day = f"coalesce({day} BETWEEN '{since}' AND '{today}', false)"
            yield Detector(kind, column.name, Test(is_day, cell), Certainty.SURE)
        elif column.says("birth_year") and not column.says("count"):
            year = f"try_cast({cell} AS INTEGER)"
            is_year = f"coalesce({year} BETWEEN {since.year} AND {today.year}, false)"
            yield Detector(kind, column.name, Test(is_year, cell), Certainty.POSSIBLE)


def birth_mention_detectors(column: Watched, today: date) -> Iterator[Detector]:
    """Look for « né le … » in a text."""
    if column.holds is Holds.TEXT:
        test = matched(column.cell, BORN, 12)
        recent = f"({test.condition} AND right({test.datum}, 4) >= '{_oldest(today).year}')"
        yield Detector(Kind.BIRTH_DATE, column.name, Test(recent, test.datum), Certainty.LIKELY)


def home_detectors(
    columns: Sequence[Watched], people: Sequence[Detector], schema: Schema | None
) -> Iterator[Detector]:
    """List the addresses that are somebody's: on the row of a person, or by their title."""
    beside = " OR ".join(f"({found.test.condition})" for found in people)
    for column in columns:
        if column.holds is not Holds.TEXT or column.says("not_home"):
            continue
        allowed = column.allows(schema, Personal.ADDRESS)
        test = matched(column.cell, STREET, 5)
        is_home = column.says("home") or (column.says("address") and column.says("role"))
        if is_home:
            yield Detector(Kind.HOME_ADDRESS, column.name, test, Certainty.LIKELY, allowed)
        elif beside and column.says("address"):
            both = Test(f"{test.condition} AND ({beside})", test.datum)
            yield Detector(Kind.HOME_ADDRESS, column.name, both, Certainty.LIKELY, allowed)
