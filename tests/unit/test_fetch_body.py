"""What a body may be: whole, within its bounds, in a coding that was asked for."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import pytest

from harvesters.fetch import FetchedFile, Fetcher, Limits, World
from harvesters.model import Issue, Request, Response, Role
from tests.unit.loopback import Ask, Send, http, serving

SIZES = {Role.PAGE: 10_000, Role.DETAIL: 1_000, Role.FILE: 3_000_000}
QUICK = Limits(max_bytes=SIZES, connect_s=1, read_s=1, total_s=2, tries=2)
WORDS = b"une commune, un nom\n" * 100


def zipped(body: bytes) -> bytes:
    """Compress without the time, which would be in the names of tests."""
    return gzip.compress(body, mtime=0)


def fetcher(host: str) -> Fetcher:
    return Fetcher(frozenset({host}), QUICK, world=World(sleep=lambda _: None))


def fetch(answer: bytes, role: Role = Role.PAGE) -> Response | Issue:
    with serving(lambda ask, send: send(answer)) as host:
        return fetcher(host).fetch(Request(f"http://{host}/", role))


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", zipped(WORDS)),
        ("GZIP", zipped(WORDS)),
        ("x-gzip", zipped(WORDS)),
        ("gzip", zipped(WORDS[:700]) + zipped(WORDS[700:])),
        ("gzip", zipped(WORDS) + b"\0" * 300),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", bare_deflate(WORDS)),
        ("identity", WORDS),
    ],
)
def test_every_coding_we_ask_for_is_read_whole(coding: str, packed: bytes) -> None:
    answer = fetch(http(packed, f"Content-Encoding: {coding}"))
    assert isinstance(answer, Response)
    assert answer.body == WORDS


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_coding_we_did_not_ask_for_is_refused(coding: str) -> None:
    answer = fetch(http(WORDS, f"Content-Encoding: {coding}"))
    assert isinstance(answer, Issue)
    assert (answer.code, answer.found) == ("TER-FET-016", coding)


@pytest.mark.parametrize(
    "packed",
    [zipped(WORDS)[:-1], zipped(WORDS)[:30], zipped(WORDS) + b"\x1f\x8b",
     zipped(WORDS)[:-8] + b"\0" * 8, WORDS, zipped(WORDS) + b"<html>"],
    ids=["no-end", "half", "half-member", "wrong-sum", "not-gzip", "more-after"],
)  # fmt: skip
def test_a_broken_gzip_is_never_a_short_success(packed: bytes) -> None:
    answer = fetch(http(packed, "Content-Encoding: gzip"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-013"


@pytest.mark.parametrize(
    "chunks",
    [b"5\r\nhel", b"5\r\nhello\r\n", b"5\r\nhello\r\n3\r\nab", b"zz\r\nhello\r\n0\r\n\r\n", b""],
)
def test_a_broken_chunk_is_never_a_short_success(chunks: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answer = fetch(head + chunks)
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-013"


@pytest.mark.parametrize(("role", "cap"), [(Role.PAGE, 10_000), (Role.DETAIL, 1_000)])
def test_the_cap_is_that_of_the_role_to_the_byte(role: Role, cap: int) -> None:
    whole, more = fetch(http(b"x" * cap), role), fetch(http(b"x" * (cap + 1)), role)
    assert isinstance(whole, Response)
    assert isinstance(more, Issue)
    assert (more.code, more.expected) == ("TER-FET-011", f"{cap // 1000}\u00a0ko")


def test_a_body_without_length_is_counted_as_it_comes() -> None:
    def endless(ask: Ask, send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            send(b"x" * 4096)

    with serving(endless) as host:
        answer = fetcher(host).fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-011"


def test_an_empty_answer_said_to_be_compressed_is_empty() -> None:
    answer = fetch(http(b"", "Content-Encoding: gzip"))
    assert isinstance(answer, Response)
    assert answer.body == b""


def test_an_unchanged_answer_comes_back_as_304() -> None:
    def answer(ask: Ask, send: Send) -> None:
        is_same = ask.headers.get("if-none-match") == '"v1"'
        send(http(b"", status="304 Not Modified") if is_same else http(b"new", 'ETag: "v1"'))

    with serving(answer) as host:
        first = fetcher(host).fetch(Request(f"http://{host}/"))
        again = Request(f"http://{host}/", headers=(("If-None-Match", '"v1"'),))
        second = fetcher(host).fetch(again)
    assert isinstance(first, Response)
    assert isinstance(second, Response)
    assert (first.status, first.headers["etag"], second.status) == (200, '"v1"', 304)


@pytest.mark.parametrize("status", ["304 Not Modified", "206 Partial", "300 Choose", "418 Teapot"])
def test_a_status_nobody_asked_for_is_no_success(status: str) -> None:
    answer = fetch(http(b"part", status=status))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-015"


def test_we_say_who_we_are_and_what_we_read() -> None:
    seen: list[Ask] = []
    with serving(lambda ask, send: (seen.append(ask), send(http(b"ok")))[1]) as host:
        Fetcher(
            frozenset({host}), QUICK, user_agent="Territoire/1 (+https://data.exemple.fr)"
        ).fetch(Request(f"http://{host}/"))
    assert seen[0].headers["user-agent"] == "Territoire/1 (+https://data.exemple.fr)"
    assert seen[0].headers["accept-encoding"] == "gzip, deflate"


def test_neither_proxy_nor_password_of_the_machine_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Ask] = []
    secrets = tmp_path / "netrc"
    secrets.write_text("default login moi password clef\n")
    secrets.chmod(0o600)
    with serving(lambda ask, send: (asked.append(ask), send(http(b"proxy")))[1]) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy}")
        monkeypatch.setenv("NETRC", str(secrets))
        with serving(lambda ask, send: send(http(str(ask.headers).encode()))) as host:
            answer = fetcher(host).fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Response)
    assert b"authorization" not in answer.body
    assert asked == []


def test_a_large_file_goes_to_disk_with_its_hash_and_size(tmp_path: Path) -> None:
    body = b"insee;nom\n" + b"35238;Rennes\n" * 150_000
    answer = http(zipped(body), "Content-Encoding: gzip", "Content-Type: text/csv")
    with serving(lambda ask, send: send(answer)) as host:
        found = fetcher(host).fetch_to_file(Request(f"http://{host}/f", Role.FILE), tmp_path / "f")
    assert isinstance(found, FetchedFile)
    assert found.path.read_bytes() == body
    assert (found.sha256, found.size_bytes) == (hashlib.sha256(body).hexdigest(), len(body))
    assert found.headers["content-type"] == "text/csv"


@pytest.mark.parametrize(
    "answer", [http(b"half", length=9), http(b"", status="404 No"), http(b"x" * 4_000_000)]
)
def test_a_failed_file_leaves_the_last_good_one(answer: bytes, tmp_path: Path) -> None:
    kept = tmp_path / "f"
    kept.write_bytes(b"last good")
    with serving(lambda ask, send: send(answer)) as host:
        found = fetcher(host).fetch_to_file(Request(f"http://{host}/f", Role.FILE), kept)
    assert isinstance(found, Issue)
    assert [file.name for file in tmp_path.iterdir()] == ["f"]
    assert kept.read_bytes() == b"last good"


def test_a_file_begun_twice_is_kept_once(tmp_path: Path) -> None:
    answers = [http(b"half of it", length=99), http(b"whole")]
    with serving(lambda ask, send: send(answers.pop(0))) as host:
        found = fetcher(host).fetch_to_file(Request(f"http://{host}/f", Role.FILE), tmp_path / "f")
    assert isinstance(found, FetchedFile)
    assert found.path.read_bytes() == b"whole"
    assert found.sha256 == hashlib.sha256(b"whole").hexdigest()


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with serving(lambda ask, send: send(http(b"x" * 200_000))) as host:
        # a link: what is written through it meets a disk without a free byte
        (tmp_path / "f.part").symlink_to("/dev/full")
        found = fetcher(host).fetch_to_file(Request(f"http://{host}/f", Role.FILE), tmp_path / "f")
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-017"
    assert not (tmp_path / "f").exists()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    request = Request("http://data.exemple.fr/f", Role.FILE)
    found = Fetcher(limits=QUICK).fetch_to_file(request, tmp_path / "absent" / "f")
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-017"
