"""`make advisories`: write the inventory of this copy, and say which advisories are known of it.

`--file ANSWER` reads an answer of OSV that was brought by hand, where no network reaches it. Ends
with 0 when none is known, 1 when some are, 2 when nobody could be asked.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deployment.advisories import osv, outcome
from deployment.advisories.inventory import Part, read_parts
from deployment.advisories.sbom import to_sbom
from deployment.layout import Layout, layout
from harvesters.errors import sentence
from harvesters.model import Issue

BY_HAND = """
Sans accès à {server}, posez les questions depuis un autre poste :
  curl --data @{questions} {server}/v1/querybatch > reponses.json
puis, ici : make advisories FILE=reponses.json
"""


def main(words: Sequence[str], here: Layout) -> int:
    """Do it."""
    options = _read(words)
    parts = read_parts(here)
    (here.home / "inventory.cdx.json").write_text(to_sbom(parts), encoding="utf-8")
    asked = [part for part in parts if part.is_known]
    questions = here.home / "advisories-questions.json"
    questions.write_bytes(osv.to_questions(asked))
    print(f"{len(parts)} composants, dont la liste (CycloneDX) est dans inventory.cdx.json.")
    found = _find(asked, options)
    if isinstance(found, Issue):
        print(f"\nLes avis de sécurité n’ont pas pu être consultés : rien n’est vérifié.\n"
              f"{sentence(found)}")  # fmt: skip
        print(BY_HAND.format(server=options.server, questions=questions))
        return 2
    known = outcome.make(parts, found)
    outcome.keep(here, known)
    return _tell(known)


def _find(parts: Sequence[Part], options: argparse.Namespace) -> osv.Found | Issue:
    if options.file:
        return osv.read_file(Path(options.file), parts)
    allowed = os.environ.get("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", "")
    return osv.ask(parts, options.server, frozenset(allowed.split(",")))


def _tell(known: outcome.Outcome) -> int:
    if known.skipped:
        print(f"{len(known.skipped)} composants sans origine connue, non vérifiés :"
              f" {', '.join(known.skipped)}")  # fmt: skip
    for line in outcome.to_lines(known):
        print(line)
    if not known.found:
        print(f"Aucun avis connu sur les {known.asked} composants vérifiés.")
        return 0
    print(f"\n{known.count} avis sur {len(known.found)} composants. Chacun se lit à l’adresse"
          f" {outcome.PAGE}<identifiant>.")  # fmt: skip
    return 1


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployment.advisories")
    parser.add_argument("--file", default="")
    parser.add_argument("--server", default=osv.SERVER)
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], layout()))
