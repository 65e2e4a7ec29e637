"""Ending TCP connections the hard way."""

import socket
import struct

from aiohttp import web

LINGER_ZERO = struct.pack("ii", 1, 0)
"""Makes a close send a reset."""


def cut(request: web.Request) -> web.Response:
    """Reset the request's connection. Gives what a handler may return then; nobody reads it."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO
        )
        transport.abort()
    return web.Response()
