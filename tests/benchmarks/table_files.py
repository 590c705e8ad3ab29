"""The files of benchmark P2, made once: clean, cp1252 with decimal commas, last row bad, very wide,
many small ones, a workbook. The first columns are a truth table: codes whose zeros must stay."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

HEADERS = "insee siret telephone code_postal nom prix date ouvert nombre remarque".split()
TRUTH = {
    "insee": "text", "siret": "text", "telephone": "text", "code_postal": "text", "nom": "text",
    "prix": "numeric", "date": "date", "ouvert": "bool", "nombre": "int8", "remarque": "text",
}  # fmt: skip
NAMES = ("Été", "Noël", "Château", "Le Rheu", "L’Hermitage", "Saint-Gilles")


def row(number: int, comma: bool = False) -> list[str]:
    """One clean row; leading zeros in every code."""
    rng = random.Random(number)
    price = f"{rng.randrange(100_000) / 100:.2f}"
    return [
        f"01{number % 1000:03}", f"000{number:011}", f"02{rng.randrange(10**8):08}",
        f"01{number % 1000:03}", f"{rng.choice(NAMES)} {number}",
        price.replace(".", ",") if comma else price,
        f"20{number % 20 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "oui" if number % 3 else "non", str(rng.randrange(1_000_000)), f"ligne {number}",
    ]  # fmt: skip


def rows(count: int, comma: bool = False) -> Iterator[list[str]]:
    for number in range(count):
        yield row(number, comma)


def _write(path: Path, count: int, separator: str = ",", encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as out:
        out.write(separator.join(HEADERS) + "\n")
        for cells in rows(count, comma=separator == ";"):
            out.write(separator.join(cells) + "\n")


def clean(folder: Path, count: int) -> Path:
    path = folder / "clean.csv"
    _write(path, count)
    return path


def french(folder: Path, count: int) -> Path:
    path = folder / "french.csv"
    _write(path, count, ";", "cp1252")
    return path


def last_bad(folder: Path, count: int) -> Path:
    path = folder / "last-bad.csv"
    _write(path, count - 1)
    bad = row(count)
    bad[5], bad[6], bad[8] = "gratuit", "bientôt", "beaucoup"
    with path.open("a", encoding="utf-8") as out:
        out.write(",".join(bad) + "\n")
    return path


def wide(folder: Path, count: int) -> Path:
    """900 columns of numbers: a row of PostgreSQL holds 8 kB, so about a thousand of them."""
    path = folder / "wide.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(f"c{n}" for n in range(900)) + "\n")
        for number in range(count):
            out.write(",".join(str((number * 31 + n) % 997) for n in range(900)) + "\n")
    return path


def workbook(folder: Path, count: int) -> Path:
    from openpyxl import Workbook

    path = folder / "book.xlsx"
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Données")
    sheet.append(HEADERS)
    for cells in rows(count):
        sheet.append(cells)
    book.save(path)
    return path


def small(folder: Path, count: int) -> Path:
    """One of many small files of 20 rows; `count` is its number."""
    path = folder / f"small-{count}.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(HEADERS) + "\n")
        out.writelines(",".join(row(count * 20 + n)) + "\n" for n in range(20))
    return path


FILES: dict[str, Callable[[Path, int], Path]] = {
    "clean": clean, "french": french, "last-bad": last_bad, "wide": wide, "workbook": workbook,
}  # fmt: skip
