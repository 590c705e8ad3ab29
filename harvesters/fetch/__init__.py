"""The only way out: every outgoing request of the platform is made here.

The address is checked when the socket connects, on the very IP that is connected
to, so that a name that changes its answer between two look-ups gains nothing.
Each redirect is a new request, checked again. Sizes are counted after
decompression, times from the first byte asked. No proxy, cookie or netrc of the
machine is used. A fault answers an `Issue`, never an exception.
"""

from __future__ import annotations

from harvesters.fetch.fetcher import USER_AGENT, Fetcher
from harvesters.fetch.limits import FetchedFile, Limits, World
from harvesters.fetch.polite import Hosts, Pace, Rest
from harvesters.fetch.post import Posted, Posting

__all__ = ["USER_AGENT", "FetchedFile", "Fetcher", "Hosts", "Limits", "Pace", "Posted", "Posting",
           "Rest", "World"]  # fmt: skip
