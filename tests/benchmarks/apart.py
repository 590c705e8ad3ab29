"""A process that loads CKAN once, with settings of its own, and does each step in a fork of itself.

It is told a step a line, a JSON list, and answers `RESULT {…}` then `DONE`; a step that dies, or
that outlives its bound, answers `DONE` alone.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Told = dict[str, Any]
Do = Callable[..., Told]
STOCK = "activity datastore harvest ckan_harvester dcat dcat_rdf_harvester structured_data"


def with_setting(text: str, key: str, value: str) -> str:
    """Change a setting in the text of an ini file, or add it."""
    line = f"{key} = {value}"
    pattern = re.compile(rf"^{re.escape(key)} =.*$", re.MULTILINE)
    return pattern.sub(line, text) if pattern.search(text) else text.replace(
        "use = egg:ckan", f"use = egg:ckan\n{line}")  # fmt: skip


def stock_settings(text: str) -> str:
    """The same settings with the plugins of stock in the place of ours."""
    plain = with_setting(text, "ckan.plugins", STOCK)
    return with_setting(plain, "ckanext.dcat.rdf.profiles", "euro_dcat_ap_3")


class Apart:
    """The process `python -m module INI`, seen from the one that started it."""

    def __init__(self, module: str, ini: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, str(ini)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def do(self, *told: object) -> Told | None:
        """Have a step done; nothing is answered by one that died or was stopped."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        found: Told | None = None
        for line in self.process.stdout:
            if line.startswith("RESULT "):
                found = json.loads(line.removeprefix("RESULT "))
            if line == "DONE\n":
                return found
        raise SystemExit(f"{self.process.args}: the process has ended")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def serve(ini: str, do: Do, bound_s: int = 0) -> None:
    """Load CKAN and do the steps that are asked, each within its bound when there is one."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app
    from ckan.plugins import plugin_loaded

    app = make_app(load_config(ini))._wsgi_app  # below CKAN's middleware
    if plugin_loaded("territoire"):
        from ckanext.territoire.harvest_adapter.runner import leave_loaded_alone

        leave_loaded_alone()  # as the service does before it forks runs
    logging.disable(logging.ERROR)
    for line in sys.stdin:
        _do_in_fork(app, do, json.loads(line), bound_s)
        print("DONE", flush=True)


def _do_in_fork(app: Any, do: Do, told: list[Any], bound_s: int) -> None:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    from ckan import model

    signal.alarm(bound_s)  # nobody hears it: the process ends, whatever it waits for
    model.Session.remove()
    model.meta.engine.dispose(close=False)
    status = 1
    try:
        with app.test_request_context():
            print(f"RESULT {json.dumps(do(*told))}", flush=True)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)
