"""Who asks, by the name a browser or a program gives itself: a person, a program, or a robot.

A robot walks the whole web for its own ends (search engines, archives, artificial intelligence):
it tells nothing of the use of the data. A program that somebody wrote to take a file or to call
the API is a use, and is told apart from people. The list of robots is that of the package
`crawler-user-agents`, which counts HTTP libraries among them: these are ours to take out.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

import crawleruseragents

NAMES_KEPT = 4096
MAX_NAME = 300
PROGRAMS = re.compile(
    r"^(curl|wget|python|aiohttp|httpx|okhttp|java|apache-httpclient|go-http-client|node|axios"
    r"|undici|got |ruby|php|guzzlehttp|libwww|libcurl|r-curl|httr|postmanruntime|insomnia|httpie"
    r"|qgis|gdal|duckdb|ckanapi|ckan|libreoffice|microsoft office|excel|powerbi|mozilla/.* qgis)",
    re.IGNORECASE,
)


class Agent(Enum):
    """What asks."""

    PERSON = "person"
    PROGRAM = "program"
    ROBOT = "robot"


@lru_cache(NAMES_KEPT)
def agent_of(name: str) -> Agent:
    """Tell what asks from its `User-Agent`; who gives no name is a robot.

    >>> agent_of("curl/8.5.0").value, agent_of("Googlebot/2.1").value
    ('program', 'robot')
    """
    name = name.strip()[:MAX_NAME]
    if not name:
        return Agent.ROBOT
    if PROGRAMS.match(name):
        return Agent.PROGRAM
    return Agent.ROBOT if crawleruseragents.is_crawler(name) else Agent.PERSON
