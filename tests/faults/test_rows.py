"""Every row of the list of faults has a test, and every mark names a row of the list."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.conftest import ROWS
from tests.faults.test_broken_lines import ROWS as LINES

HERE = Path(__file__).parent


def test_every_row_is_tried_and_no_other_is_counted() -> None:
    texts = [path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py")]
    marked = {int(row) for text in texts for row in re.findall(r"mark\.fault\((\d+)\)", text)}
    assert marked | set(LINES.values()) == set(ROWS)
