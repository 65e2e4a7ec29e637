"""The backends, as an operator handles them."""

from proto.backend import Backend
from tests.studio import Studio, eventually

REASON = {"reason": "tried by a test"}


class Fleet:
    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def all(self) -> dict[str, Backend]:
        body = await self._studio.fetch_json("/api/admin/backends")
        return {item["backend_id"]: Backend.model_validate(item) for item in body["items"]}

    async def add(self, url: str) -> str:
        """Gives its id, once its agent has asked it what it has."""
        body = {"url": url, **REASON}
        answer = await self._studio.http.post("/api/admin/backends", json=body)
        assert answer.status_code == 201, answer.text
        name: str = answer.json()["backend_id"]
        await self.until_known(name)
        return name

    async def until_known(self, name: str) -> None:
        """Until its agent has asked it what it has."""

        async def known() -> bool:
            backend = (await self.all()).get(name)
            return backend is not None and backend.abilities is not None

        await eventually(known)

    async def do(self, name: str, verb: str) -> None:
        answer = await self._studio.http.post(f"/api/admin/backends/{name}/{verb}", json=REASON)
        assert answer.status_code == 200, answer.text

    async def until_closed(self, name: str) -> None:
        """Until it takes work from no line any more."""

        async def closed() -> bool:
            return (await self.all())[name].lines == []

        await eventually(closed)

    async def until_empty(self, name: str) -> None:
        async def empty() -> bool:
            backend = (await self.all())[name]
            return backend.running + backend.pending == 0

        await eventually(empty)
