"""Copy what pages load from the npm packages: the two fonts, and the library of the maps that can
be moved, which pages load when such a map is on the screen. The others are drawn by the server.

`python -m deployment.npm.copy_assets`. Input: `npm/node_modules` of the state folder. Output: its
folder `public/vendor`, which the portal serves as `/vendor` (`extra_public_paths`). Run again, it
copies only what changed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from deployment.layout import Layout, layout
from deployment.steps import SetUpError, obey

FONTS = ("atkinson-hyperlegible-next", "bricolage-grotesque")
MAPS = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")


def files(modules: Path, vendor: Path) -> dict[Path, Path]:
    """Pair each file of the packages with its place."""
    pairs = {}
    for family in FONTS:
        name = f"{family}-latin-wght-normal.woff2"
        pairs[modules / "@fontsource-variable" / family / "files" / name] = vendor / "fonts" / name
    for name in MAPS:
        pairs[modules / "maplibre-gl" / "dist" / name] = vendor / "maplibre" / name
    return pairs


def copy_assets(here: Layout) -> None:
    """Copy what is missing or older than its package."""
    modules = here.home / "npm" / "node_modules"
    for source, target in files(modules, here.folder("public") / "vendor").items():
        if not source.is_file():
            raise SetUpError(
                f"Le fichier {source.name} manque dans les paquets npm. "
                "Effacez le dossier « npm » de l’installation puis relancez la commande."
            )
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".tmp")
        shutil.copy2(source, draft)
        draft.rename(target)


if __name__ == "__main__":
    sys.exit(obey(lambda: copy_assets(layout())))
