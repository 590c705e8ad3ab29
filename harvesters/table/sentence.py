"""Say in one French sentence what was understood of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harvesters.table.reading import Shape, Table

if TYPE_CHECKING:  # what shows a sentence need not load what reads a file
    from harvesters.table.text import Text

NARROW = "\u202f"
SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
SIGNS = SEPARATORS | {";": "; ", "|": "| "}  # short, where the sign can be read
FORMATS = {
    "xlsx": "classeur Excel",
    "xls": "classeur Excel ancien",
    "ods": "classeur OpenDocument",
    "json": "fichier JSON",
    "geojson": "fichier GeoJSON",
    "gpkg": "GeoPackage",
    "shp": "shapefile",
}
SHEETS = {"gpkg": "couche"}
SHAPES = {
    Shape.LONGITUDE_LATITUDE: "positions en degrés",
    Shape.TEXT: "positions en degrés",
    Shape.LAMBERT_93: "positions en Lambert 93",
}


def _number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def _plural(count: int, word: str) -> str:
    return f"{_number(count)} {word}{'s' if count > 1 else ''}"


def say_received(text: Text, header_line: int, row_count: int) -> str:
    """Tell a file received as text: « fichier lu en UTF-8, séparateur ; , titres en ligne 1… »."""
    member = f" «\u00a0{text.member}\u00a0»" if text.member else ""
    if text.format == "csv":
        sign = SIGNS.get(text.separator, text.separator)
        parts = [f"fichier{member} lu en {text.encoding}", f"séparateur {sign}"]
    else:
        parts = [FORMATS[text.format] + member]
    if text.sheet:
        parts.append(f"{SHEETS.get(text.format, 'feuille')} «\u00a0{text.sheet}\u00a0»")
    if text.headers is None:
        parts.append(f"titres en ligne {header_line}" if header_line else "sans ligne de titres")
    if text.projection:
        parts.append(f"positions converties de {text.projection}")
    return ", ".join([*parts, _plural(row_count, "ligne")])


def to_sentence(table: Table) -> str:
    """Tell encoding, separator, header row, rows, columns and positions."""
    origin = table.origin
    if origin.sheet:
        parts = [f"{FORMATS[origin.format]}, feuille «\u00a0{origin.sheet}\u00a0»"]
    elif origin.format == "geojson":
        parts = [FORMATS[origin.format]]
    else:
        sign = SEPARATORS.get(origin.separator, origin.separator)
        parts = [f"fichier lu en {origin.encoding}", f"séparateur {sign}"]
    if origin.format != "geojson":
        line = origin.header_line
        parts.append(f"titres en ligne {line}" if line else "sans ligne de titres")
    parts += [_plural(table.row_count, "ligne"), _plural(len(table.columns), "colonne")]
    if table.geometry:
        parts.append(SHAPES[table.geometry.shape])
    return ", ".join(parts)
