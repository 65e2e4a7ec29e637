"""A Temporal server of a test's own, with nothing of ours in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.testing import WorkflowEnvironment

from services.local.child import program


@asynccontextmanager
async def temporal_server() -> AsyncIterator[str]:
    """Its address."""
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=program("temporal"), dev_server_log_level="error"
    )
    async with environment:
        yield environment.client.service_client.config.target_host
