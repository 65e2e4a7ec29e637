"""Websockets of the stand-in made to fail."""

from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError

from services.comfy_sim.faults import DroppedSockets, Moment, SilentSockets
from tests.unit.comfy.comfy_factory import read_until, served, still


async def test_dropped_socket_gets_no_close(tmp_path: Path) -> None:
    fault = DroppedSockets(at=Moment.STARTED)
    async with served(tmp_path, faults=(fault,)) as bench, bench.socket("bench") as reader:
        prompt_id = await bench.submit(still())
        with pytest.raises(ConnectionClosedError):
            await read_until(reader, "execution_success")
        assert (await bench.entry(prompt_id))["status"]["completed"]


async def test_socket_opened_after_the_drop_works(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as first:
        await first.recv()
        bench.sim.set_fault(DroppedSockets())
        with pytest.raises(ConnectionClosedError):
            await first.recv()
        async with bench.socket("bench") as second:
            await bench.submit(still())
            assert await read_until(second, "execution_success")


async def test_silent_socket_stays_open(tmp_path: Path) -> None:
    async with served(tmp_path) as bench, bench.socket("bench") as reader:
        await reader.recv()
        bench.sim.set_fault(SilentSockets())
        async with bench.socket("other") as other:
            prompt_id = await bench.submit(still())
            assert (await bench.entry(prompt_id))["status"]["completed"]
            assert [await read_until(other, "status") for _ in range(3)]
        await (await reader.ping())
        await reader.close()
        assert [frame async for frame in reader] == []


async def test_every_new_socket_can_be_silent(tmp_path: Path) -> None:
    fault = SilentSockets(at=Moment.CONNECTED, times=None)
    async with served(tmp_path, faults=(fault,)) as bench:
        for _ in range(2):
            async with bench.socket("bench") as reader:
                await bench.entry(await bench.submit(still()))
                await (await reader.ping())
                await reader.close()
                assert len([frame async for frame in reader]) == 1
