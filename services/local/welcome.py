"""The one person of the embedded stack, and the link that signs their browser in."""

import asyncpg

from proto.identity import Role
from services.local.layout import Layout
from services.store import identity

LOCAL_USER = "local"


async def make_link(layout: Layout) -> str:
    """A URL that signs a browser on this machine in as the local user, once."""
    connection = await asyncpg.connect(layout.database_url)
    try:
        await identity.add_user(connection, owner=LOCAL_USER, name="You", role=Role.OPERATOR)
        code = await identity.add_link(connection, LOCAL_USER)
    finally:
        await connection.close()
    return f"{layout.url}/sign-in#code={code}"
