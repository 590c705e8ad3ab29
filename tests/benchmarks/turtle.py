"""The datasets of the benchmark's portal as pages of a DCAT catalogue in Turtle.

One page: the catalogue, its datasets with their files, and Hydra's link to the next page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

HEAD = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def to_turtle(package: dict[str, Any]) -> str:
    """Write one package of CKAN as a dataset of DCAT."""
    subject = f"<{package['url']}>"
    lines = [
        f"{subject} a dcat:Dataset",
        f"dct:title {_text(package['title'])}@fr",
        f"dct:identifier {_text(package['id'])}",
        f"dct:issued {_text(package['issued'])}^^xsd:date",
        f"dct:modified {_text(package['modified'])}^^xsd:date",
        f"dcat:landingPage {subject}",
        f"dct:publisher [ a foaf:Agent ; foaf:name {_text(package['publisher_name'])} ]",
        *(f"dcat:keyword {_text(tag['name'])}" for tag in package["tags"]),
        *(f"dcat:distribution <{file['url']}#fichier>" for file in package["resources"]),
    ]
    if "notes" in package:
        lines.append(f"dct:description {_text(package['notes'])}@fr")
    if "contact_name" in package and "contact_email" in package:
        mail = f"<mailto:{package['contact_email']}>"
        name = _text(package["contact_name"])
        lines.append(
            f"dcat:contactPoint [ a vcard:Kind ; vcard:fn {name} ; vcard:hasEmail {mail} ]"
        )
    files = "".join(_file(file) for file in package["resources"])
    return " ;\n    ".join(lines) + " .\n" + files


def _file(file: dict[str, Any]) -> str:
    lines = [
        f"<{file['url']}#fichier> a dcat:Distribution",
        f"dcat:downloadURL <{file['url']}>",
        f"dct:title {_text(file['name'])}",
        f"dct:format {_text(file['format'])}",
    ]
    if "description" in file:
        lines.append(f"dct:description {_text(file['description'])}")
    if "mimetype" in file:
        lines.append(f"dcat:mediaType {_text(file['mimetype'])}")
    if "size" in file:
        lines.append(f'dcat:byteSize "{file["size"]}"^^xsd:nonNegativeInteger')
    return " ;\n    ".join(lines) + " .\n"


def _text(text: str) -> str:
    """A text between quotes; JSON escapes what Turtle does, in the same way."""
    return json.dumps(text, ensure_ascii=False)


def to_page(url: str, number: int, texts: Sequence[str], total: int, length: int) -> str:
    """Write one page of a catalogue out of its datasets, already in Turtle."""
    following = f" ; hydra:nextPage <{url}?page={number + 1}>" if number * length < total else ""
    page = (f"<{url}?page={number}> a hydra:PagedCollection ; "
            f"hydra:totalItems {total}{following} .\n")  # fmt: skip
    return f'{HEAD}<{url}> a dcat:Catalog ; dct:title "Banc" .\n{page}{"".join(texts)}'
