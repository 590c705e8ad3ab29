"""Our own Redis: loopback only, with a password, its data under the state folder."""

from __future__ import annotations

from deployment import pids
from deployment.layout import Layout, write_private
from deployment.steps import is_listening, refuse_taken, wait_for


def start(layout: Layout) -> None:
    """Start Redis when it is not running."""
    if is_running(layout):
        return
    pids.stop(layout, "redis")  # one that runs on another port
    refuse_taken(layout.redis_port, "Redis")
    folder = layout.folder("redis")
    write_private(
        folder / "redis.conf",
        f"port {layout.redis_port}\nbind 127.0.0.1\nrequirepass {layout.secret()['redis']}\n"
        f'dir "{folder}"\nappendonly yes\ndaemonize no\nmaxmemory 256mb\n',
    )
    log = pids.start_detached(layout, "redis", ["redis-server", folder / "redis.conf"])
    wait_for(layout.redis_port, "Redis", log)


def is_running(layout: Layout) -> bool:
    """Say whether it is our Redis that listens."""
    return pids.is_alive(layout, "redis") and is_listening(layout.redis_port)


def stop(layout: Layout) -> None:
    """Stop Redis when it runs."""
    pids.stop(layout, "redis")
