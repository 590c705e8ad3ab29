"""From a schema to the blank file that people fill: CSV for any tool, XLSX for a spreadsheet.

The CSV is UTF-8 with a mark and semicolons, as a French spreadsheet opens it by a double click. In
the workbook, codes stay text so that « 01004 » keeps its zero, choices are drop-downs, and a second
sheet says what to write. Headers are the exact names of the schema: the file comes back to us.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from schemas.model import Field, FieldType, Schema
from schemas.to_columns import is_whole_date
from schemas.to_words import to_words, yes_and_no

ENTRY, HELP, LISTS = "Saisie", "Aide", "Listes"
LAST_ROW = 1_048_576
MADE_ON = datetime(2026, 1, 1)  # a workbook is the same whenever it is written
REQUIRED = PatternFill("solid", fgColor="0B575C")
OPTIONAL = PatternFill("solid", fgColor="DCEBE7")
HELP_COLUMNS = (
    ("Colonne", 26), ("Titre", 30), ("Obligatoire", 12), ("Quoi écrire", 60),
    ("Exemple", 32), ("À ne pas écrire", 28),
)  # fmt: skip


def to_csv(schema: Schema) -> bytes:
    """Write the header line alone."""
    target = io.StringIO()
    csv.writer(target, delimiter=";", lineterminator="\r\n").writerow(f.name for f in schema.fields)
    return target.getvalue().encode("utf-8-sig")


def to_xlsx(schema: Schema) -> bytes:
    """Write the workbook: a sheet to fill, a sheet of help, a hidden sheet of choices."""
    book = Workbook()
    book.properties.title = schema.title
    book.properties.creator = "Territoire"
    book.properties.created = book.properties.modified = MADE_ON
    entry = book.active
    assert isinstance(entry, Worksheet)
    entry.title = ENTRY
    aid, lists = book.create_sheet(HELP), book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for number, field in enumerate(schema.fields, start=1):
        _add_column(entry, number, field)
        _add_choices(entry, lists, number, field)
    entry.freeze_panes = "A2"
    entry.row_dimensions[1].height = 24
    _fill_help(aid, schema)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _add_column(entry: Worksheet, number: int, field: Field) -> None:
    head = entry.cell(1, number, field.name)
    head.font = Font(bold=field.is_required, color="FFFFFF" if field.is_required else "211C16")
    head.fill = REQUIRED if field.is_required else OPTIONAL
    head.alignment = Alignment(vertical="center")
    head.comment = _comment(field)
    column = entry.column_dimensions[get_column_letter(number)]
    column.width = max(14, min(40, max(len(field.name), len(field.example)) + 3))
    column.number_format = cell_format(field)


def cell_format(field: Field) -> str:
    """Choose the format of the cells of a field: text for all that is not a quantity or a day.

    >>> cell_format(Field("insee", FieldType.STRING, "", ""))
    '@'
    """
    if field.type is FieldType.DATE and is_whole_date(field.format):
        return "yyyy-mm-dd"
    is_quantity = field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.YEAR)
    return "General" if is_quantity else "@"


def _comment(field: Field) -> Comment:
    lines = [field.title, "Obligatoire." if field.is_required else "Facultatif."]
    lines += [field.description, to_words(field)]
    if field.example:
        lines.append(f"Exemple : {field.example}")
    text = "\n".join(line for line in lines if line)
    height = 24 + 18 * sum(1 + len(line) // 48 for line in lines)
    return Comment(text, "Territoire", height=height, width=340)


def _add_choices(entry: Worksheet, lists: Worksheet, number: int, field: Field) -> None:
    """Offer the choices of a field; a cell that may hold several of them stays free."""
    choices = yes_and_no(field) if field.type is FieldType.BOOLEAN else field.enum
    if not choices or field.type is FieldType.ARRAY:
        return
    letter = get_column_letter(number)
    for row, choice in enumerate(choices, start=1):
        cell = lists.cell(row, number, choice)
        cell.number_format = "@"
    rule = DataValidation(
        type="list",
        formula1=f"{LISTS}!${letter}$1:${letter}${len(choices)}",
        allow_blank=True,
        errorTitle=field.title[:30],
        error="Choisissez une valeur de la liste.",
    )
    rule.add(f"{letter}2:{letter}{LAST_ROW}")
    entry.add_data_validation(rule)


def _fill_help(aid: Worksheet, schema: Schema) -> None:
    aid.append([schema.title])
    aid["A1"].font = Font(bold=True, size=14)
    aid.append([schema.description])
    aid.append(["Dans la feuille « Saisie », une ligne par élément ; ne changez pas les titres des "
                "colonnes. Les colonnes obligatoires sont en gras sur fond foncé."])  # fmt: skip
    aid.append([])
    aid.append([title for title, _ in HELP_COLUMNS])
    for number, (_, width) in enumerate(HELP_COLUMNS, start=1):
        aid.column_dimensions[get_column_letter(number)].width = width
        head = aid.cell(aid.max_row, number)
        head.font, head.fill = Font(bold=True), OPTIONAL
    for field in schema.fields:
        told = " ".join(part for part in (field.description, to_words(field)) if part)
        required = "oui" if field.is_required else "non"
        aid.append([field.name, field.title, required, told, field.example, field.bad_example])
        for cell in aid[aid.max_row]:
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    aid.freeze_panes = "A6"
