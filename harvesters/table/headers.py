"""Match the headers of a file to the fields of a schema, however they are spelled.

A field takes one column and a column fills one field; the surest pairs go first: the choice of a
person, the exact name, the name in another spelling, a synonym or the title of the field, then what
stands after the group in « Groupe – Titre ». Last, a position met in another form than the schema's
(longitude and latitude for a point, Lambert for degrees) fills its fields: `arrange` converts it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from harvesters.table.heading import JOINT
from harvesters.table.places import find_places
from harvesters.table.received import AS_FOUND, Choice, HeaderMatch, How, Match
from schemas.model import Field, Schema

_SMALL = frozenset("a au aux d de des du en et l la le les par pour sur un une".split())
_SAME = {
    **dict.fromkeys(("nb", "nbr", "nbre", "nombre"), "nb"),
    **dict.fromkeys(("num", "numero", "no", "n"), "num"),
    **dict.fromkeys(("id", "ident", "identifiant"), "id"),
    **dict.fromkeys(("adr", "adresse", "ad"), "adresse"),
    **dict.fromkeys(("tel", "telephone"), "telephone"),
    **dict.fromkeys(("lib", "libelle"), "libelle"),
    **dict.fromkeys(("desc", "description"), "description"),
    **dict.fromkeys(("mail", "email", "courriel", "mel"), "email"),
    **dict.fromkeys(("dt", "date"), "date"),
    **dict.fromkeys(("lat", "latitude"), "latitude"),
    **dict.fromkeys(("lon", "lng", "long", "longitude"), "longitude"),
}


def match_headers(schema: Schema, headers: Sequence[str], choice: Choice = AS_FOUND) -> HeaderMatch:
    """Give each field the column that fills it; the same headers always answer the same."""
    fields = {field.name: field for field in schema.fields}
    found: dict[str, Match] = {}
    left = dict(enumerate(headers))
    for chosen, header in enumerate(headers):
        name = choice.columns.get(header)
        if name is not None:
            del left[chosen]
            if name in fields and name not in found:
                found[name] = Match(name, chosen, header, How.CHOSEN)
    for how, spell_header, spell_field in _steps():
        wanted = [f for f in fields.values() if f.name not in found]
        for match in _pairs(wanted, left, how, (spell_header, spell_field)):
            found[match.field] = match
            del left[match.column]
    places = find_places(schema, found, left)
    for match in places:
        left.pop(match.column, None)
    matches = [match for name in fields for match in _of(name, found, places)]
    filled = {match.field for match in matches}
    missing = tuple(f.name for f in fields.values() if f.is_required and f.name not in filled)
    return HeaderMatch(tuple(matches), missing, tuple(left.values()))


def _of(name: str, found: dict[str, Match], places: Sequence[Match]) -> list[Match]:
    return [found[name]] if name in found else [match for match in places if match.field == name]


Names = Callable[[Field], Sequence[str]]
Spelling = Callable[[str], str]


def _steps() -> Iterator[tuple[How, Spelling, Names]]:
    """The ways to compare, the surest first."""

    def name(field: Field) -> Sequence[str]:
        return (field.name,)

    def other(field: Field) -> Sequence[str]:
        return (*field.synonyms, field.title)

    yield How.EXACT, str, name
    yield How.SPELLING, to_plain, name
    yield How.SPELLING, to_words, name
    yield How.SYNONYM, to_plain, other
    yield How.SYNONYM, to_words, other
    yield How.SPELLING, lambda header: to_words(_title(header)), name
    yield How.SYNONYM, lambda header: to_words(_title(header)), other


def _pairs(
    wanted: Sequence[Field], left: dict[int, str], how: How, spelling: tuple[Spelling, Names]
) -> list[Match]:
    """Pair fields and columns under one spelling, both in their order."""
    spell, names = spelling
    columns: dict[str, int] = {}
    for at, header in left.items():
        columns.setdefault(spell(header), at)
    found: list[Match] = []
    taken: set[int] = set()
    for field in wanted:
        spelled = (spell(name) for name in names(field))
        column = next((columns[s] for s in spelled if s and s in columns), None)
        if column is not None and column not in taken:
            taken.add(column)
            found.append(Match(field.name, column, left[column], how))
    return found


def _title(header: str) -> str:
    """What stands after the group."""
    return header.rpartition(JOINT)[2]


def to_plain(text: str) -> str:
    """Write a name without case, accent nor punctuation.

    >>> to_plain("Code INSEE (commune)")
    'codeinseecommune'
    """
    return re.sub(r"[^a-z0-9]", "", _bare(text))


def to_words(text: str) -> str:
    """Write a name by its words: singular, without articles, usual short forms made one.

    >>> to_words("Nombre de places PMR"), to_words("nb_place_pmr")
    ('nb place pmr', 'nb place pmr')
    """
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text)
    words = re.findall(r"[a-z]+|\d+", _bare(spaced))
    single = [word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in words]
    return " ".join(_SAME.get(word, word) for word in single if word not in _SMALL)


def _bare(text: str) -> str:
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("°", "o ")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
