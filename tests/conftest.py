"""What every test shares: where the real files are."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project, or a skip that says so."""
    if not SHARED.is_dir():
        pytest.skip("the real files (../shared/data) are not on this machine")
    return SHARED
