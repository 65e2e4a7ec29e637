"""What an upload is, from its index and its first pictures: enough for a verdict."""

from pathlib import Path

from proto.media import AssetKind, MediaFacts
from proto.model import Model
from services.media.examine import THUMBNAIL, Seen, examine, is_quick
from services.media.picture import thumbnail
from services.media.probe import probe
from services.media.proxy import plays_everywhere
from services.media.remote import Source, size_of


class Inspected(Model):
    """thumbnail: its name in the folder. seen: what all of the file gave, if that was quick."""

    facts: MediaFacts
    thumbnail: str | None
    plays_everywhere: bool
    seen: Seen | None


def inspect(source: Source, kind: AssetKind, folder: Path) -> Inspected:
    """Read an upload, and draw its thumbnail in `folder`. Raises MediaRefused."""
    facts = probe(source, kind)
    plays = plays_everywhere(source, facts)
    drawn = thumbnail(source, facts, folder / THUMBNAIL)
    seen = None
    if is_quick(facts, size_of(source)):
        seen = examine(source, kind, facts, folder, wants_proxy=not plays)
    return Inspected(
        facts=facts,
        thumbnail=THUMBNAIL if drawn else None,
        plays_everywhere=plays,
        seen=seen,
    )
