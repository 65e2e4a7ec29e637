import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proto.media import StoredFile
from services.store.objects import ObjectStore


@asynccontextmanager
async def scratch_folder() -> AsyncIterator[Path]:
    """A folder for one activity's files. Nothing in it outlives the activity."""
    with tempfile.TemporaryDirectory(prefix="animatrix-") as folder:
        yield Path(folder)


async def put_by_content(
    objects: ObjectStore, folder: str, path: Path, content_type: str
) -> StoredFile:
    """Store a file under its own sha256, so that storing it again changes nothing."""
    digest = await asyncio.to_thread(_sha256, path)
    return await objects.put_file(f"{folder}/{digest}{path.suffix}", path, content_type)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
