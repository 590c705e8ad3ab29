"""The four files of a new schema, to be changed by whoever writes it: they load, and they pass.

`invalid.csv` shows one fault a line, and `expected.json` tells them: `line` as a spreadsheet
numbers it, `field`, `code`; `good` and `bad` count the rows.
"""

from __future__ import annotations

from collections.abc import Mapping

FIRST_VERSION = "0.1"

_TABLE = """\
# Un modèle de tableau. Ce qui suit « # » n’est pas lu. Gardez l’ordre des colonnes : c’est celui du
# fichier à remplir. Vérifiez à tout moment : territoire schema check valid.csv --schema {slug}
title: {title}
description: >-
  Ce que contient le tableau, en une phrase. Une ligne par élément.
# le modèle national dont viennent les noms des colonnes ; « territoire » quand il est à nous
origin: {{name: territoire, version: '{version}'}}
# un thème de vocabularies/themes.yaml, un rythme de vocabularies/frequencies.yaml
theme: vie-democratique
frequency: annual
# ce que demande la loi, s’il y a lieu
# duty: {{law: Article L. 1, text: Ce qui est demandé., from_population: 3500}}
# faux tant que l’on n’attend pas ce tableau de chaque commune
expected: false
# les colonnes qui, ensemble, distinguent une ligne de toutes les autres
key: [identifiant]
# la colonne du code INSEE : sans elle, la ligne est à la commune qui dépose
commune: code_insee
# la colonne qui nomme la ligne sur une carte ou dans une liste
label: nom
# la position, en degrés : position: {{longitude: longitude, latitude: latitude}}
fields:
  - name: identifiant
    title: Identifiant
    description: Un numéro ou un code court, qui ne change jamais.
    # string, integer, number, boolean, date, datetime, time, year, geopoint, geojson, array
    type: string
    required: true
    max_length: 50
    example: A-01
    # les autres titres sous lesquels cette colonne est rencontrée
    synonyms: [id, numero]
  - name: nom
    title: Nom
    description: Le nom tel qu’on le dirait à un passant.
    type: string
    required: true
    example: Place de la Mairie
  - name: code_insee
    title: Code INSEE de la commune
    description: Cinq caractères ; ce n’est pas le code postal.
    type: string
    required: true
    pattern: '^([013-9]\\d|2[AB1-9])\\d{{3}}$'
    # insee, postcode, siren, siret, siren_or_siret, rna, phone, email, web, uuid, opening_hours
    check: insee
    example: '35001'
    bad_example: '35690'
    synonyms: [insee, code_commune]
  - name: etat
    title: État
    description: En service ou non.
    type: string
    enum: [en service, fermé]
    example: en service
    bad_example: OK
  - name: date_maj
    title: Date de mise à jour
    description: Le jour où la ligne a été vérifiée.
    type: date
    example: 2026-01-31
    bad_example: janvier
# des règles entre colonnes : order, together, one_of, required_if, sum, postcode
# rules:
#   - kind: required_if
#     fields: [date_maj]
#     when: {{etat: fermé}}
#     message: D’un lieu fermé, la date est donnée.
# sur une colonne, ce que la loi laisse y figurer d’une personne : personal: [name, phone, email]
"""
_VALID = """\
identifiant,nom,code_insee,etat,date_maj
A-01,Place de la Mairie,35001,en service,2026-01-31
A-02,Halle,35001,fermé,
"""
_INVALID = """\
identifiant,nom,code_insee,etat,date_maj
1,,35001,en service,2026-01-31
2,Halle,3501,en service,2026-01-31
3,Halle,35001,OK,2026-01-31
4,Halle,35001,en service,hier
5,Halle,35001,en service,2026-01-31
"""
_EXPECTED = """\
{
  "good": 1,
  "bad": 4,
  "issues": [
    {"line": 2, "field": "nom", "code": "TER-VAL-101"},
    {"line": 3, "field": "code_insee", "code": "TER-VAL-104"},
    {"line": 4, "field": "etat", "code": "TER-VAL-103"},
    {"line": 5, "field": "date_maj", "code": "TER-VAL-102"}
  ]
}
"""


def first_files(slug: str) -> Mapping[str, str]:
    """Write the four files of a slug: name to text."""
    title = slug.replace("-", " ").capitalize()
    table = _TABLE.format(slug=slug, title=title, version=FIRST_VERSION)
    return {
        "table.yaml": table,
        "valid.csv": _VALID,
        "invalid.csv": _INVALID,
        "expected.json": _EXPECTED,
    }
