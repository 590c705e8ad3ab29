"""A real mail server on loopback that keeps what it receives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from ckan.common import config

from tests.free_port import free_port


@dataclass
class Sink:
    """The letters received, and the answer to the next ones."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients.append(envelope.rcpt_tos)
        return self.answer

    def text(self, at: int = -1) -> str:
        """The plain text of a letter, with plain spaces."""
        body = self.letters[at].get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\xa0", " ").replace("\u202f", " ")


@contextmanager
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """Receive the mail of the portal on a free port of loopback."""
    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        monkeypatch.setitem(config, "smtp.server", f"127.0.0.1:{port}")
        monkeypatch.setitem(config, "smtp.mail_from", "portail@donnees.example")
        yield sink
    finally:
        server.stop()
