"""An upload read by ranges is the same file, for little more than what is needed of it."""

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import av
import pytest
from av.container import InputContainer

from services.media.remote import AHEAD_BLOCKS, BLOCK_BYTES, RemoteFile, SourceUnavailable, size_of
from services.media.source import open_media
from tests.media_factory import make_clip

SIZE = 5 * BLOCK_BYTES + 1234
SIGNATURE = "X-Amz-Signature=secret"


class Store(ThreadingHTTPServer):
    """One object, given by ranges. failures: what to do instead, one a request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = b""
        self.tag = '"one"'
        self.failures: list[int | None] = []
        self.ranges: list[range] = []
        self.connections = 0

    def remote(self, folder: Path) -> RemoteFile:
        url = f"http://127.0.0.1:{self.server_address[1]}/media/clip?{SIGNATURE}"
        return RemoteFile(url=url, size_bytes=len(self.content), copy=folder / "copy")

    @property
    def sent(self) -> int:
        return sum(len(part) for part in self.ranges)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Store

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        if self.server.failures and (status := self.server.failures.pop(0)) != 206:
            self._fail(status)
            return
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        part = range(int(first), int(last) + 1)
        self.server.ranges.append(part)
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        size = len(self.server.content)
        self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}")
        self.send_header("ETag", self.server.tag)
        self.end_headers()
        self.wfile.write(self.server.content[part.start : part.stop])

    def _fail(self, status: int | None) -> None:
        self.close_connection = True
        if status is not None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        store.content = Random(5).randbytes(SIZE)  # noqa: S311
        thread = threading.Thread(target=store.serve_forever, args=(0.01,))
        thread.start()
        yield store
        store.shutdown()
        thread.join()


def test_any_part_of_it_is_what_was_stored(store: Store, tmp_path: Path) -> None:
    random = Random(7)  # noqa: S311
    with store.remote(tmp_path).open() as file:
        for _ in range(200):
            start, count = random.randrange(SIZE + 100), random.randrange(BLOCK_BYTES)
            file.seek(start)
            assert file.read(count) == store.content[start : start + count]
        assert file.seek(-10, 2) == SIZE - 10
        assert file.read() == store.content[-10:]


def test_no_block_is_fetched_twice(store: Store, tmp_path: Path) -> None:
    remote = store.remote(tmp_path)
    all_here = threading.Barrier(4)

    def read(start: int) -> bytes:
        all_here.wait()
        with remote.open() as file:
            file.seek(start)
            return file.read()

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(read, [0, 3 * BLOCK_BYTES, 17, SIZE - 1]))
    assert parts == [store.content[start:] for start in (0, 3 * BLOCK_BYTES, 17, SIZE - 1)]
    assert store.sent == SIZE


def test_reading_straight_on_takes_few_requests(store: Store, tmp_path: Path) -> None:
    store.content = bytes(4 * AHEAD_BLOCKS * BLOCK_BYTES)
    with store.remote(tmp_path).open() as file:
        while file.read(100_000):
            pass
    assert len(store.ranges) <= AHEAD_BLOCKS
    assert max(map(len, store.ranges)) <= AHEAD_BLOCKS * BLOCK_BYTES
    assert store.connections == 1


def test_index_at_the_end_costs_its_two_ends(store: Store, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=1).read_bytes()
    at = clip.index(b"mdat") - 4
    # Frames of megabytes: a box that holds nothing stands in for them.
    filler = 8 * BLOCK_BYTES
    store.content = clip[:at] + filler.to_bytes(4) + b"free" + bytes(filler - 8) + clip[at:]
    path = tmp_path / "large.mp4"
    path.write_bytes(store.content)
    with open_media(store.remote(tmp_path)) as remote, open_media(path) as local:
        assert remote.duration == local.duration
    assert store.sent <= 4 * BLOCK_BYTES


def test_packets_are_those_of_the_file(store: Store, tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", seconds=1)
    store.content = path.read_bytes()
    with open_media(store.remote(tmp_path)) as remote, open_media(path) as local:
        assert [bytes(p) for p in remote.demux()] == [bytes(p) for p in local.demux()]


@pytest.mark.parametrize("failures", [[503], [None], [None, 500, None]])
def test_passing_failure_is_not_noticed(
    store: Store, tmp_path: Path, failures: list[int | None]
) -> None:
    store.failures = failures
    with store.remote(tmp_path).open() as file:
        assert file.read() == store.content


def test_copies_in_one_place_leave_each_other_alone(store: Store, tmp_path: Path) -> None:
    first = store.remote(tmp_path)
    again = RemoteFile(url=f"{first.url}&again", size_bytes=SIZE, copy=first.copy)
    with first.open() as one:
        assert one.read(BLOCK_BYTES) == store.content[:BLOCK_BYTES]
        with again.open():
            one.seek(0)
            assert one.read() == store.content


def test_file_of_another_size_is_given_up(store: Store, tmp_path: Path) -> None:
    remote = store.remote(tmp_path)
    store.content += b"more"
    with remote.open() as file, pytest.raises(SourceUnavailable, match="changed"):
        file.read(1)


class Failing(io.BytesIO):
    """A file whose store goes away."""

    gone = False

    def read(self, count: int | None = -1) -> bytes:
        if self.gone:
            raise SourceUnavailable("gone")
        return super().read(count)


@pytest.mark.parametrize("read", [InputContainer.demux, InputContainer.decode])
def test_libav_hands_on_that_a_store_is_gone(
    tmp_path: Path, read: Callable[[InputContainer], Iterator[object]]
) -> None:
    # Longer than what opening it reads.
    file = Failing(make_clip(tmp_path / "clip.mp4", seconds=4).read_bytes())
    with av.open(file, "r", format="mov") as container:
        file.gone = True
        with pytest.raises(SourceUnavailable):
            list(read(container))
    with pytest.raises(SourceUnavailable):
        av.open(file, "r", format="mov")


@pytest.mark.parametrize("status", [403, 404, 200])
def test_store_that_refuses_is_no_fault_of_the_file(
    store: Store, tmp_path: Path, status: int
) -> None:
    store.failures = [206, *[status] * 9]
    with store.remote(tmp_path).open() as file, pytest.raises(SourceUnavailable) as raised:
        file.read()
    assert len(store.failures) == 8
    assert SIGNATURE not in str(raised.value)
    assert SIGNATURE not in repr(store.remote(tmp_path))


def test_store_that_stays_away_is_no_fault_of_the_file(store: Store, tmp_path: Path) -> None:
    store.failures = [503] * 9
    with pytest.raises(SourceUnavailable, match="503"), store.remote(tmp_path).open() as file:
        file.read(1)


def test_file_that_changes_while_it_is_read_is_given_up(store: Store, tmp_path: Path) -> None:
    with store.remote(tmp_path).open() as file:
        file.read(1)
        store.tag = '"two"'
        with pytest.raises(SourceUnavailable, match="changed"):
            file.read()


def test_empty_one_is_empty(store: Store, tmp_path: Path) -> None:
    store.content = b""
    remote = store.remote(tmp_path)
    assert size_of(remote) == 0
    with remote.open() as file:
        assert file.read() == b""
    assert store.ranges == []


def test_path_has_its_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"four")
    assert size_of(path) == 4
