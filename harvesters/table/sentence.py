"""Say in one French sentence what was understood of a file."""

from __future__ import annotations

from harvesters.table.reading import Origin, Shape, Table

NARROW = "\u202f"
SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
SIGNS = SEPARATORS | {";": "; ", "|": "| "}  # short, where the sign can be read
FORMATS = {"xlsx": "classeur Excel", "xls": "classeur Excel ancien", "ods": "classeur OpenDocument"}
SHAPES = {
    Shape.LONGITUDE_LATITUDE: "positions en degrés",
    Shape.TEXT: "positions en degrés",
    Shape.LAMBERT_93: "positions en Lambert 93",
}


def _number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def _plural(count: int, word: str) -> str:
    return f"{_number(count)} {word}{'s' if count > 1 else ''}"


def say_received(origin: Origin, row_count: int) -> str:
    """Tell a file received as text: « fichier lu en UTF-8, séparateur ; , titres en ligne 1… »."""
    if origin.sheet:
        parts = [f"{FORMATS[origin.format]}, feuille «\u00a0{origin.sheet}\u00a0»"]
    else:
        parts = [f"fichier lu en {origin.encoding}", f"séparateur {SIGNS[origin.separator]}"]
    parts.append(
        f"titres en ligne {origin.header_line}" if origin.header_line else "sans ligne de titres"
    )
    return ", ".join([*parts, _plural(row_count, "ligne")])


def to_sentence(table: Table) -> str:
    """Tell encoding, separator, header row, rows, columns and positions."""
    origin = table.origin
    if origin.sheet:
        parts = [f"{FORMATS[origin.format]}, feuille «\u00a0{origin.sheet}\u00a0»"]
    else:
        sign = SEPARATORS.get(origin.separator, origin.separator)
        parts = [f"fichier lu en {origin.encoding}", f"séparateur {sign}"]
    parts.append(
        f"titres en ligne {origin.header_line}" if origin.header_line else "sans ligne de titres"
    )
    parts += [_plural(table.row_count, "ligne"), _plural(len(table.columns), "colonne")]
    if table.geometry:
        parts.append(SHAPES[table.geometry.shape])
    return ", ".join(parts)
