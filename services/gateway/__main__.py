import argparse

import uvicorn

from services.gateway.app import create_app
from services.logs import configure
from services.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.gateway")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    configure("gateway")
    uvicorn.run(
        create_app(Settings()),
        host=arguments.host,
        port=arguments.port,
        log_config=None,
        access_log=False,
        # Open event streams end with the process; nothing else takes this long.
        timeout_graceful_shutdown=2,
        server_header=False,
    )


if __name__ == "__main__":
    main()
