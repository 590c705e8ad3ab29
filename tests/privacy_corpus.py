"""Tables full of personal data and of what looks like them, made from a seed, with the truth.

Nobody here exists: first names and surnames are drawn apart from two lists. One first name in six
is rare on purpose, so that no list of names knows them all. Each table says, for each kind and
column, the lines where a datum stands that must hold its publication; every other cell is a trap.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harvesters.privacy.findings import Kind
from schemas.model import Check, Field, FieldType, Origin, Personal, Schema
from tests.privacy_words import Words

ROWS = 200
SMALL_VILLAGE = "35999"


@dataclass(slots=True)
class Table:
    """One table; `truth` maps (kind, column) to the lines where a datum stands."""

    name: str
    columns: tuple[str, ...]
    insee: str = ""
    schema: Schema | None = None
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    truth: dict[tuple[Kind, str], set[int]] = field(default_factory=dict)

    def add(self, row: Sequence[str | None], *data: tuple[Kind, str]) -> None:
        """Add a row and say what stands in it; lines count from 2, under the header."""
        for each in data:
            self.truth.setdefault(each, set()).add(len(self.rows) + 2)
        self.rows.append(tuple(row))


class Draw:
    """Values drawn from a seed and a vocabulary."""

    def __init__(self, words: Words, seed: int) -> None:
        self.words = words
        self.random = random.Random(seed)

    def one(self, values: Sequence[str]) -> str:
        return self.random.choice(values)

    def luck(self, share: float) -> bool:
        return self.random.random() < share

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def digits(self, count: int) -> str:
        return "".join(self.one("0123456789") for _ in range(count))

    def first(self) -> str:
        return self.one(self.words.rare if self.luck(1 / 6) else self.words.first)

    def last(self) -> str:
        return self.one(self.words.last)

    def person(self) -> str:
        """A whole name, in one of the ways a town hall writes it."""
        first, last = self.first(), self.last()
        ways = (
            f"{first} {last}",
            f"{last.upper()} {first}",
            f"M. {last}",
            f"Mme {last} {first}",
            f"{last}, {first}",
            f"{first} {last.upper()}",
            f"Monsieur {first} {last}",
            f"M. et Mme {last}",
            f"{first.lower()} {last.lower()}",
            f"Mme {first[0]}. {last}",
        )
        return self.one(ways)

    def day(self, since: int, until: int) -> str:
        year, month, day = self.number(since, until), self.number(1, 12), self.number(1, 28)
        ways = (
            f"{day:02}/{month:02}/{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day:02}.{month:02}.{year}",
            f"{day}/{month}/{year}",
        )
        return self.one(ways)

    def nir(self) -> str:
        place = self.one(("35", "22", "75", "2A", "2B", "99", "13"))
        born = f"{self.number(30, 99):02}{self.number(1, 12):02}"
        head = f"{self.one('12')}{born}{place}{self.digits(6)}"
        key = 97 - int(head.replace("2A", "19").replace("2B", "18")) % 97
        parts = (head[0], head[1:3], head[3:5], head[5:7], head[7:10], head[10:], f"{key:02}")
        return self.one((" ", "", "\u00a0", "")).join(parts)

    def iban(self) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        account = self.digits(20) + self.one(letters) + self.digits(2)
        number = "".join(str(int(sign, 36)) for sign in account + "FR00")
        iban = f"FR{98 - int(number) % 97:02}{account}"
        return " ".join(iban[i : i + 4] for i in range(0, 27, 4)) if self.luck(0.5) else iban

    def phone(self, second: str) -> str:
        parts = [self.one(second), *(self.digits(2) for _ in range(4))]
        start = "+33 " if self.luck(0.15) else "0"
        return start + self.one((" ", ".", "", "-")).join(parts)

    def mobile(self) -> str:
        return self.phone("67")

    def landline(self) -> str:
        return self.phone("123459")

    def mail(self) -> str:
        first, last = _plain(self.first()), _plain(self.last())
        if self.luck(0.4):
            local = self.one((f"{first}.{last}", f"{first[0]}.{last}"))
            return f"{local}@{self.one(self.words.own_hosts)}"
        local = self.one((f"{first}.{last}", f"{last}{self.digits(2)}", first + last))
        return f"{local}@{self.one(self.words.free_hosts)}"

    def plate(self) -> str:
        letters = [self.one("ABCDEFGHJKLMNPQRSTVWXYZ") for _ in range(4)]
        return f"{letters[0]}{letters[1]}-{self.digits(3)}-{letters[2]}{letters[3]}"

    def address(self) -> str:
        return f"{self.number(1, 99)} {self.one(self.words.streets)}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return folded.replace(" ", "").replace("-", "")


def _cemetery(draw: Draw) -> Table:
    columns = ("Carré", "Concessionnaire", "Adresse", "Téléphone", "Date de naissance", "Durée")
    table = Table("concessions du cimetière", columns)
    kinds = (Kind.NAMED_PERSON, Kind.HOME_ADDRESS, Kind.PHONE, Kind.BIRTH_DATE)
    for _ in range(ROWS):
        phone = draw.mobile() if draw.luck(0.6) else draw.landline()
        born = draw.day(1930, 2005)
        row = (f"A{draw.digits(2)}", draw.person(), draw.address(), phone, born, "30")
        table.add(row, *zip(kinds, columns[1:5], strict=True))
    return table


def _grants(draw: Draw) -> Table:
    columns = ("Date de convention", "nomBeneficiaire", "idBeneficiaire", "objet", "montant")
    table = Table("subventions", columns)
    for _ in range(ROWS):
        is_person = draw.luck(0.08)
        name = draw.person() if is_person else draw.one(draw.words.firms)
        why = draw.one(("Fonctionnement", f"Projet « {draw.one(draw.words.streets)} »"))
        row = (draw.day(2020, 2025), name, f"{draw.digits(9)}00017", why, draw.digits(4))
        table.add(row, *([(Kind.NAMED_PERSON, columns[1])] if is_person else []))
    return table


def _staff(draw: Draw) -> Table:
    columns = ("Matricule", "Nom", "Prénom", "N° sécu", "Né(e) le", "RIB", "Courriel")
    table = Table("agents", columns)
    named = Kind.NAMED_PERSON
    kinds = (named, named, Kind.NIR, Kind.BIRTH_DATE, Kind.IBAN, Kind.EMAIL)
    for _ in range(ROWS):
        who = (draw.digits(5), draw.last(), draw.first(), draw.nir())
        row = (*who, draw.day(1955, 2005), draw.iban(), draw.mail())
        table.add(row, *zip(kinds, columns[1:], strict=True))
    return table


def _reports(draw: Draw) -> Table:
    """Free texts: one in four holds something, the others hold what looks like it."""
    table = Table("signalements", ("Numéro", "Reçu le", "Message"))
    for number in range(ROWS * 2):
        found = draw.luck(0.25)
        kind, said = _told(draw) if found else (Kind.NIR, draw.one(draw.words.said))
        row = (str(number + 1), draw.day(2024, 2025), said)
        table.add(row, *([(kind, "Message")] if found else []))
    return table


def _told(draw: Draw) -> tuple[Kind, str]:
    civility = draw.one(("Mme", "M.", "Monsieur"))
    return draw.random.choice(
        (
            (Kind.PHONE, f"Rappeler au {draw.mobile()} après 18 h"),
            (Kind.EMAIL, f"Répondre à {draw.mail()}, merci"),
            (Kind.NAMED_PERSON, f"Signalé par {civility} {draw.last()}, voisin"),
            (Kind.PLATE, f"Voiture ventouse {draw.plate()} depuis mardi"),
            (Kind.NIR, f"Le demandeur ({draw.nir()}) attend"),
            (Kind.IBAN, f"Virement sur {draw.iban()}."),
            (Kind.BIRTH_DATE, f"Enfant né le {draw.number(1, 28)} mai {draw.number(1990, 2020)}"),
        )
    )


def _elected(draw: Draw) -> Table:
    columns = ("Nom et prénom", "Fonction", "Adresse mail")
    table = Table("élus, sans schéma", columns)
    for _ in range(ROWS // 4):
        row = (draw.person(), draw.one(("Maire", "Adjointe", "Conseiller municipal")), draw.mail())
        table.add(row, (Kind.NAMED_PERSON, columns[0]), (Kind.EMAIL, columns[2]))
    return table


def _untitled(draw: Draw) -> Table:
    table = Table("titres qui ne disent rien", ("Colonne 1", "Colonne 2", "Colonne 3"))
    for _ in range(ROWS // 2):
        row = (draw.digits(4), f"{draw.first()} {draw.last()}", draw.one(draw.words.communes))
        table.add(row, (Kind.NAMED_PERSON, "Colonne 2"))
    return table


def _season_tickets(draw: Draw) -> Table:
    columns = ("Abonné", "Immatriculation", "Portable", "Parking", "Tarif")
    table = Table("abonnés du parking", columns)
    for _ in range(ROWS):
        is_person, plate = draw.luck(0.7), draw.plate()
        name = draw.person() if is_person else draw.one(draw.words.firms)
        row = (name, draw.one((plate, plate.replace("-", ""))), draw.mobile(), "Vilaine", "60")
        data = [(Kind.PLATE, columns[1]), (Kind.PHONE, columns[2])]
        table.add(row, *data, *([(Kind.NAMED_PERSON, columns[0])] if is_person else []))
    return table


def _permits(draw: Draw) -> Table:
    columns = ("Dossier", "Demandeur", "Adresse du demandeur", "Adresse du terrain", "Surface")
    table = Table("permis de construire", columns)
    for _ in range(ROWS):
        is_person = draw.luck(0.6)
        name = draw.person() if is_person else draw.one(draw.words.firms)
        home = draw.address() if is_person else None
        row = (f"PC035001{draw.digits(6)}", name, home, draw.address(), draw.digits(3))
        data = [(Kind.NAMED_PERSON, columns[1]), (Kind.HOME_ADDRESS, columns[2])]
        table.add(row, *(data if is_person else []))
    return table


def _welfare(draw: Draw) -> Table:
    columns = ("Code INSEE", "Commune", "Nombre de bénéficiaires du RSA", "Nombre de ménages")
    table = Table("minima sociaux", columns)
    for _ in range(ROWS):
        counts = (draw.number(0, 30), draw.number(0, 400))
        row = (f"35{draw.digits(3)}", draw.one(draw.words.communes), *map(str, counts))
        found = zip(counts, columns[2:], strict=True)
        table.add(row, *((Kind.SMALL_COUNT, column) for n, column in found if 1 <= n <= 10))
    return table


def _small_village(draw: Draw) -> Table:
    columns = ("Quartier", "Nombre d’élèves", "Nombre de places", "Bornes")
    table = Table("rentrée", columns, insee=SMALL_VILLAGE)
    for _ in range(ROWS // 4):
        count = draw.number(1, 40)
        row = (draw.one(("Bourg", "La Ville Robert")), str(count), draw.digits(1), draw.digits(1))
        table.add(row, *([(Kind.SMALL_COUNT, columns[1])] if count <= 10 else []))
    return table


def _identifiers(draw: Draw) -> Table:
    """Numbers that look like a NIR, a phone or an IBAN."""
    columns = ("SIRET", "IMEI du capteur", "Numéro de série", "Identifiant compteur", "PDL",
               "Latitude", "Référence", "Carte")  # fmt: skip
    table = Table("numéros", columns)
    for _ in range(ROWS * 5):
        serial = (draw.digits(14), "35" + draw.digits(13), draw.one("12") + draw.digits(14))
        meter = ("06" + draw.digits(8), draw.digits(14), f"48.0{draw.digits(9)}")
        table.add((*serial, *meter, f"FR{draw.digits(2)}-{draw.digits(3)}", f"0{draw.digits(9)}"))
    return table


def _places(draw: Draw) -> Table:
    """Streets, schools, roses, firms and towns named after people."""
    columns = ("nom", "Adresse", "voie_nom", "Commune", "Variété", "Raison sociale", "Gestionnaire")
    table, words = Table("lieux", columns), draw.words
    for _ in range(ROWS):
        place = (draw.one(words.schools), draw.address(), draw.one(words.streets))
        named = (draw.one(words.communes), draw.one(words.varieties))
        table.add((*place, *named, draw.one(words.firms), draw.one(words.firms)))
    return table


def _contracts(draw: Draw) -> Table:
    columns = ("Numéro de marché", "Titulaire", "SIRET du titulaire", "Notifié le", "Objet")
    table = Table("marchés", columns)
    for _ in range(ROWS):
        number = f"2024-{draw.digits(3)}-{draw.digits(2)}"
        what = f"Réfection {draw.one(draw.words.streets)}"
        firm = draw.one(draw.words.firms)
        table.add((number, firm, draw.digits(14), draw.day(2020, 2025), what))
    return table


def _services(draw: Draw) -> Table:
    """A schema asks for phones and mails of services; an elected person's name is let through."""
    text = FieldType.STRING
    fields = (
        Field("telephone", text, "Téléphone", "", check=Check.PHONE),
        Field("courriel", text, "Courriel", "", check=Check.EMAIL),
        Field("elu", text, "Élu référent", "", personal=frozenset({Personal.NAME})),
        Field("siret", text, "SIRET", "", check=Check.SIRET),
        Field("nom", text, "Nom", ""),
    )
    origin = Origin("territoire", "1.0")
    schema = Schema("services", "1.0", "Services", "", origin, "tourisme", "annual", fields)
    table = Table("services", tuple(each.name for each in fields), schema=schema)
    for _ in range(ROWS):
        is_mobile, is_personal = draw.luck(0.1), draw.luck(0.1)
        phone = draw.mobile() if is_mobile else draw.landline()
        mail = draw.mail() if is_personal else draw.one(draw.words.service_mails)
        name = f"Mairie de {draw.one(draw.words.communes)}"
        data = [(Kind.PHONE, "telephone")] if is_mobile else []
        data += [(Kind.EMAIL, "courriel")] if is_personal else []
        table.add((phone, mail, draw.person(), draw.digits(14), name), *data)
    return table


