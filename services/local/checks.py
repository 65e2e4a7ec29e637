import socket
from collections.abc import Mapping
from pathlib import Path

from services.local.child import program
from services.local.layout import HOST, ROOT, Layout
from workflows_comfy.profiles import BadProfiles, load_profiles

UNFINISHED = "restore-unfinished"
"""In a data folder that a restore has begun to fill, until it is done."""
PROGRAMS = ("temporal", "weed", "caddy")


class CannotStart(Exception):
    """Why the stack does not start, in one sentence."""


def check_machine(layout: Layout, env: Mapping[str, str]) -> None:
    """Whatever would stop a server later, named before any is started. Raises CannotStart."""
    if (layout.data / UNFINISHED).exists():
        raise CannotStart(
            f"a restore into {layout.data} was not finished. Remove the folder, and restore again."
        )
    for name in PROGRAMS:
        if not Path(program(name)).exists():
            raise CannotStart(f"the program {name} is missing. Run: make setup")
    if not (ROOT / "frontend" / "dist" / "index.html").exists():
        raise CannotStart("the page is not built. Run: make frontend")
    try:
        load_profiles(Path(env["ANIMATRIX_PROFILES"]) if env.get("ANIMATRIX_PROFILES") else None)
    except (BadProfiles, OSError) as error:
        raise CannotStart(f"ANIMATRIX_PROFILES: {error}") from error
    check_ports(layout)


def check_ports(layout: Layout) -> None:
    """Raises CannotStart when one is taken."""
    for name, port in layout.listeners.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise CannotStart(
                    f"port {port} ({name}) is taken. Stop what uses it, or set ANIMATRIX_PORT to "
                    f"the first of {len(layout.ports.all())} free ports."
                ) from error
