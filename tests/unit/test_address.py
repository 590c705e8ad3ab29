"""Which addresses may be reached, by their form and by their number."""

from __future__ import annotations

import pytest

from harvesters.address import fault_of_url, is_public, origin_of


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
     "169.254.169.254", "100.64.0.1", "100.127.255.255", "0.0.0.0", "192.0.0.170", "192.0.2.1",
     "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
     "168.63.129.16"],
)  # fmt: skip
def test_an_ipv4_address_of_no_public_network_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["::1", "::", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "feff::1", "fc00::1",
     "fd00:ec2::254", "ff02::1", "100::1", "5f00::1", "2001:db8::1", "3fff::1"],
)  # fmt: skip
def test_an_ipv6_address_of_no_public_network_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:0:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1",
     "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
     "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2a01:e0a::5efe:10.0.0.1",
     "2a01:e0a::200:5efe:127.0.0.1"],
)  # fmt: skip
def test_an_ipv4_address_hidden_in_an_ipv6_one_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("text", ["", "nom", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "8.8.8.8/8"])
def test_what_is_no_number_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    "address",
    ["193.52.94.51", "8.8.8.8", "172.32.0.1", "100.128.0.1", "169.253.1.1", "2a01:e0a::1",
     "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"],
)  # fmt: skip
def test_a_public_address_is_accepted(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "« file » n’est ni http ni https"),
        ("gopher://a/", "« gopher » n’est ni http ni https"),
        ("ftp://a/", "« ftp » n’est ni http ni https"),
        ("javascript:alert(1)", "« javascript » n’est ni http ni https"),
        ("", "«  » n’est ni http ni https"),
        ("acigne.fr", "« acigne.fr » n’est ni http ni https"),
        ("http://user@a/", "elle contient un nom d’utilisateur"),
        ("http://user:clef@a/", "elle contient un nom d’utilisateur"),
        ("http://@a/", "elle contient un nom d’utilisateur"),
        ("http://a b/", "elle contient un espace ou un caractère interdit"),
        ("http://a\n/", "elle contient un espace ou un caractère interdit"),
        ("http://a\\@b/", "elle contient un espace ou un caractère interdit"),
        ("http:///x", "elle ne nomme aucun serveur"),
        ("http://a:99999/", "elle est mal écrite"),
        ("http://[::1/", "elle est mal écrite"),
        ("http://a:0/", "son port est nul"),
    ],
)
def test_a_wrong_form_of_address_says_why(url: str, reason: str) -> None:
    assert fault_of_url(url) == reason.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


@pytest.mark.parametrize(
    "url", ["https://data.rennes.fr", "HTTP://a.fr:8080/b?c=d#e", "http://[2a01:e0a::1]:8000/"]
)
def test_a_web_address_has_a_good_form(url: str) -> None:
    assert fault_of_url(url) == ""


def test_two_addresses_of_one_server_have_one_origin() -> None:
    assert origin_of("https://a.fr/x") == origin_of("HTTPS://A.FR:443/y")
    assert origin_of("https://a.fr/") != origin_of("http://a.fr:443/")
    assert origin_of("https://a.fr/") != origin_of("https://a.fr.example/")
