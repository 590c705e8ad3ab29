"""What a town hall sends, and what becomes of it: shared by the tests of received tables."""

from __future__ import annotations

from pathlib import Path

from harvesters.model import Issue
from harvesters.table.receive import read_received
from harvesters.table.received import Choice, Received
from harvesters.table.typed import open_database


class Town:
    """A folder and a database in which files are received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = open_database(folder)

    def sends(self, content: bytes | str | Path, choice: Choice | None = None) -> Received:
        """Read a file that holds a table."""
        found = self.tries(content, choice)
        assert isinstance(found, Received), found
        return found

    def tries(self, content: bytes | str | Path, choice: Choice | None = None) -> Received | Issue:
        """Read any file, given by its bytes or where it is."""
        source = self.folder / "source"
        if isinstance(content, Path):
            source = content
        else:
            source.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_received(self.base, source, self.folder, choice or Choice())

    def rows(self, relation: str = "received") -> list[tuple[object, ...]]:
        """All rows of a relation, in the order of the file."""
        return self.base.execute(f"SELECT * FROM {relation} ORDER BY line").fetchall()
