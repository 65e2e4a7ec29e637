"""A stack touches its own servers only."""

import os
import subprocess
import sys

MARKED = """
import os, subprocess
import services.local.child
# Another stack's server, in whose mark this process's id happens to stand.
stranger = subprocess.Popen(
    ["sleep", "60"],
    env={"mirakuru_uuid": f"1:0a1b{os.getpid()}c3d"},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
print(stranger.pid)
"""


def test_end_of_one_stack_leaves_the_servers_of_another_alone() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MARKED], capture_output=True, text=True, check=True
    )
    stranger = int(ended.stdout)
    os.kill(stranger, 0)
    os.kill(stranger, 9)
