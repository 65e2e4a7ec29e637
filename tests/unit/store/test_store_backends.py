"""The rows of the ComfyUI servers."""

from proto.backend import BackendFacts, BackendSource, BackendState
from services.store import backends
from services.store.backends import Inventory
from services.store.database import Connection

ONE, TWO = "http://one.example", "http://two.example"


async def states(connection: Connection) -> dict[str, BackendState]:
    return {row.backend_id: row.state for row in await backends.list_all(connection)}


async def test_configuration_adds_and_removes_its_own_only(connection: Connection) -> None:
    await backends.add(connection, "console", "http://console.example")
    await backends.configure(connection, {"one": ONE, "two": TWO})
    assert set(await states(connection)) == {"console", "one", "two"}
    await backends.configure(connection, {"two": TWO})
    assert set(await states(connection)) == {"console", "two"}
    gone = await backends.find(connection, "one")
    assert gone is not None
    assert (gone.state, gone.reason) == (BackendState.REMOVED, "no longer configured")


async def test_backend_that_is_configured_again_gets_work_again(connection: Connection) -> None:
    for urls in ({"one": ONE}, {}, {"one": ONE}):
        await backends.configure(connection, urls)
    assert await states(connection) == {"one": BackendState.OFFERED}


async def test_restart_does_not_undo_what_an_operator_decided(connection: Connection) -> None:
    await backends.configure(connection, {"one": ONE})
    await backends.set_state(
        connection, "one", BackendState.CORDONED, "new driver", allowed=[BackendState.OFFERED]
    )
    await backends.configure(connection, {"one": ONE})
    assert await states(connection) == {"one": BackendState.CORDONED}


async def test_state_changes_only_from_where_it_may(connection: Connection) -> None:
    await backends.add(connection, "one", ONE)
    allowed = [BackendState.QUARANTINED]
    assert not await backends.set_state(
        connection, "one", BackendState.OFFERED, None, allowed=allowed
    )
    assert not await backends.add(connection, "one", ONE)


async def test_backend_answers_only_while_it_is_heard_of(connection: Connection) -> None:
    await backends.add(connection, "one", ONE)
    [row] = await backends.list_all(connection)
    assert (row.answering, row.source) == (False, BackendSource.CONSOLE)
    await backends.mark_seen(connection, "one", running=1, pending=2, lines=["gpu"])
    [row] = await backends.list_all(connection)
    assert (row.answering, row.running, row.pending) == (True, 1, 2)
    await connection.execute("UPDATE backends SET seen_at = seen_at - interval '1 minute'")
    assert not (await backends.list_all(connection))[0].answering


async def test_inventory_is_kept(connection: Connection) -> None:
    await backends.add(connection, "one", ONE)
    facts = BackendFacts(version="0.3.64", node_fingerprint="f", simulated=True, vram_bytes=8)
    found = Inventory(facts=facts, abilities=["a@draft"], missing={"a@high": ["24 GB"]})
    await backends.set_inventory(connection, "one", found)
    [row] = await backends.list_all(connection)
    assert (row.facts, row.abilities, row.missing) == (facts, found.abilities, found.missing)
