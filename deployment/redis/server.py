"""Our own Redis: loopback only, with a password, its data under the state folder."""

from __future__ import annotations

import os
import signal
import subprocess

from deployment.layout import Layout
from deployment.steps import is_listening, refuse_taken, wait_for


def start(layout: Layout) -> None:
    """Start Redis when it is not running."""
    if is_running(layout):
        return
    refuse_taken(layout.redis_port, "Redis")
    folder, log = layout.folder("redis"), layout.folder("logs") / "redis.log"
    settings = folder / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"port {layout.redis_port}\nbind 127.0.0.1\nrequirepass {layout.secret()['redis']}\n"
        f"dir {folder}\nappendonly yes\ndaemonize no\nmaxmemory 256mb\n"
    )
    with log.open("ab") as out:
        server = subprocess.Popen(
            ["redis-server", str(settings)], stdout=out, stderr=out, start_new_session=True
        )
    (layout.folder("run") / "redis.pid").write_text(str(server.pid))
    wait_for(layout.redis_port, "Redis", log)


def is_running(layout: Layout) -> bool:
    """Say whether it is our Redis that listens."""
    return is_alive(layout, "redis") and is_listening(layout.redis_port)


def is_alive(layout: Layout, name: str) -> bool:
    """Say whether the process we started under this name lives."""
    path = layout.folder("run") / f"{name}.pid"
    try:
        os.kill(int(path.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def stop_process(layout: Layout, name: str) -> None:
    """End the process we started under this name, by its id."""
    path = layout.folder("run") / f"{name}.pid"
    if is_alive(layout, name):
        os.kill(int(path.read_text()), signal.SIGTERM)
    path.unlink(missing_ok=True)
