"""What a waiting decision is about, in French, in a line or two. Pure.

Input: an item of `territoire_decision_list`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.portal.typography import count, number

Data = Mapping[str, Any]
SHOWN = 3


def to_summary(item: Data, communes: Mapping[str, str]) -> list[str]:
    """Say why it waits and what would change; `communes` maps INSEE codes to names."""
    if item["kind"] == "harvest":
        return [item["sentence"]]
    told = [_why(item)]
    if "commune" in item["reasons"]:
        told.append(_communes(item["communes"], communes))
    change = _change(item["difference"] or {})
    if change and "empty" not in item["reasons"]:
        told.append(change)
    if item["bad"]:
        told.append(f"{count(item['good'], 'ligne bonne', 'lignes bonnes')}, "
                    f"{number(item['bad'])} à corriger.")  # fmt: skip
    return told


def accept_label(item: Data) -> str:
    """Say on the button what accepting does."""
    if item["kind"] == "harvest":
        return "Accepter ces changements"
    gone = int((item["difference"] or {}).get("removed") or 0)
    if "brake" in item["reasons"] and gone:
        return f"Accepter : {count(gone, 'ligne disparaît', 'lignes disparaissent')}"
    return f"Accepter : publier {count(item['good'], 'ligne')}"


def _why(item: Data) -> str:
    reasons = " ; ".join(item["reasons_text"])
    return f"{reasons[:1].upper()}{reasons[1:]}."


def _communes(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    shown = [
        f"{names.get(insee) or insee or 'sans commune'} {number(total)}"
        for insee, total in list(counts.items())[:SHOWN]
    ]
    return f"Lignes par commune : {', '.join(shown)}."


def _change(difference: Data) -> str:
    """Say what would change online; `""` when nothing was compared."""
    words = (
        ("removed", "ligne retirée", "lignes retirées"),
        ("added", "ligne ajoutée", "lignes ajoutées"),
        ("changed", "ligne modifiée", "lignes modifiées"),
        ("same", "inchangée", "inchangées"),
    )
    parts = [
        count(int(difference[name]), one, many) for name, one, many in words if difference.get(name)
    ]
    return f"Ce qui changerait : {', '.join(parts)}." if parts else ""
