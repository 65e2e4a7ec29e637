"""What the stores raise while they restart, are cut off or overloaded."""

import asyncpg
from botocore.exceptions import BotoCoreError, ClientError

from services.store.objects import ObjectStoreUnavailable

STORE_AWAY = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    BotoCoreError,
    ClientError,
    ObjectStoreUnavailable,
)
