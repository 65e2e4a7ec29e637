import subprocess
import sys

PRELOADED = """
import os, threading
import services.media.examine
from services.media import preload
before = len(os.listdir("/proc/self/task"))
preload.load()
print(threading.active_count(), len(os.listdir("/proc/self/task")) - before)
"""
FORKED = """
import os, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from proto.media import AssetKind
from services.local.samples.index import FOLDER, VOICE
from services.media import preload
from services.media.examine import examine
from services.media.probe import probe
preload.load()
for _ in range(2):
    child = os.fork()
    if child == 0:
        with TemporaryDirectory() as folder:
            facts = probe(FOLDER / VOICE, AssetKind.AUDIO)
            seen = examine(FOLDER / VOICE, AssetKind.AUDIO, facts, Path(folder), wants_proxy=False)
        os._exit(0 if seen.examination.speech_s > 3 else 1)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)
"""


def run(script: str) -> str:
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return found.stdout


def test_preloading_leaves_no_thread_behind() -> None:
    assert run(PRELOADED).split() == ["1", "0"]


def test_children_forked_from_a_preloaded_process_can_examine() -> None:
    run(FORKED)
