"""Web folders of communes, as town halls have them: spreadsheets in the formats of their office.

`/communes/<name>/` is the index that Apache (or nginx) makes of a folder; two communes give one
catalogue CSV in the national SCDL layout instead. One commune publishes with errors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape

from deployment.demo.answer import Answer, Asked, file_answer, not_found
from deployment.demo.files import Rows, to_csv, to_french_csv, to_xlsx
from deployment.demo.tables import MARK, Place, load_places, load_topics, make_rows
from deployment.demo.zones import make_zones

EPCI = "rennes-metropole"  # the federation has a folder too, of what it does for all communes
FOLDERS = {
    "acigne": "35001", "betton": "35024", "bruz": "35047", "cesson-sevigne": "35051",
    "chantepie": "35055", "pace": "35210", "saint-gregoire": "35278",
    "thorigne-fouillard": "35334",
}  # fmt: skip
WITH_CATALOGUE = ("chantepie", "thorigne-fouillard")
WITH_NGINX = ("betton", "saint-gregoire")
SCDL = ("COLL_NOM", "COLL_SIRET", "ID", "TITRE", "DESCRIPTION", "THEME", "PRODUCTEUR_NOM",
        "PRODUCTEUR_SIRET", "COUV_SPAT_MAILLE", "COUV_SPAT_NOM", "COUV_TEMP_DEBUT",
        "COUV_TEMP_FIN", "DATE_PUBL", "FREQ_MAJ", "DATE_MAJ", "MOTS_CLES", "LICENCE",
        "NOMBRE_RESSOURCES", "FORMAT_RESSOURCES", "URL")  # fmt: skip
CHANGED = "2026-11-12"


@cache
def files_of(folder: str) -> dict[str, bytes]:
    """Make the files of one folder, by their path in it."""
    if folder == EPCI:
        return {"jours-de-collecte.csv": to_csv(make_zones())}
    place = load_places()[FOLDERS[folder]]
    if folder == "bruz":
        return _with_errors(place)
    head = [f"Commune de {place.name} – {MARK}", "Extraction du logiciel métier"]
    table = _tables(place)
    files = {
        "parkings.csv": to_french_csv(table("parkings"), head),
        "defibrillateurs.csv": to_csv(table("defibrillateurs")),
        "deliberations-2026.csv": to_french_csv(table("deliberations")),
        "horaires_services.csv": to_csv(table("horaires-services"), delimiter=";"),
    }
    if folder in ("acigne", "cesson-sevigne", "pace"):
        files["arbres.xlsx"] = to_xlsx(table("arbres"), "Arbres", head[:1])
    if folder in WITH_NGINX:
        files["sport/équipements sportifs.xlsx"] = to_xlsx(table("equipements-sportifs"), "Sport")
        files["sport/aires-de-jeux.csv"] = to_french_csv(table("aires-de-jeux"))
    return files


def _tables(place: Place) -> Callable[[str], Rows]:
    return lambda slug: make_rows(load_topics()[slug], place)


def _with_errors(place: Place) -> dict[str, bytes]:
    """What a hurried hand does: wrong codes, swapped coordinates, a formula, lines cut short."""
    table = _tables(place)
    devices = [list(row) for row in table("defibrillateurs")]
    devices[2][5] = "3504"
    devices[4][1], devices[4][2] = devices[4][2], devices[4][1]
    devices[6][9] = "31/02/2024"
    parks = [list(row) for row in table("parkings")]
    parks[1][6] = "environ 40"
    parks[3] = parks[3][:5]
    parks[5][1] = "=2+3"
    trees = [list(row) for row in table("arbres")]
    trees[3][2] = "12 mètres"
    trees.insert(8, [""] * len(trees[0]))
    trees.append(["Total", "", "", "", "", "", "", "", ""])
    return {
        "Défibrillateurs (2026) définitif v2.csv": to_french_csv(devices),
        "parkings.csv": to_french_csv(parks, [f"PARKINGS – {MARK}", "", "mis à jour en octobre"]),
        "arbres.xlsx": to_xlsx(trees, "Feuil1", [f"Inventaire – {MARK}"]),
    }


def catalogue_of(folder: str, site: str) -> bytes:
    """Write the catalogue of one commune, SCDL 0.1.3, as its office saves it."""
    place = load_places()[FOLDERS[folder]]
    rows = [list(SCDL)]
    for slug, name in (("parkings", "parkings.csv"), ("defibrillateurs", "defibrillateurs.csv"),
                       ("deliberations", "deliberations-2026.csv"),
                       ("horaires-services", "horaires_services.csv")):  # fmt: skip
        topic = load_topics()[slug]
        rows.append(
            [place.name, "", f"{place.insee}-{slug}", f"{topic.title} – {place.name}",
             f"{topic.notes} Jeu de {MARK}.", topic.theme, f"Commune de {place.name}", "",
             "Communale", place.name, "2026-01-01", "2026-12-31", "2026-02-03", "Annuelle",
             CHANGED, ";".join(topic.tags), "Licence Ouverte-LO", "1", "csv",
             f"{site}/communes/{folder}/{name}"]
        )  # fmt: skip
    return to_csv(rows, delimiter=";", encoding="cp1252")


def answer(asked: Asked) -> Answer:
    """Answer below `/communes/<folder>/`: an index, a catalogue, or a file."""
    _, _, folder, *rest = asked.path.split("/")
    path = "/".join(rest)
    if folder not in (*FOLDERS, EPCI):
        return not_found()
    files = files_of(folder)
    if path == "catalogue.csv" and folder in WITH_CATALOGUE:
        return file_answer(path, catalogue_of(folder, asked.site))
    if path in files:
        return file_answer(path, files[path])
    inside = {name[len(path) :]: len(body) for name, body in files.items() if name.startswith(path)}
    if not inside or (path and not path.endswith("/")):
        return not_found()
    return _index(asked.path, inside, folder in WITH_NGINX)


def _index(path: str, inside: dict[str, int], is_nginx: bool) -> Answer:
    """The page of a folder, in the shape of Apache or of nginx."""
    entries: dict[str, str] = {}
    for name, size in sorted(inside.items()):
        top, slash, _ = name.partition("/")
        entries[top + slash] = "-" if slash else str(size)
    day = "12-Nov-2026 09:14" if is_nginx else f"{CHANGED} 09:14"
    lines = "".join(
        f'<a href="{escape(_quoted(name))}">{escape(name)}</a>  {day}  {size}\n'
        for name, size in entries.items()
    )
    links = "" if is_nginx else '<a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a>\n'
    html = (
        f"<html>\n<head><title>Index of {escape(path)}</title></head>\n<body>\n"
        f"<h1>Index of {escape(path)}</h1><hr><pre>{links}"
        f'<a href="../">../</a>\n{lines}</pre><hr></body></html>\n'
    )
    return Answer(html.encode())


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/")
