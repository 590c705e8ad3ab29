"""The base of advisories: OSV, asked by package URLs, or read from an answer brought by hand.

Input: `POST /v1/querybatch` of https://osv.dev, `{"results": [{"vulns": [{"id": …}]}, …]}` in the
order of the questions. What cannot be asked or read is an `Issue`, never an empty list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deployment.advisories.inventory import Part
from harvesters.fetch import Fetcher, Limits, Posted, Posting
from harvesters.model import Issue

SERVER = "https://api.osv.dev"
MAX_QUESTIONS = 500
MAX_ANSWER_BYTES = 8_000_000
LIMITS = Limits(connect_s=5, read_s=30, total_s=60, tries=1)
Found = Mapping[str, tuple[str, ...]]


def to_questions(parts: Sequence[Part]) -> bytes:
    """Write the questions of a batch."""
    queries = [{"package": {"purl": part.purl}} for part in parts]
    return json.dumps({"queries": queries}, indent=1).encode()


def ask(
    parts: Sequence[Part], server: str = SERVER, allowed: frozenset[str] = frozenset()
) -> Found | Issue:
    """Ask for the advisories of each part; answers those that have some, by package URL."""
    fetcher, found = Fetcher(allowed, LIMITS), dict[str, tuple[str, ...]]()
    try:
        for start in range(0, len(parts), MAX_QUESTIONS):
            asked = parts[start : start + MAX_QUESTIONS]
            posting = Posting(
                f"{server}/v1/querybatch", to_questions(asked),
                {"Content-Type": "application/json", "Accept-Encoding": "identity"},
                MAX_ANSWER_BYTES,
            )  # fmt: skip
            answer = fetcher.post(posting)
            told = read_answers(answer.body, asked) if _is_good(answer) else _refused(answer)
            if isinstance(told, Issue):
                return told
            found |= told
    finally:
        fetcher.close()
    return found


def read_file(path: Path, parts: Sequence[Part]) -> Found | Issue:
    """Read an answer that was brought by hand."""
    try:
        return read_answers(path.read_bytes(), parts)
    except OSError as fault:
        return Issue("TER-CFG-180", path.name, fault.strerror or str(fault))


def read_answers(body: bytes, parts: Sequence[Part]) -> Found | Issue:
    """Read an answer to as many questions as there are parts."""
    try:
        results: Any = json.loads(body)["results"]
        if len(results) != len(parts):
            return Issue("TER-CFG-181", found=str(len(results)), expected=str(len(parts)))
        return {
            part.purl: tuple(sorted(str(each["id"]) for each in told["vulns"]))
            for part, told in zip(parts, results, strict=True)
            if told.get("vulns")
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Issue("TER-CFG-180", "OSV", "elle n’est pas une réponse d’OSV")


def _is_good(answer: Posted | Issue) -> bool:
    return isinstance(answer, Posted) and answer.status == 200


def _refused(answer: Posted | Issue) -> Issue:
    if isinstance(answer, Issue):
        return answer
    return Issue("TER-CFG-180", "OSV", f"réponse {answer.status}")
