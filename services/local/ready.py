"""Ways to tell that a child is ready."""

import http.client
import socket
from collections.abc import Callable

from services.local.child import Child
from services.local.layout import HOST

TIMEOUT_S = 0.5
"""A server that hangs while it starts must not keep the others from being looked at."""

HTTP_OK = 200


def answers(port: int, path: str) -> Callable[[Child], bool]:
    """GET `path` gives 200."""

    def check(_: Child) -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == HTTP_OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def listens(port: int) -> Callable[[Child], bool]:
    """Something accepts connections."""

    def check(_: Child) -> bool:
        try:
            with socket.create_connection((HOST, port), timeout=TIMEOUT_S):
                return True
        except OSError:
            return False

    return check


def says(words: str) -> Callable[[Child], bool]:
    """Its output since it was started holds `words`."""

    def check(child: Child) -> bool:
        with child.log.open("rb") as log:
            log.seek(child.log_start)
            return words.encode() in log.read()

    return check
