"""What a server needs once before we use it. Every step may be repeated."""

import subprocess

from services.local.child import program
from services.local.layout import Layout
from temporal.queues import SEARCH_ATTRIBUTES

RETENTION = "720h"


def prepare_temporal(layout: Layout) -> None:
    """Search attributes and retention: both are ignored as start flags once the file exists."""
    attributes = []
    for key in SEARCH_ATTRIBUTES:
        kind = "KeywordList" if key.indexed_value_type.name == "KEYWORD_LIST" else "Keyword"
        attributes += ["--name", key.name, "--type", kind]
    _temporal(layout, "operator", "search-attribute", "create", *attributes)
    _temporal(layout, "operator", "namespace", "update", "-n", "default", "--retention", RETENTION)


def _temporal(layout: Layout, *arguments: str) -> None:
    subprocess.run(
        [program("temporal"), *arguments, "--address", layout.temporal_address],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=30,
    )
