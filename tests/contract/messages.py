"""What a websocket says."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection

from tests.contract.patience import PATIENCE_S


@dataclass(frozen=True)
class Message:
    type: str
    data: dict[str, Any]

    def about(self, prompt_id: str) -> bool:
        return self.data.get("prompt_id") == prompt_id

    def ends(self, prompt_id: str) -> bool:
        """It is the last message about this prompt."""
        return self.type == "executing" and self.data["node"] is None and self.about(prompt_id)


@dataclass(frozen=True)
class Socket:
    """greeting: the first message."""

    connection: ClientConnection
    greeting: Message

    async def read_to(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """The messages from here up to the first one that is wanted. Raises TimeoutError."""
        messages: list[Message] = []
        async with asyncio.timeout(PATIENCE_S):
            while not messages or not wanted(messages[-1]):
                messages.append(await read_message(self.connection))
        return messages


async def read_message(connection: ClientConnection) -> Message:
    """The next one that is text; pictures come as bytes."""
    while not isinstance(frame := await connection.recv(), str):
        pass
    told = json.loads(frame)
    return Message(told["type"], told["data"])
