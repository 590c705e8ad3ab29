"""Tables as CKAN's DataStore gives them whole (`/datastore/dump/…`): a spreadsheet runs no cell.

CKAN writes the rows as they are stored. Its CSV and TSV are read here as they leave, row after row,
and what a spreadsheet would run is defused, as in every other file of the portal.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator

from ckan.types import Response
from flask import request

from harvesters.table.defuse import defuse

DELIMITERS = {"csv": ",", "tsv": "\t"}
csv.field_size_limit(1 << 28)  # a cell may hold the tracing of an area


def defuse_dump(response: Response) -> Response:
    """Defuse a dump that leaves; all other answers pass."""
    delimiter = DELIMITERS.get(request.args.get("format", "csv"))
    if request.endpoint == "datastore.dump" and response.status_code == 200 and delimiter:
        response.response = defused_rows(response.response, delimiter)
        response.headers.pop("Content-Length", None)
    return response


def defused_rows(chunks: Iterable[bytes | str], delimiter: str) -> Iterator[bytes]:
    r"""Read pieces of a file, and write its rows anew.

    >>> list(defused_rows([b"a,b\r\n=1", b'+1,"x\ny"\r\n'], ","))
    [b'a,b\r\n', b'\'=1+1,"x\ny"\r\n']
    """
    for row in csv.reader(_lines(chunks), delimiter=delimiter):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerow([defuse(cell) for cell in row])
        yield out.getvalue().encode()


def _lines(chunks: Iterable[bytes | str]) -> Iterator[str]:
    decoder, rest = codecs.getincrementaldecoder("utf-8")(), ""
    for chunk in chunks:
        rest += chunk if isinstance(chunk, str) else decoder.decode(chunk)
        *whole, rest = rest.split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest
