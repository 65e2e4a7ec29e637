"""`/metrics` of a process, on a port of its own: the ingress never leads there."""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import URLError

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, generate_latest

TIMEOUT_S = 2.0


@contextmanager
def serve_metrics(host: str, port: int, beside: str | None = None) -> Iterator[None]:
    """Answer scrapes from a thread, which a busy event loop does not hold up.

    beside: the URL of metrics that are added to ours.
    """
    server = ThreadingHTTPServer((host, port), _handler(beside))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(beside: str | None) -> type[BaseHTTPRequestHandler]:
    class Scrape(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = generate_latest(REGISTRY) + _fetch(beside)
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Scrapes are no news."""

    return Scrape


# A proxy of the environment is not on the way to this machine itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _fetch(url: str | None) -> bytes:
    """Ours are told even while the others can't be had."""
    if url is None:
        return b""
    try:
        with _OPENER.open(url, timeout=TIMEOUT_S) as answer:
            text: bytes = answer.read()
    except URLError:
        return b""
    return text
