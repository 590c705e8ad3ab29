"""Which addresses a fetch may reach: public hosts over http(s), nothing of this machine or network.

Pure. Ranges: RFC 6890 and the IANA special-purpose registries. Of IPv6, only the global
unicast block and NAT64 pass, and an IPv4 address carried inside (NAT64, 6to4, ISATAP)
must pass too; mapped, translated, Teredo, local and site-local forms never do.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")  # IANA has given out nothing else
ACCOUNT = re.compile(r"^(\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]{2,}|)[^/?#]*@", re.IGNORECASE)
ISATAP = (0x00005EFE, 0x02005EFE)
REFUSED = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a public address that answers as the machine's own host at Azure
        "2001::/23", "2001:db8::/32", "3fff::/20",
    )
)  # fmt: skip


def inner_addresses(address: IPv4 | IPv6) -> Iterator[IPv4 | IPv6]:
    """Yield an address and every IPv4 address that it carries."""
    yield address
    if isinstance(address, IPv4):
        return
    if address.sixtofour:
        yield address.sixtofour
    low = int(address) & 0xFFFFFFFF
    if address in NAT64 or (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        yield IPv4(low)


def is_public(text: str) -> bool:
    """Say whether an IP address, as the resolver gave it, may be connected to.

    >>> is_public("127.0.0.1"), is_public("64:ff9b::7f00:1"), is_public("193.52.94.51")
    (False, False, True)
    """
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(address, IPv6) and address not in GLOBAL_IPV6 and address not in NAT64:
        return False
    return not any(
        inner in net
        for inner in inner_addresses(address)
        for net in REFUSED
        if inner.version == net.version
    )


def fault_of_url(url: str) -> str:
    """Say in French what forbids this address by its form alone, `""` when nothing does."""
    if any(ord(char) <= 32 or char == "\\" for char in url):
        return "elle contient un espace ou un caractère interdit"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "elle est mal écrite"
    if parts.scheme.lower() not in ("http", "https"):
        return f"«\u00a0{parts.scheme or url[:20]}\u00a0» n’est ni http ni https"
    if not parts.hostname:
        return "elle ne nomme aucun serveur"
    if parts.username is not None or parts.password is not None:
        return "elle contient un nom d’utilisateur"
    if port == 0:
        return "son port est nul"
    return ""


def without_account(url: str) -> str:
    """Hide the account and the password of an address, to show it.

    >>> without_account("https://commune:motdepasse@data.rennes.fr/a"), without_account("/a@b")
    ('https://…@data.rennes.fr/a', '/a@b')
    """
    return ACCOUNT.sub(r"\1…@", url)


def origin_of(url: str) -> tuple[str, str, int]:
    """Answer scheme, host and port of an address, the default port when none is written.

    >>> origin_of("HTTPS://Data.Rennes.fr/a"), origin_of("http://data.rennes.fr:80")
    (('https', 'data.rennes.fr', 443), ('http', 'data.rennes.fr', 80))
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname or "", parts.port or (443 if scheme == "https" else 80)
