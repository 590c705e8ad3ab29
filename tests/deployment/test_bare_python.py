"""What must run without the environment: `make clean` is for a copy whose set-up failed, too."""

from __future__ import annotations

import subprocess
import sys

from deployment.layout import CHECKOUT


def test_the_module_that_cleans_needs_nothing_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import deployment.clean"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
