from ipaddress import ip_address, ip_network

import pytest

from services.webhooks.address import Forbidden, Resolver, Unresolved, is_public, judge

PUBLIC = "93.184.215.14"
INWARD = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
NAMES_OF_LOOPBACK = ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "[::1]"]


def resolver(*addresses: str) -> Resolver:
    async def resolve(host: str, port: int) -> list[str]:
        return [*addresses]

    return resolve


@pytest.mark.parametrize("address", INWARD)
async def test_name_that_leads_inward_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(Forbidden, match="private network"):
        await judge("https://hook.example/in", [], resolver=resolver(address))


@pytest.mark.parametrize("address", INWARD)
async def test_one_inward_address_among_public_ones_is_enough(address: str) -> None:
    with pytest.raises(Forbidden):
        await judge("https://hook.example/in", [], resolver=resolver(PUBLIC, address))


@pytest.mark.parametrize("host", [*NAMES_OF_LOOPBACK, "localhost", "[::ffff:7f00:1]"])
async def test_spelling_of_loopback_is_refused_by_the_real_resolver(host: str) -> None:
    with pytest.raises((Forbidden, Unresolved)):
        await judge(f"https://{host}/in", [])


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
@pytest.mark.parametrize("port", ["", ":443", ":8443"])
async def test_public_address_is_taken_as_it_was_resolved(address: str, port: str) -> None:
    target = await judge(f"https://hook.example{port}/in?a=b", [], resolver=resolver(address))
    assert target.addresses == [ip_address(address)]
    assert target.host == "hook.example"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hook.example/", "https"),
        ("ftp://hook.example/", "https"),
        ("file:///etc/passwd", "https"),
        ("https://user:word@hook.example/", "user name"),
        ("https://hook.example/#part", "after #"),
        ("https://hook.example:22/", "port 443 or 8443"),
        ("https://hook.example/" + "a" * 2000, "2000 characters"),
    ],
)
async def test_url_is_refused_with_words(url: str, words: str) -> None:
    with pytest.raises(Forbidden, match=words):
        await judge(url, [], resolver=resolver(PUBLIC))


async def test_named_network_may_be_told_by_http_and_any_port() -> None:
    networks = [ip_network("10.1.0.0/16")]
    target = await judge("http://inside:8080/", networks, resolver=resolver("10.1.2.3"))
    assert target.addresses == [ip_address("10.1.2.3")]


@pytest.mark.parametrize("addresses", [["10.2.0.1"], ["10.1.0.1", "10.2.0.1"]])
async def test_beside_the_named_network_is_refused(addresses: list[str]) -> None:
    with pytest.raises(Forbidden):
        await judge("https://inside/", [ip_network("10.1.0.0/16")], resolver=resolver(*addresses))


async def test_http_is_refused_where_only_one_address_is_in_the_network() -> None:
    networks = [ip_network("10.1.0.0/16")]
    with pytest.raises(Forbidden, match="https"):
        await judge("http://inside/", networks, resolver=resolver("10.1.0.1", PUBLIC))


async def test_name_that_leads_nowhere_is_said() -> None:
    with pytest.raises(Unresolved, match="can't be found"):
        await judge("https://hook.example/", [], resolver=resolver())
