"""A real server on loopback whose answers a test writes byte by byte."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[str, Callable[[bytes], None]], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Serve `answer(path, send)` and give the `host:port` of the server."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            first = self.rfile.readline().decode()
            while self.rfile.readline().strip():
                pass
            try:
                answer(first.split(" ")[1], lambda data: (self.wfile.write(data), None)[1])
            except OSError:
                return  # the client has left

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def http(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """Write one HTTP answer."""
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body
