"""A ComfyUI server as these tests see it: a real one or the stand-in, they can't tell."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.contract.address import Address
from tests.contract.graphs import FOLDER, Graph, node, save, slow
from tests.contract.messages import Socket, read_message
from tests.contract.patience import PATIENCE_S, until

PLACE = ("filename", "subfolder", "type")

Entry = dict[str, Any]
Item = list[Any]
Place = dict[str, str]


def new_id() -> str:
    """For a prompt or a client; newer servers take only prompt ids of this form."""
    return str(uuid4())


def places(reported: Mapping[str, Any]) -> list[Place]:
    """Where the pictures are that a node reported; newer servers tell more of each."""
    return [{key: file[key] for key in PLACE} for file in reported["images"]]


def events(entry: Entry) -> list[str]:
    return [event for event, _ in entry["status"]["messages"]]


@dataclass(frozen=True)
class Line:
    """The items of /queue as it gives them."""

    running: list[Item]
    pending: list[Item]

    def running_ids(self) -> list[str]:
        return [item[1] for item in self.running]

    def pending_ids(self) -> list[str]:
        """In the order they will run."""
        return [item[1] for item in sorted(self.pending, key=lambda item: item[:2])]

    def ids(self) -> list[str]:
        return self.running_ids() + self.pending_ids()


@dataclass(frozen=True)
class Traits:
    """What the tests skip by. direct: no proxy answers for the server."""

    argv: list[str]
    direct: bool
    max_upload_bytes: int
    lists_jobs: bool
    cancels_jobs: bool


@dataclass
class Server:
    """client_id: of prompts that no socket follows; without one, every open page would be told.

    own: prompts of the running test, to be taken away after it.
    """

    address: Address
    http: httpx.AsyncClient
    traits: Traits
    client_id: str = field(default_factory=new_id)
    own: list[str] = field(default_factory=list)

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.http.get(path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def command(self, path: str, body: Mapping[str, Any]) -> None:
        response = await self.http.post(path, json=body)
        assert (response.status_code, response.content) == (200, b"")

    async def post_body(self, body: Mapping[str, Any]) -> httpx.Response:
        """POST /prompt, and take what it makes for our own."""
        response = await self.http.post("/prompt", json=body)
        if response.status_code == 200:
            self.own.append(response.json()["prompt_id"])
        return response

    async def post_prompt(self, graph: Any, **keys: Any) -> httpx.Response:
        body = {"prompt_id": new_id(), "client_id": self.client_id, "prompt": graph, **keys}
        # Noted first: it may be queued although no answer comes.
        self.own.append(body["prompt_id"])
        return await self.post_body(body)

    async def submit(self, graph: Graph, **keys: Any) -> str:
        response = await self.post_prompt(graph, **keys)
        assert response.status_code == 200, response.text
        receipt = response.json()
        assert receipt["node_errors"] == {}
        prompt_id: str = receipt["prompt_id"]
        return prompt_id

    async def run(self, graph: Graph, **keys: Any) -> Entry:
        return await self.finish(await self.submit(graph, **keys))

    async def render(self, graph: Graph, **keys: Any) -> list[Place]:
        """The files of its node `save`."""
        entry = await self.run(graph, **keys)
        assert events(entry)[-1] == "execution_success"
        return places(entry["outputs"]["save"])

    async def finish(self, prompt_id: str) -> Entry:
        return await until(lambda: self.entry(prompt_id))

    async def entry(self, prompt_id: str) -> Entry:
        """What the history has of a prompt; empty while it has nothing."""
        found: Entry = (await self.get(f"/history/{prompt_id}")).get(prompt_id, {})
        return found

    async def line(self) -> Line:
        body = await self.get("/queue")
        return Line(body["queue_running"], body["queue_pending"])

    async def runs(self, prompt_id: str) -> bool:
        return prompt_id in (await self.line()).running_ids()

    @asynccontextmanager
    async def busy(self, **keys: Any) -> AsyncIterator[str]:
        """Keep the server at work; gives the id of the prompt that does."""
        prompt_id = await self.submit(slow(), **keys)
        await until(lambda: self.runs(prompt_id))
        try:
            yield prompt_id
        finally:
            await self.cancel(prompt_id)

    async def cancel(self, prompt_id: str) -> None:
        """Once is not enough: a prompt can start in between, and an interrupt can be lost."""

        async def gone() -> bool:
            await self.command("/queue", {"delete": [prompt_id]})
            await self.command("/interrupt", {"prompt_id": prompt_id})
            return prompt_id not in (await self.line()).ids()

        await until(gone)

    async def tidy(self) -> None:
        """Take the test's own prompts out of the queue and the history."""
        if not self.own:
            return
        for prompt_id in set(self.own).intersection((await self.line()).ids()):
            await self.cancel(prompt_id)
        await self.command("/history", {"delete": self.own})
        self.own.clear()

    async def try_upload(
        self, content: bytes, name: str, path: str = "/upload/image", **fields: str
    ) -> httpx.Response:
        return await self.http.post(path, data=fields, files={"image": (name, content)})

    async def upload(self, content: bytes, name: str, **fields: str) -> dict[str, Any]:
        response = await self.try_upload(content, name, **{"subfolder": FOLDER, **fields})
        assert response.status_code == 200, response.text
        stored: dict[str, Any] = response.json()
        return stored

    async def failing(self) -> Graph:
        """A valid graph that fails at run time: the file it loads is there, and is no picture."""
        stored = await self.upload(b"no picture", "no-picture.png")
        load = node("LoadImage", image=f"{stored['subfolder']}/{stored['name']}")
        return {"load": load, "save": save("load")}

    @asynccontextmanager
    async def listen(self, query: str) -> AsyncIterator[Socket]:
        """A websocket that was greeted. query: of its address."""
        async with self.open_socket(query) as connection:
            yield Socket(connection, await read_message(connection))

    @asynccontextmanager
    async def follow(self, client_id: str) -> AsyncIterator[Socket]:
        async with self.listen(f"clientId={quote(client_id, safe='')}") as socket:
            yield socket

    def open_socket(self, query: str, **headers: str) -> connect:
        # A socket that is not read must not hold up what the server sends to others.
        return connect(
            f"{self.address.url.replace('http', 'ws', 1)}/ws?{query}",
            additional_headers={**self.address.headers, **headers},
            max_size=None,
            max_queue=None,
            proxy=None,
        )


@asynccontextmanager
async def reach(address: Address) -> AsyncIterator[Server]:
    """Open the server and learn what it is."""
    # The environment's proxies are for the world outside; a backend is not there.
    async with httpx.AsyncClient(
        base_url=address.url, headers=address.headers, timeout=PATIENCE_S, trust_env=False
    ) as http:
        yield Server(address, http, await read_traits(http))


async def read_traits(http: httpx.AsyncClient) -> Traits:
    stats = await http.get("/system_stats")
    if stats.status_code in (401, 403):
        pytest.fail("the server wants credentials: ANIMATRIX_CONTRACT_TOKEN, or user:password@host")
    features = await http.get("/features")
    jobs = await http.get("/api/jobs", params={"limit": 1})
    cancel = await http.post(f"/api/jobs/{new_id()}/cancel")
    return Traits(
        argv=stats.json()["system"]["argv"],
        direct="aiohttp" in stats.headers.get("Server", "") and "Via" not in stats.headers,
        max_upload_bytes=features.json()["max_upload_size"],
        lists_jobs=jobs.status_code == 200,
        cancels_jobs=cancel.status_code == 200,
    )
