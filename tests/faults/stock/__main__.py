"""Play the faults to stock, on the test database and the test core, and keep what was seen.

`python -m tests.faults.stock FILE [ROW…]` plays all rows, or these; `make faults` runs it, and
`tests/faults/score.py` reads FILE. Each trial starts from nothing.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from deployment.layout import layout, write_private
from tests.benchmarks.apart import Apart, stock_settings, with_setting
from tests.faults.stock.portal import PagedPortal
from tests.faults.stock.trials import STORIES, Scene, Story, peaceful_catalogue
from tests.faults.stock.verdict import CONTROL, Trial, reasons_against, write_trials
from tests.unit.loopback import serving

KINDS = {"ckan": "CKAN", "dcat_rdf": "DCAT"}


def play(stock: Apart, story: Story, kind: str) -> Trial:
    """Play one story to one harvester, from nothing."""
    with ExitStack() as stack:
        portal = PagedPortal(peaceful_catalogue(), kind=kind)
        portal.host = stack.enter_context(serving(portal.answer))
        scene = Scene(stock, portal, stack)
        story.play(scene)
        reasons = reasons_against(scene.seen(story.must_tell))
    trial = Trial(story.row, f"{story.name}, {KINDS[kind]}", reasons)
    print(f"  {trial.row:>2}  {trial.name} : {' ; '.join(reasons) or 'survécue'}", flush=True)
    return trial


def main(kept: Path, *rows: str) -> None:
    """Play what is wanted; without the control, nothing that is seen would count."""
    wanted = [each for each in STORIES if not rows or str(each.row) in rows]
    played: list[Trial] = []
    kept.unlink(missing_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        text = stock_settings(layout().ini("test").read_text(encoding="utf-8"))
        write_private(folder / "stock.ini", with_setting(text, "ckan.harvest.mq.type", "redis"))
        stock = Apart("tests.faults.stock.side", folder / "stock.ini")
        stack.callback(stock.close)
        print("D’origine (ckanext-harvest 1.6.3, ckanext-dcat 2.4.4, CKAN 2.12.0) :", flush=True)
        for story in wanted:
            for kind in story.kinds:
                played.append(play(stock, story, kind))
                if story.row == CONTROL and played[-1].reasons:
                    raise SystemExit("Sans panne, rien ne doit se perdre : ce banc est à réparer.")
                write_trials(kept, played)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
