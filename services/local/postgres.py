"""Runs the embedded Postgres in the foreground: `python -m services.local.postgres FOLDER PORT`.

The superuser's password comes in PGPASSWORD. Postgres refuses to run as root, so root runs it as
`nobody`.
"""

import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from services.local.child import postgres_program
from services.local.tether import die_with_parent

SUPERUSER = "animatrix"


def main(folder: Path, port: int, password: str) -> None:
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _end_orphans(folder)
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        _let_through(folder)
        _let_through(postgres_program("postgres"))
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    if not (folder / "PG_VERSION").exists():
        _initialise(folder, password)
    # Fast shutdown: connections are closed, not waited for.
    die_with_parent(signal.SIGINT)
    server = postgres_program("postgres")
    os.chdir(folder)
    os.execv(  # noqa: S606
        server, [str(server), "-D", str(folder), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
    )


def _end_orphans(folder: Path) -> None:
    """End what a killed server left: it holds the shared memory, and the next one won't start."""
    orphans = []
    for process in psutil.process_iter():
        try:
            parent = process.parent()
            if _is_part(process, folder) and parent and not _works_in(parent, folder):
                process.kill()
                orphans.append(process)
        except psutil.Error:
            continue
    psutil.wait_procs(orphans, timeout=5)


def _is_part(process: psutil.Process, folder: Path) -> bool:
    """A server's parts show a title where the server itself shows its command line."""
    return _works_in(process, folder) and process.cmdline()[0].startswith("postgres: ")


def _works_in(process: psutil.Process, folder: Path) -> bool:
    return process.name() == "postgres" and process.cwd() == str(folder)


def _let_through(path: Path) -> None:
    """Let other users reach what lies below these folders, not list them."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _initialise(folder: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(password)
        secret.flush()
        subprocess.run(
            [
                postgres_program("initdb"),
                f"--pgdata={folder}",
                "--auth=scram-sha-256",
                f"--username={SUPERUSER}",
                f"--pwfile={secret.name}",
                "--encoding=UTF8",
                "--no-locale",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), os.environ["PGPASSWORD"])