def _counts(draw: Draw) -> Table:
    """Counts of things, births by year, first names given: none tells of anybody."""
    columns = ("Code INSEE", "ENFANT_PRENOM", "NOMBRE_OCCURRENCES", "Année de naissance",
               "nb_places", "nb_pmr", "Date de plantation")  # fmt: skip
    table = Table("comptages", columns, insee=SMALL_VILLAGE)
    for _ in range(ROWS):
        names = (SMALL_VILLAGE, draw.first(), str(draw.number(3, 40)))
        year = str(draw.number(1990, 2024))
        table.add((*names, year, draw.digits(1), draw.digits(1), draw.day(1950, 2024)))
    return table


def _contacts(draw: Draw) -> Table:
    """Addresses of services in a table that no schema describes."""
    table = Table("annuaire", ("Service", "Courriel", "Site", "Numéro vert"))
    for _ in range(ROWS):
        free = f"0 80{draw.digits(1)} {draw.digits(3)} {draw.digits(3)}"
        service = draw.one(("Urbanisme", "État civil", "Médiathèque"))
        table.add((service, draw.one(draw.words.service_mails), "https://www.exemple.fr", free))
    return table


BUILDERS: tuple[Callable[[Draw], Table], ...] = (
    _cemetery, _grants, _staff, _reports, _elected, _untitled, _season_tickets, _permits,
    _welfare, _small_village, _identifiers, _places, _contracts, _services, _counts, _contacts,
)  # fmt: skip


def corpus(words: Words, seed: int = 20261125) -> Iterator[Table]:
    """Make every table; the same seed makes the same tables."""
    for number, build in enumerate(BUILDERS):
        yield build(Draw(words, seed + number))
