"""What a process gives up for good, by means that need no root."""

import ctypes
import os
import struct

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522
# The numbers are those of linux/landlock.h; the calls are the same on every architecture.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
_EXECUTE = 1 << 0
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1
_SCOPED_SINCE = 6


def confine() -> None:
    """Give up root's privileges, programs, and others' memory, environment and signals.

    Programs and others' memory since Linux 5.13 with Landlock, signals since 6.12; without it those
    stay within reach.
    """
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Root could look through Landlock: CAP_PERFMON reads any process.
    library.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24))
    version = library.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return
    rules = struct.pack("=Q", _EXECUTE)
    if version >= _SCOPED_SINCE:
        rules += struct.pack("=QQ", 0, _ABSTRACT_SOCKETS | _SIGNALS)
    ruleset = library.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return
    library.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
