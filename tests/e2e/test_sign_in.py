"""The way in, and what becomes of a page whose person is signed out."""

import re

import pytest
from playwright.async_api import Browser, expect

from proto.identity import Role
from services.local.layout import Layout
from services.store import database, identity
from services.store.identity import Link
from tests.access import Way, let_in
from tests.e2e.conftest import open_studio

pytestmark = pytest.mark.asyncio(loop_scope="session")
