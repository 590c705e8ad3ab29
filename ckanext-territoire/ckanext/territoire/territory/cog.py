"""Read the official list of EPCI and communes: bytes of two JSON files to values.

Input: the folder `data` of the npm package `@etalab/decoupage-administratif` 6.0.0, UTF-8.
`epci.json` is a list of `{code, nom, type, populationMunicipale, membres: [{code, siren, nom,
populationMunicipale}]}`; `communes.json` a list of `{code, nom, type, siren, codesPostaux,
population, anciensCodes}`, where only the type `commune-actuelle` is a commune of today.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from harvesters.errors import Refused
from harvesters.model import Issue
from schemas.vocabulary import plain

CURRENT = "commune-actuelle"
LONG_KINDS = {
    "CC ": "Communauté de communes ",
    "CA ": "Communauté d’agglomération ",
    "CU ": "Communauté urbaine ",
}


@dataclass(frozen=True, slots=True)
class OfficialCommune:
    """A commune of today: `former_codes` are the INSEE codes that merged into it."""

    insee: str
    name: str
    siren: str = ""
    population: int | None = None
    postcodes: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Epci:
    """An EPCI and its members, in alphabetical order; `short_name` keeps « CC », « CA »…"""

    siren: str
    short_name: str
    population: int | None
    communes: tuple[OfficialCommune, ...]

    @property
    def name(self) -> str:
        """The name people read, its kind in full.

        >>> Epci("200000925", "CC de la Plaine Dijonnaise", None, ()).name
        'Communauté de communes de la Plaine Dijonnaise'
        """
        short = self.short_name.replace("'", "’")
        long = LONG_KINDS.get(short[:3])
        return long + short[3:] if long else short


@dataclass(frozen=True, slots=True)
class Cog:
    """The whole list (Code officiel géographique), as it was read."""

    epci: Mapping[str, Mapping[str, Any]]
    communes: Mapping[str, Mapping[str, Any]]

    def load(self, siren: str) -> Epci:
        """Find an EPCI by its SIREN; an unknown one is refused with the near ones (TER-CFG-001)."""
        entry = self.epci.get(siren.replace(" ", ""))
        if entry is None:
            near = " ; ".join(self.near(siren)) or "aucun"
            raise Refused(Issue("TER-CFG-001", found=siren, expected=near))
        communes = [self._to_commune(member) for member in entry["membres"]]
        communes.sort(key=lambda commune: (plain(commune.name), commune.insee))
        return Epci(entry["code"], entry["nom"], entry.get("populationMunicipale"), tuple(communes))

    def near(self, text: str, limit: int = 6) -> list[str]:
        """Propose EPCI as « Name (SIREN) » for a name, a commune's name or a number."""
        wanted, names = plain(text), {siren: plain(e["nom"]) for siren, e in self.epci.items()}
        whole = [siren for siren, name in names.items() if f" {wanted} " in f" {name} "]
        seat = [siren for siren, e in self.epci.items() if wanted in _names_of_members(e)]
        inside = [s for s, name in names.items() if len(wanted) > 2 and wanted in name]
        close = difflib.get_close_matches(wanted, names.values(), n=limit, cutoff=0.6)
        by_name = [siren for name in close for siren, other in names.items() if other == name]
        digits = text.replace(" ", "")
        by_number = difflib.get_close_matches(digits, self.epci, n=limit, cutoff=0.7)
        found = dict.fromkeys([*whole, *seat, *inside, *by_name, *by_number])
        return [f"{self.epci[siren]['nom']} ({siren})" for siren in list(found)[:limit]]

    def heir_of(self, insee: str) -> str:
        """Answer the commune of today that a code merged into; `""` when it still stands."""
        return "" if insee in self.communes else self._heirs().get(insee, "")

    def _heirs(self) -> dict[str, str]:
        return {
            former: insee
            for insee, commune in self.communes.items()
            for former in commune.get("anciensCodes", ())
        }

    def _to_commune(self, member: Mapping[str, Any]) -> OfficialCommune:
        known = self.communes.get(member["code"], {})
        return OfficialCommune(
            insee=member["code"],
            name=(known.get("nom") or member["nom"]).replace("'", "’"),
            siren=known.get("siren") or member.get("siren") or "",
            population=known.get("population") or member.get("populationMunicipale"),
            postcodes=tuple(known.get("codesPostaux", ())),
            former_codes=tuple(known.get("anciensCodes", ())),
        )


def load_cog(folder: Path) -> Cog:
    """Read both files; a folder without them is refused (TER-CFG-002)."""
    try:
        epci = orjson.loads((folder / "epci.json").read_bytes())
        communes = orjson.loads((folder / "communes.json").read_bytes())
    except (OSError, orjson.JSONDecodeError) as fault:
        raise Refused(Issue("TER-CFG-002", where=str(folder))) from fault
    return Cog(
        {entry["code"]: entry for entry in epci},
        {entry["code"]: entry for entry in communes if entry["type"] == CURRENT},
    )


def _names_of_members(epci: Mapping[str, Any]) -> set[str]:
    return {plain(member["nom"]) for member in epci["membres"]}
