"""What a stand-in is told to do wrong, and which failures of a job that explains."""

from random import Random
from typing import Any

from proto.errors import ErrorCode

MOMENTS = ["accepted", "started", "step", "writing", "ended", "remembered"]

SCRIPTS: dict[str, dict[str, Any]] = {
    "restart": {"seconds": 1.0},
    "exit": {},
    "dead_executor": {},
    "foreign_interrupt": {},
    "dropped_sockets": {},
    "silent_sockets": {},
    "refused_connections": {"seconds": 3.0},
    "answer_503": {"times": 6},
    "hang_http": {"path": "/queue", "seconds": 12.0},
    "lost_answer": {"times": 2},
    "late_accept": {"seconds": 2.0},
    "answer_500_queued": {"times": 2},
    "late_history": {"seconds": 2.0},
    "oom": {"node": "KSampler"},
    "disk_full": {"node": "SaveVideo"},
    "stuck_node": {"seconds": 8.0},
    "slow_steps": {"factor": 4.0, "times": 1},
    "vanished_file": {},
    "truncated_file": {},
    "wrong_length": {"times": 2},
    "slow_disk": {"times": 20},
    "upload_500": {"times": 2},
}
"""Fault to its arguments, as services/comfy_sim/faults.py has them."""

AT_A_MOMENT = frozenset({"restart", "exit", "dead_executor", "dropped_sockets", "silent_sockets"})
ENDS_WITH_RESTART = frozenset({"dead_executor"})
"""Of which a stand-in does not get over by itself: whoever watches it starts it anew."""

EXPLAINS: dict[str, frozenset[ErrorCode]] = {
    "oom": frozenset({ErrorCode.GENERATION_FAILURE}),
    "disk_full": frozenset({ErrorCode.GENERATION_FAILURE}),
    "vanished_file": frozenset({ErrorCode.RESULT_COLLECTION_FAILURE}),
    "truncated_file": frozenset({ErrorCode.RESULT_COLLECTION_FAILURE}),
}
"""A job may fail of these; of everything else it has to recover."""


def order_for(script: str, random: Random) -> dict[str, Any]:
    """What the stand-in is sent."""
    moment = {"at": random.choice(MOMENTS)} if script in AT_A_MOMENT else {}
    return {"fault": script, **SCRIPTS[script], **moment}
