import random
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from services.local.children import settings_of
from services.local.layout import HOST, Layout, Ports, make_layout
from services.local.stack import Stack
from services.settings import Settings
from services.store.database import Pool, open_pool
from services.store.objects import ObjectStore, open_object_store
from tests.access import signed_in
from tests.studio import Studio

STEP_SECONDS = 0.1
MIB = 1024 * 1024


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-histories",
        action="store_true",
        help="run the jobs anew whose workflow histories the replay test replays",
    )


@pytest.fixture(scope="session")
def recording(request: pytest.FixtureRequest) -> bool:
    """Whether the workflow histories are recorded anew."""
    wanted: bool = request.config.getoption("--record-histories")
    return wanted


def free_base_port() -> int:
    """The first of as many free ports in a row as the embedded stack opens."""
    while True:
        # From 32768 on the kernel gives ports to outgoing connections, between this look and use.
        base = random.randrange(20_000, 32_000)  # noqa: S311
        if all(_is_free(port) for port in Ports(base).all().values()):
            return base


def free_port() -> int:
    """One that nothing listens on."""
    while not _is_free(port := random.randrange(20_000, 32_000)):  # noqa: S311
        pass
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def data_folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """For what servers write; kept when a test failed, for their logs.

    Not one of pytest's: each session that starts closes their parent to other users, and Postgres
    runs as another when we are root.
    """
    folder = Path(tempfile.mkdtemp(prefix="animatrix-tests-"))
    yield folder
    if not request.session.testsfailed:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def layout(data_folder: Path) -> Layout:
    return make_layout(data_folder / "stack", free_base_port(), [], STEP_SECONDS)


@pytest.fixture(scope="session")
def stack(layout: Layout) -> Iterator[Stack]:
    """The real servers, our services and the stand-in, once for all tests."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ANIMATRIX_MAX_IMAGE_BYTES", str(2 * MIB))
    patch.setenv("ANIMATRIX_MAX_AUDIO_BYTES", str(20 * MIB))
    patch.setenv("ANIMATRIX_STALL_SECONDS", "10")
    patch.setenv("ANIMATRIX_SILENCE_SECONDS", "10")
    patch.setenv("ANIMATRIX_ON_DRIFT", "pause")
    running = Stack(layout, lambda _: None)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        patch.undo()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(stack: Stack, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(layout) as client:
        yield client


@pytest.fixture(scope="session")
def studio(http: httpx.AsyncClient) -> Studio:
    return Studio(http)


@pytest.fixture(scope="session")
def settings(layout: Layout) -> Settings:
    return settings_of(layout)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(stack: Stack, layout: Layout) -> AsyncIterator[Pool]:
    async with open_pool(layout.database_url) as pool:
        yield pool


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def objects(stack: Stack, settings: Settings) -> AsyncIterator[ObjectStore]:
    async with open_object_store(settings) as objects:
        yield objects


@pytest.fixture(scope="session")
def samples() -> Path:
    return Path(__file__).parents[1] / "services" / "local" / "samples"
