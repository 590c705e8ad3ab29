"""`python -m deployment.backup make | restore FILE | undo`."""

from __future__ import annotations

import sys
from pathlib import Path

from deployment.backup.make import backup_folder, make_backup
from deployment.backup.restore import restore, undo
from deployment.layout import Layout, layout
from deployment.steps import SetUpError, obey


def _restore(here: Layout, words: list[str]) -> None:
    if not words:
        kept = sorted(backup_folder(here).glob("*.tar.gz"))
        listed = "\n".join(f"  {path}" for path in kept) or "  (aucune)"
        raise SetUpError(f"Laquelle ? make restore FILE=…\nSauvegardes trouvées :\n{listed}")
    restore(here, Path(words[0]).resolve())


def _obey(words: list[str]) -> None:
    here = layout()
    match words:
        case ["make"]:
            make_backup(here)
        case ["restore", *rest]:
            _restore(here, rest)
        case ["undo"]:
            undo(here)
        case _:
            raise SetUpError(__doc__ or "")


if __name__ == "__main__":
    sys.exit(obey(lambda: _obey(sys.argv[1:])))
