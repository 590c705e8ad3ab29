"""A port of loopback that nothing listens on."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Find one; a server is to take it at once."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
