from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

from proto.model import Model
from proto.retention import StorageAge, StorageKind, StorageTotal, StoredObject
from services.store import retention
from services.store.database import Pool
from services.store.listing import list_objects
from services.store.objects import ObjectStore

PAGE = 1000
KINDS = {
    "uploads": StorageKind.UPLOADS,
    "assets": StorageKind.PREVIEWS,
    "inputs": StorageKind.INPUTS,
}
JOB_KINDS = {
    "segments": StorageKind.PARTS,
    "growing": StorageKind.PARTS,
    "outputs": StorageKind.OUTPUTS,
}
AGES = (
    (timedelta(days=1), StorageAge.DAY),
    (timedelta(days=7), StorageAge.WEEK),
    (timedelta(days=30), StorageAge.MONTH),
    (timedelta(days=90), StorageAge.QUARTER),
)


class Shelf(Model):
    """What objects are counted together by."""

    kind: StorageKind
    owner: str | None
    age: StorageAge


async def measure(pool: Pool, objects: ObjectStore) -> list[StorageTotal]:
    """How much is stored, by kind, owner and age."""
    counts: Counter[Shelf] = Counter()
    sizes: Counter[Shelf] = Counter()
    async with pool.acquire() as connection:
        at = await retention.now(connection)
    async for page in _pages(objects):
        owners = await _owners(pool, page)
        for item in page:
            owner = owners.get(_folder(item.key))
            shelf = Shelf(kind=_kind(item.key), owner=owner, age=_age(at - item.modified_at))
            counts[shelf] += 1
            sizes[shelf] += item.size_bytes
    return [
        StorageTotal(**shelf.model_dump(), objects=count, size_bytes=sizes[shelf])
        for shelf, count in counts.items()
    ]


async def _pages(objects: ObjectStore) -> AsyncIterator[list[StoredObject]]:
    page: list[StoredObject] = []
    async for item in list_objects(objects, ""):
        page.append(item)
        if len(page) == PAGE:
            yield page
            page = []
    yield page


async def _owners(pool: Pool, page: list[StoredObject]) -> dict[str, str]:
    """Whose each folder is, by its path."""
    found: dict[str, str] = {}
    folders = {_folder(item.key) for item in page}
    async with pool.acquire() as connection:
        for top in retention.OWNERS:
            names = [name.removeprefix(top) for name in folders if name.startswith(top)]
            owners = await retention.list_owners(connection, top, names)
            found |= {f"{top}{name}": owner for name, owner in owners.items()}
    return found


def _folder(key: str) -> str:
    return "/".join(key.split("/")[:2])


def _kind(key: str) -> StorageKind:
    top, *rest = key.split("/")
    if top == "jobs" and len(rest) > 1:
        return JOB_KINDS.get(rest[1], StorageKind.RECORDS)
    return KINDS.get(top, StorageKind.OTHER)


def _age(age: timedelta) -> StorageAge:
    return next((name for limit, name in AGES if age < limit), StorageAge.OLDER)
