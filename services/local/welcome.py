"""The one person of the embedded stack, and the link that signs their browser in."""

import asyncpg

from proto.identity import Role
from services.local.layout import Layout
from services.store import audit, identity
from services.store.audit import Actor
from services.store.database import Connection

LOCAL_USER = "local"


async def make_link(layout: Layout, actor: Actor) -> str:
    """A URL that signs a browser on this machine in as the local user, once."""
    connection = await asyncpg.connect(layout.database_url)
    try:
        async with connection.transaction():
            code = await _add_link(connection, actor)
    finally:
        await connection.close()
    return f"{layout.url}/sign-in#code={code}"


async def _add_link(connection: Connection, actor: Actor) -> str:
    await identity.add_user(connection, owner=LOCAL_USER, name="You", role=Role.OPERATOR)
    code = await identity.add_link(connection, LOCAL_USER)
    await audit.write(
        connection,
        who=actor,
        action="link.make",
        subject=f"user/{LOCAL_USER}",
        before=None,
        after=None,
        why="asked for at the machine itself",
    )
    return code
