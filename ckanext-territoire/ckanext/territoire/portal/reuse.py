"""How to take a dataset into one's own tool: words for a spreadsheet or a map, lines for a program.

Pure: an address that somebody typed is quoted for the shell and for Python, never pasted.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.portal.markup import safe_url

SHEETS = ("CSV", "XLSX", "ODS", "XLS")
MAPS = ("GEOJSON", "GPKG", "GEOPACKAGE", "SHP", "KML")
READERS = {"CSV": "read_csv", "XLSX": "read_excel", "ODS": "read_excel", "XLS": "read_excel",
           "PARQUET": "read_parquet", "JSON": "read_json"}  # fmt: skip
IN_A_SHEET = (
    "Téléchargez le fichier et ouvrez-le. Dans LibreOffice Calc, le menu «\u00a0Feuille, Lien vers"
    " des données externes\u00a0» le relit quand il change\u202f; son adresse\u00a0:"
)
ON_A_MAP = (
    "Menu «\u00a0Couche, Ajouter une couche, Vecteur\u00a0», type de source «\u00a0Protocole\u00a0:"
    " HTTP(S)\u00a0», puis collez l’adresse\u00a0:"
)
OF_A_MERGED_TABLE = (
    "Menu «\u00a0Couche, Gestionnaire des sources de données, WFS / OGC API – Features\u00a0»,"
    " «\u00a0Nouveau\u00a0», puis collez l’adresse. La table s’y appelle «\u00a0{slug}\u00a0», et"
    " QGIS n’en lit que ce qui est à l’écran\u00a0:"
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A tool, what to do in it, and lines to copy (`""`: none)."""

    tool: str
    text: str
    lines: str = ""


def to_recipes(package: Mapping[str, Any], site_url: str) -> list[Recipe]:
    """Say how to use the files of a dataset; nothing where it has no file that can be read."""
    found = {
        str(each.get("format") or "").upper(): address_of(each, site_url)
        for each in reversed(package.get("resources") or [])
    }
    found = {form: url for form, url in found.items() if url}
    recipes = [
        _sheet(found),
        _map(found, site_url),
        _curl(found),
        _python(found),
        _rows(package, site_url),
    ]
    return [recipe for recipe in recipes if recipe]


def address_of(resource: Mapping[str, Any], site_url: str) -> str:
    """The whole address of a file; `""` for what is no web address."""
    url = safe_url(resource.get("url"))
    if url.startswith("/"):
        url = f"{site_url}{url}"
    return url if url.casefold().startswith(("http://", "https://")) else ""


def _sheet(found: Mapping[str, str]) -> Recipe | None:
    url = _first(found, SHEETS)
    return Recipe("Tableur", IN_A_SHEET, url) if url else None


def _map(found: Mapping[str, str], site_url: str) -> Recipe | None:
    url = _first(found, MAPS)
    tables = f"{site_url}/api/territoire/v1/tables/"
    if url.startswith(tables):  # a merged table, whose features are served page after page
        slug = url.removeprefix(tables).partition(".")[0]
        return Recipe("QGIS", OF_A_MERGED_TABLE.format(slug=slug), f"{site_url}/ogc")
    return Recipe("QGIS", ON_A_MAP, url) if url else None


def _curl(found: Mapping[str, str]) -> Recipe | None:
    form, url = next(iter(found.items()), ("", ""))
    name = f"donnees.{form.lower()}" if form.isalnum() else "donnees"
    line = f"curl --location --output {name} {shlex.quote(url)}"
    return Recipe("Ligne de commande", "Télécharger le fichier\u00a0:", line) if url else None


def _python(found: Mapping[str, str]) -> Recipe | None:
    form = next((each for each in READERS if each in found), "")
    if not form:
        return None
    address = json.dumps(found[form], ensure_ascii=False)
    lines = f"import pandas\n\ntable = pandas.{READERS[form]}({address})"
    return Recipe("Python", "Avec pandas\u00a0:", lines)


def _rows(package: Mapping[str, Any], site_url: str) -> Recipe | None:
    """The rows of a table that is loaded, asked as one needs them."""
    loaded = next((r for r in package.get("resources") or [] if r.get("datastore_active")), None)
    if not loaded:
        return None
    url = f"{site_url}/api/3/action/datastore_search?resource_id={loaded['id']}&limit=100"
    merged = str(loaded.get("url") or "")
    if loaded.get("url_type") == "territoire" and merged.endswith(".csv"):
        url = f"{merged.removesuffix('.csv')}/rows?limit=100"
    return Recipe("API", "Les cent premières lignes, en JSON\u00a0:", f"curl {shlex.quote(url)}")


def _first(found: Mapping[str, str], forms: tuple[str, ...]) -> str:
    return next((found[form] for form in forms if form in found), "")
