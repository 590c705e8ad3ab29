"""A real server on loopback: a test writes its answers byte by byte, and sees what was asked."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Send = Callable[[bytes], None]


class Ask(str):
    """The path that was asked; `headers` are those of the request, names in lower case."""

    headers: dict[str, str]


Answer = Callable[[Ask, Send], None]


def _asked(lines: list[str]) -> Ask:
    ask = Ask(lines[0].split(" ")[1])
    ask.headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
    return ask


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve `answer(ask, send)` and give the `host:port` of the server."""

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            if tls:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            if tls:
                self.request.close()

        def handle(self) -> None:
            lines = [self.rfile.readline().decode().strip()]
            while line := self.rfile.readline().decode("latin-1").strip():
                lines.append(line)
            if lines[0]:
                answer(_asked(lines), lambda data: (self.wfile.write(data), None)[1])

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            return  # the client has left, or refused our certificate

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


def redirect(target: str, status: str = "302 Found") -> bytes:
    """Write an answer that leads elsewhere."""
    return http(b"", f"Location: {target}", status=status)
