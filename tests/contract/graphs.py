"""Small graphs of core nodes that need no model."""

from itertools import count
from secrets import randbelow
from typing import Any
from uuid import uuid4

FOLDER = "animatrix-contract"
"""Where everything is saved that these tests leave on a server."""

LARGE_PX = 2048
LARGE_COLOUR = randbelow(1 << 24)
PARTS = 256

Node = dict[str, Any]
Graph = dict[str, Any]

_sizes = count()


def node(class_type: str, **inputs: Any) -> Node:
    return {"class_type": class_type, "inputs": inputs}


def new_prefix() -> str:
    return f"{FOLDER}/{uuid4().hex}"


def blank(**inputs: Any) -> Node:
    """A small picture in a colour nobody asked for before."""
    given = {"width": 16, "height": 8, "batch_size": 1, "color": randbelow(1 << 24)}
    return node("EmptyImage", **{**given, **inputs})


def save(source: str, prefix: str | None = None) -> Node:
    wanted = new_prefix() if prefix is None else prefix
    return node("SaveImage", images=[source, 0], filename_prefix=wanted)


def picture(**inputs: Any) -> Graph:
    """A small picture and the node that saves it."""
    return {"image": blank(**inputs), "save": save("image")}


def slow() -> Graph:
    """Keeps any server at work for seconds, yet can be interrupted within a fraction of one.

    An interrupt is looked for when a node starts, so there are many, each short: every part is the
    same large picture shrunk to a size that no part had before, or a cache would have it. A tree
    joins them, because ComfyUI walks a graph by recursion.
    """
    colour = {"color": LARGE_COLOUR, "batch_size": 1}
    graph: Graph = {"large": node("EmptyImage", width=LARGE_PX, height=LARGE_PX, **colour)}
    level = []
    for part in range(PARTS):
        rows, columns = divmod(next(_sizes), 128)
        size = {"width": 8 + columns, "height": 8 + rows, "crop": "disabled"}
        level.append(f"part{part}")
        graph[level[-1]] = node("ImageScale", image=["large", 0], upscale_method="lanczos", **size)
    joins = count()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = []
        for first, second in pairs:
            level.append(f"join{next(joins)}")
            graph[level[-1]] = node("ImageBatch", image1=[first, 0], image2=[second, 0])
    return graph | {"show": node("PreviewImage", images=[level[0], 0])}
