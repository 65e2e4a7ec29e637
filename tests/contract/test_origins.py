"""A page of another site can't reach a server on the reader's own machine."""

from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus

from tests.contract.server import Server, new_id

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ELSEWHERE = "http://elsewhere.example"


@pytest.fixture
def host(server: Server, direct: None) -> str:
    """The server's name and port. Skips where origins are not looked at."""
    address = urlsplit(server.address.url)
    if address.hostname not in LOOPBACK or address.port is None:
        pytest.skip("the server is not reached by a name and a port of its own machine")
    if "--enable-cors-header" in server.traits.argv:
        pytest.skip("the server was told to let other origins in")
    return address.netloc


async def status(server: Server, origin: str) -> int:
    answer = await server.http.get("/queue", headers={"Origin": origin})
    return answer.status_code


async def test_its_own_origin_is_let_in(server: Server, host: str) -> None:
    for origin in (f"http://{host}", f"https://{host}", "null"):
        assert await status(server, origin) == 200


async def test_another_origin_is_403_with_nothing_in_it(server: Server, host: str) -> None:
    answer = await server.http.get("/queue", headers={"Origin": ELSEWHERE})
    assert (answer.status_code, answer.content) == (403, b"")


async def test_another_port_or_name_of_the_machine_is_another_origin(
    server: Server, host: str
) -> None:
    name, _, port = host.rpartition(":")
    other = "127.0.0.1" if name == "localhost" else "localhost"
    assert await status(server, f"http://{other}:{port}") == 403
    assert await status(server, f"http://{name}:{int(port) - 1}") == 403


@pytest.mark.usefixtures("sockets")
async def test_a_socket_from_another_origin_is_refused(server: Server, host: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with server.open_socket(f"clientId={new_id()}", Origin=ELSEWHERE):
            pass


@pytest.mark.usefixtures("sockets")
async def test_a_socket_from_its_own_origin_is_let_in(server: Server, host: str) -> None:
    async with server.open_socket(f"clientId={new_id()}", Origin=f"http://{host}"):
        pass
