"""Redirects: each hop is checked like a first request, and carries no secret to another host."""

from __future__ import annotations

import pytest

from harvesters.fetch import Fetcher, Limits
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import Ask, Send, http, redirect, serving

QUICK = Limits(connect_s=1, read_s=1, total_s=2, tries=1)


def fetch(*hosts: str, headers: tuple[tuple[str, str], ...] = ()) -> Response | Issue:
    return Fetcher(frozenset(hosts), QUICK).fetch(Request(f"http://{hosts[0]}/", headers=headers))


def code(answer: Response | Issue) -> str:
    return answer.code if isinstance(answer, Issue) else "ok"


@pytest.mark.parametrize("status", ["301 A", "302 B", "303 C", "307 D", "308 E"])
def test_a_redirect_is_followed_and_the_last_address_told(status: str) -> None:
    def answer(ask: Ask, send: Send) -> None:
        send(redirect("/là bas?q=é", status) if ask == "/" else http(ask.encode()))

    with serving(answer) as host:
        found = fetch(host)
    assert isinstance(found, Response)
    assert found.url == f"http://{host}/l%C3%A0%20bas?q=%C3%A9"
    assert found.body == b"/l%C3%A0%20bas?q=%C3%A9"


def test_five_redirects_pass_and_six_do_not() -> None:
    def steps(last: int) -> str:
        def answer(ask: Ask, send: Send) -> None:
            step = int(ask[1:] or 0)
            send(http(b"ok") if step == last else redirect(f"/{step + 1}"))

        with serving(answer) as host:
            return code(fetch(host))

    assert (steps(5), steps(6)) == ("ok", "TER-FET-006")


def test_a_redirect_without_address_is_no_success() -> None:
    with serving(lambda ask, send: send(http(b"page", status="302 Found"))) as host:
        assert code(fetch(host)) == "TER-FET-015"


def test_the_body_of_a_redirect_is_not_read() -> None:
    def answer(ask: Ask, send: Send) -> None:
        if ask == "/b":
            return send(http(b"ok"))
        send(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nConnection: close\r\n\r\n")
        while True:
            send(b"x" * 65_536)

    with serving(answer) as host:
        assert code(fetch(host)) == "ok"


@pytest.mark.parametrize("target", ["http://[::1", "http://a:b/", "http://a:99999/"])
def test_a_redirect_to_a_broken_address_is_refused(target: str) -> None:
    with serving(lambda ask, send: send(redirect(target))) as host:
        assert code(fetch(host)) == "TER-FET-005"


def test_a_secret_header_stays_with_its_host_and_the_wanted_format_goes_on() -> None:
    seen: list[dict[str, str]] = []

    def keep(ask: Ask, send: Send) -> None:
        seen.append(ask.headers)
        send(http(b"ok"))

    wanted = (("Authorization", "clef"), ("X-Api-Key", "clef"), ("Accept", "text/turtle"))
    with (
        serving(keep) as other,
        serving(
            lambda ask, send: (seen.append(ask.headers), send(redirect(f"http://{other}/")))[1]
        ) as host,
    ):
        answer = fetch(host, other, headers=wanted)
    assert code(answer) == "ok"
    assert (seen[0]["authorization"], seen[0]["x-api-key"]) == ("clef", "clef")
    assert "clef" not in seen[1].values()
    assert seen[1]["accept"] == "text/turtle"


def test_a_secret_header_follows_inside_its_host() -> None:
    def answer(ask: Ask, send: Send) -> None:
        send(redirect("/b") if ask == "/" else http(ask.headers["x-api-key"].encode()))

    with serving(answer) as host:
        found = fetch(host, headers=(("X-Api-Key", "clef"),))
    assert isinstance(found, Response)
    assert found.body == b"clef"


def test_no_cookie_is_given_back() -> None:
    seen: list[dict[str, str]] = []

    def answer(ask: Ask, send: Send) -> None:
        seen.append(ask.headers)
        there = http(b"", "Location: /b", "Set-Cookie: suivi=1; Path=/", status="302 Found")
        send(there if ask == "/" else http(b"ok"))

    with serving(answer) as host:
        fetcher = Fetcher(frozenset({host}), QUICK)
        fetcher.fetch(Request(f"http://{host}/"))
        fetcher.fetch(Request(f"http://{host}/"))
    assert len(seen) == 4
    assert not any("cookie" in headers for headers in seen)
