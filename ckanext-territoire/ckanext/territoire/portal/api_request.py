"""What a form of the reference page asks: the address of the API that its answers make. Pure.

The form of an operation has a field for each parameter, by its name; those on a table also have
one filter on a column, in three fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ckanext.territoire.api.columns import Op
from ckanext.territoire.api.operation import Operation

COLUMN, COMPARED, VALUE = "colonne", "operateur", "valeur"
OPERATORS = {
    Op.EQ: "est",
    Op.NE: "n’est pas",
    Op.GT: "plus grand que",
    Op.GTE: "au moins",
    Op.LT: "plus petit que",
    Op.LTE: "au plus",
    Op.CONTAINS: "contient",
    Op.STARTS: "commence par",
    Op.IN: "est l’une de",
    Op.HAS: "a l’élément",
    Op.NULL: "est vide (true ou false)",
}


def missing(operation: Operation, typed: Mapping[str, str]) -> list[str]:
    """Name the parts of the address that have no answer."""
    return [
        each.name
        for each in operation.params
        if each.where == "path" and not typed.get(each.name, "").strip()
    ]


def to_path(operation: Operation, typed: Mapping[str, str]) -> str:
    """Make the address; a field without an answer asks nothing.

    >>> from ckanext.territoire.api.operation import Param
    >>> row = Operation("row", "/t/{key}", "", "", (Param("key", "", where="path"), Param("q", "")))
    >>> to_path(row, {"key": "a/b", "q": "deux mots", "autre": "1"})
    '/t/a%2Fb?q=deux+mots'
    """
    path, asked = operation.path, []
    for each in operation.params:
        answer = typed.get(each.name, "").strip()
        if each.where == "path":
            path = path.replace(f"{{{each.name}}}", quote(answer, safe=""))
        elif answer:
            asked.append((each.name, answer))
    if operation.has_open_filters:
        asked += _filter(typed)
    return f"{path}?{urlencode(asked)}" if asked else path


def _filter(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    column, value = typed.get(COLUMN, "").strip(), typed.get(VALUE, "").strip()
    compared = typed.get(COMPARED, "")
    if not column or not value:
        return []
    is_equal = compared not in {op.value for op in OPERATORS} or compared == Op.EQ.value
    return [(column if is_equal else f"{column}__{compared}", value)]
