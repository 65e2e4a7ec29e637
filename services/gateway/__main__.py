import argparse
import sys

import uvicorn

from services.gateway.app import create_app
from services.gateway.origin import is_loopback
from services.logs import configure
from services.settings import Settings

MAX_HEAD_BYTES = 32 * 1024
MAX_CONNECTIONS = 2000
"""Each open event stream is one."""
KEEP_ALIVE_S = 75
"""Longer than the ingress keeps an idle connection, so that no request meets a closing one."""

OPEN_DOOR = (
    "The gateway does not start on {host}, where others reach it, before it is said how people "
    "sign in: set ANIMATRIX_OIDC_ISSUER, or ANIMATRIX_TOKEN_SIGN_IN=1."
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.gateway")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    configure("gateway")
    settings = Settings()
    if not is_loopback(arguments.host) and not (settings.oidc_issuer or settings.token_sign_in):
        sys.exit(OPEN_DOOR.format(host=arguments.host))
    uvicorn.run(
        create_app(settings, host=arguments.host),
        host=arguments.host,
        port=arguments.port,
        log_config=None,
        access_log=False,
        # Open event streams end with the process; nothing else takes this long.
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_S,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        loop="uvloop",
        http="h11",
        ws="none",
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main()
