"""Show the shape of a datum without the datum."""

from __future__ import annotations

import re

from harvesters.privacy.findings import Kind

DOT = "•"


def mask(kind: Kind, datum: str) -> str:
    """Hide what names somebody; what is left tells a clerk what sort of thing was found.

    >>> mask(Kind.NAMED_PERSON, "Mme Sophie Martin"), mask(Kind.PHONE, "06 12 34 56 78")
    ('M••• S••• M•••', '06 •• •• •• ••')
    >>> mask(Kind.EMAIL, "sophie.martin@gmail.com"), mask(Kind.SMALL_COUNT, "4")
    ('s•••@gmail.com', 'moins de 11')
    """
    text = " ".join(datum.split())[:80]
    if kind is Kind.SMALL_COUNT:
        return "moins de 11"
    if kind is Kind.EMAIL:
        local, _, host = text.partition("@")
        return f"{local[:1]}{DOT * 3}@{host.split(' ')[0]}"
    if kind in (Kind.NAMED_PERSON, Kind.HOME_ADDRESS):
        words = re.findall(r"[^\W\d_]+|\d+", text)
        return " ".join(DOT * 2 if word.isdigit() else word[0] + DOT * 3 for word in words)
    shown = {Kind.PHONE: 2, Kind.BIRTH_DATE: 0}.get(kind, 1)
    return text[:shown] + re.sub(r"[^\W_]", DOT, text[shown:])
