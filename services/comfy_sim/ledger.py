"""The record of what was accepted and run, which outlives the server and its kills."""

import json
import os
import time
from pathlib import Path
from typing import Any

from services.comfy_sim.queue import Item


class Ledger:
    """Lines of JSON: at (seconds of the epoch), boot, event, and of a prompt's event its
    prompt_id, client_id and number.

    Events: accepted, started, success, error, interrupted, deleted; restarted, for every boot but
    the first. boot: counts the server's starts on this folder, from 1.
    """

    def __init__(self, path: Path) -> None:
        # One write a line, by the kernel: nothing is lost or torn when the process is killed.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        lines = path.read_text().splitlines()
        self.boot: int = json.loads(lines[-1])["boot"] if lines else 0

    def open_boot(self) -> None:
        self.boot += 1
        if self.boot > 1:
            self._write("restarted", {})

    def close(self) -> None:
        os.close(self._file)

    def write(self, event: str, item: Item) -> None:
        number, prompt_id, _, extra_data, _ = item
        client_id = extra_data.get("client_id") if isinstance(extra_data, dict) else None
        self._write(event, {"prompt_id": prompt_id, "client_id": client_id, "number": number})

    def _write(self, event: str, facts: dict[str, Any]) -> None:
        line = {"at": time.time(), "boot": self.boot, "event": event, **facts}
        os.write(self._file, f"{json.dumps(line)}\n".encode())
