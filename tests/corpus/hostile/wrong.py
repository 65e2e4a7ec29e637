"""Good files in the wrong place, under the wrong name, or of the wrong size; and names alone."""

from collections.abc import Iterator

from tests.corpus.case import AUDIO, IMAGE, VIDEO, Accepted, Case, Desk, Either, Make, dice_of
from tests.corpus.hostile.hostile import Hostiles, clip, picture, sound
from tests.corpus.kitchen import drawn, ffmpeg, marked_source
from tests.corpus.names import ODD_STEMS
from tests.corpus.valid.clip import EXACT, H264, clip_facts, tone
from tests.corpus.valid.picture import packed


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "wrong")
    yield hostile("clip-as-picture", IMAGE, ".mp4", clip())
    yield hostile("clip-as-png", IMAGE, ".png", clip())
    yield hostile("sound-as-picture", IMAGE, ".jpg", sound())
    yield hostile("picture-as-clip", VIDEO, ".mp4", picture("PNG"))
    yield hostile("jpeg-as-clip", VIDEO, ".mov", picture("JPEG"))
    yield hostile("heif-as-clip", VIDEO, ".mp4", picture("AVIF", speed=10))
    yield hostile("picture-as-sound", AUDIO, ".mp3", picture("JPEG"))
    yield hostile("sound-as-clip", VIDEO, ".mp4", sound())
    yield hostile("mp3-as-clip", VIDEO, ".avi", sound(".mp3"))
    yield hostile("m4a-as-clip", VIDEO, ".mp4", sound(".m4a"))
    yield hostile("mka-as-clip", VIDEO, ".mkv", sound(".mka"))
    yield hostile("silent-film-as-sound", AUDIO, ".mp4", clip(sound=None))
    yield hostile("silent-mkv-as-sound", AUDIO, ".mkv", clip(".mkv", sound=None))
    yield hostile("cover-as-clip", VIDEO, ".m4v", _cover_only)
    for suffix in (".exe", ".html", ".svg", ".php", ".sh"):
        yield hostile(f"picture-named{suffix}", IMAGE, suffix, picture("PNG"))
        yield hostile(f"clip-named{suffix}", VIDEO, suffix, clip(frames=8))
    yield hostile("sound-named.js", AUDIO, ".js", sound())
    yield hostile("picture-of-a-pixel", IMAGE, ".png", lambda _: packed(drawn(4, 4), "PNG"))
    yield hostile("picture-too-small", IMAGE, ".jpg", lambda _: packed(drawn(63, 63), "JPEG"))
    yield hostile("clip-too-small", VIDEO, ".mp4", _small_clip)
    yield hostile("clip-changes-size", VIDEO, ".ts", _two_sizes, Either(slack_s=2.0))
    yield from _names(seed)


def _names(seed: int) -> Iterator[Case]:
    """Good files under each of the names that are none."""
    for index, stem in enumerate(ODD_STEMS):
        name = f"hostile/name/{index:02}"
        size = dice_of(seed, name).randrange(70, 150), dice_of(seed, name).randrange(70, 150)
        expected = Accepted({"width": size[0], "height": size[1]}, marked=True)
        yield Case(name, IMAGE, f"{stem}.png", _picture_of(size), expected)
    facts = clip_facts((160, 96), "25", 24, sound=True)
    for name in (
        "concat:a.mp4|b.mp4",
        "subfile,,start,0,end,9,,:a.mp4",
        "file:///etc/x.mp4",
        "%04d.mp4",
    ):
        yield Case(f"hostile/name/clip {name[:6]}", VIDEO, name, clip(), Accepted(facts, 0.05))


def _picture_of(size: tuple[int, int]) -> Make:
    return lambda _desk: packed(drawn(*size), "PNG")


def _cover_only(desk: Desk) -> bytes:
    cover, out = desk.spare(".png"), desk.spare(".mp4")
    drawn(90, 90).save(cover)
    words = ("-map", 0, "-map", 1, "-c:v", "copy", "-c:a", "aac", "-disposition:v", "attached_pic")
    ffmpeg(*tone(1.0), "-i", cover, *words, *EXACT, out)
    return out.read_bytes()


def _small_clip(desk: Desk) -> bytes:
    path = desk.spare(".mp4")
    ffmpeg("-f", "lavfi", "-i", "color=size=8x8:rate=25", "-frames:v", 20, *H264, *EXACT, path)
    return path.read_bytes()


def _two_sizes(desk: Desk) -> bytes:
    """One stream whose pictures change their size half-way."""
    parts = []
    for index, size in enumerate(((160, 96), (96, 160))):
        path = desk.spare(".ts")
        source = ("-f", "lavfi", "-i", marked_source(*size, "25"))
        ffmpeg(*source, "-frames:v", 20, *H264, "-output_ts_offset", 0.8 * index, *EXACT, path)
        parts.append(path.read_bytes())
    return b"".join(parts)
