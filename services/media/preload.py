"""What a process needs to read media, ready before others are forked from it."""

from PIL import Image

from services.media import examine, faces, inspect, recipe, speech

READERS = (inspect, examine, recipe)
"""What children are told to run: with all it stands on it is imported once, here."""


def load() -> None:
    """Starts no thread: one would not live on in a fork, but what it holds locked would."""
    Image.init()
    faces.load()
    speech.load()
