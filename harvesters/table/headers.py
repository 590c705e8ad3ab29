"""Match the headers of a file to the fields of a schema, however they are spelled.

A field takes one column and a column fills one field; the surest pairs go first: the choice of a
person, the exact name, the name in another spelling (or cut to ten letters, as a shapefile does), a
synonym or the title of the field, then what stands after the group in « Groupe – Titre ». Last, a
position met in another form than the schema's (longitude and latitude for a point, Lambert for
degrees) fills its fields: `arrange` converts it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from harvesters.table.heading import JOINT
from harvesters.table.places import find_places
from harvesters.table.received import AS_FOUND, Choice, HeaderMatch, How, Match
from schemas.model import Field, Schema

DBASE_LETTERS = 10
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
    for how, spell, names in _steps(schema):
        wanted = [f for f in fields.values() if f.name not in found]
        for match in _pairs(wanted, left, how, (spell, names)):
            found[match.field] = match
            del left[match.column]
    met = [*found.values(), *find_places(schema, found, left)]
    matches = tuple(match for name in fields for match in met if match.field == name)
    filled, used = {match.field for match in met}, {match.column for match in met}
    missing = tuple(f.name for f in fields.values() if f.is_required and f.name not in filled)
    extra = tuple(header for column, header in enumerate(headers) if column not in used)
    return HeaderMatch(matches, missing, extra)


Spell = Callable[[str], str]
Names = Callable[[Field], Sequence[str]]


def _steps(schema: Schema) -> Iterator[tuple[How, Spell, Names]]:
    """The ways to compare, the surest first: how a header is spelled, and how a field is."""

    def own(spell: Spell) -> Names:
        return lambda field: (spell(field.name),)

    def other(spell: Spell) -> Names:
        return lambda field: tuple(map(spell, (*field.synonyms, field.title)))

    def title_words(header: str) -> str:
        return to_words(header.rpartition(JOINT)[2])

    yield How.EXACT, str, own(str)
    for spell in (to_plain, to_words):
        yield How.SPELLING, spell, own(spell)
    yield How.SPELLING, to_cut, own(_cut_in(schema))
    for spell in (to_plain, to_words):
        yield How.SYNONYM, spell, other(spell)
    yield How.SPELLING, title_words, own(to_words)
    yield How.SYNONYM, title_words, other(to_words)


def _cut_in(schema: Schema) -> Spell:
    """Cut the names as a shapefile does, but those that would become alike."""
    cut = Counter(field.name[:DBASE_LETTERS] for field in schema.fields)

    def spell(name: str) -> str:
        is_cut = len(name) > DBASE_LETTERS and cut[name[:DBASE_LETTERS]] == 1
        return to_cut(name[:DBASE_LETTERS]) if is_cut else ""

    return spell


def _pairs(
    wanted: Sequence[Field], left: dict[int, str], how: How, spelling: tuple[Spell, Names]
) -> list[Match]:
    """Pair fields and columns under one spelling, both in their order."""
    spell, names = spelling
    columns: dict[str, int] = {}
    for at, header in left.items():
        columns.setdefault(spell(header), at)
    columns.pop("", None)
    found: list[Match] = []
    for field in wanted:
        column = next((columns.pop(name) for name in names(field) if name in columns), None)
        if column is not None:
            found.append(Match(field.name, column, left[column], how))
    return found


def to_cut(header: str) -> str:
    """A header that a shapefile may have cut to ten letters; `""` when it did not."""
    return to_plain(header) if len(header) == DBASE_LETTERS else ""


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
