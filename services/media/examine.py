"""What an upload is from end to end: every picture and sound of it decoded once."""

from pathlib import Path

import av
from PIL import Image

from proto.asset import Notice
from proto.errors import ErrorCode
from proto.media import AssetKind, Examination, Face, MediaFacts
from proto.model import Model
from services.media.errors import MediaRefused
from services.media.faces import find_faces
from services.media.hearing import Heard, listen
from services.media.picture import draw_display_copy, thumbnail
from services.media.probe import confirmed
from services.media.proxy import make_proxy
from services.media.remote import Source
from services.media.source import is_indexed, open_media, unreadable
from services.media.still_strip import Still
from services.media.viewing import Viewed, view

PROXY = "proxy.mp4"
DISPLAY_COPY = "display.jpg"
THUMBNAIL = "thumbnail.jpg"
WAVEFORM = "waveform.json"

_QUICK_BYTES = 8_000_000
_QUICK_CLIP_PIXELS = 10_000_000
_QUICK_PICTURE_PIXELS = 16_000_000
_QUICK_SOUND_S = 3.0
_MANY_FRAMES = 10
_TELL_LENGTH = ("mov", "matroska", "flac")
_SHORTER_S = 0.5
_SHORTER_SHARE = 0.03


class Seen(Model):
    """proxy, waveform, stills: names of the files in the folder; none where there was no need."""

    examination: Examination
    proxy: str | None = None
    waveform: str | None = None
    stills: list[str] = []
    notices: list[Notice] = []


def is_quick(facts: MediaFacts, size_bytes: int) -> bool:
    """True where examining takes no longer than a user hardly notices, about 0.1 s of one core."""
    pixels = (facts.width or 0) * (facts.height or 0)
    if facts.kind is AssetKind.IMAGE:
        return pixels <= _QUICK_PICTURE_PIXELS
    if size_bytes > _QUICK_BYTES:
        return False
    if facts.kind is AssetKind.AUDIO:
        return (facts.duration_s or 0) <= _QUICK_SOUND_S
    return pixels * (facts.frame_count or 0) <= _QUICK_CLIP_PIXELS


def examine(
    source: Source, kind: AssetKind, facts: MediaFacts, folder: Path, *, wants_proxy: bool
) -> Seen:
    """Decode all of a file whose index said `facts`, and draw from it in `folder`.

    Raises MediaRefused where decoding shows that the file can't be used after all.
    """
    if kind is AssetKind.IMAGE:
        return _examine_picture(source, facts, folder, wants_proxy=wants_proxy)
    try:
        seen = (_examine_clip if kind is AssetKind.VIDEO else _examine_sound)(source, facts, folder)
    except av.FFmpegError as error:
        raise unreadable() from error
    if not wants_proxy:
        return seen
    make_proxy(source, seen.examination.facts, folder / PROXY)
    return seen.model_copy(update={"proxy": PROXY})


def _examine_picture(source: Source, facts: MediaFacts, folder: Path, *, wants_proxy: bool) -> Seen:
    notices = []
    if facts.pages > 1:
        message = f"This picture has {facts.pages} pages or frames. We use the first one."
        notices.append(Notice(code="first_picture_only", message=message))
    if wants_proxy:
        draw_display_copy(source, folder / DISPLAY_COPY)
    return Seen(
        examination=Examination(facts=facts, faces=[_faces_of_picture(source, facts, folder)]),
        proxy=DISPLAY_COPY if wants_proxy else None,
        notices=notices,
    )


def _faces_of_picture(source: Source, facts: MediaFacts, folder: Path) -> list[Face]:
    drawn = folder / THUMBNAIL
    if not drawn.exists():
        thumbnail(source, facts, drawn)
    with Image.open(drawn) as small:
        return find_faces(small)


def _examine_clip(source: Source, facts: MediaFacts, folder: Path) -> Seen:
    viewed = view(source, facts)
    if viewed.frames == 1 and (facts.frame_count or 0) >= _MANY_FRAMES:
        raise MediaRefused(
            ErrorCode.INVALID_ASSET_FORMAT,
            "Only the first picture of this video can be read. Check that it plays, then export "
            "it again.",
        )
    true = confirmed(facts, frames=viewed.frames, duration_s=viewed.duration_s)
    heard = listen(source, facts) if facts.has_audio else None
    ends_s = max(viewed.duration_s, heard.duration_s if heard else 0.0)
    notices = [*_length_notices(source, facts, ends_s), *_picture_notices(viewed)]
    if facts.has_audio and heard is None:
        true = true.model_copy(
            update={"has_audio": False, "audio_codec": None, "sample_rate": None, "channels": None}
        )
        message = "The sound of this clip can't be read. We use its pictures only."
        notices.append(Notice(code="sound_unreadable", message=message))
    examination = Examination(
        facts=true,
        cuts=viewed.cuts_s,
        loudness=heard.loudness if heard else None,
        faces=[find_faces(still.image) for still in viewed.stills],
        still_times=[still.at_s for still in viewed.stills],
    )
    return Seen(
        examination=examination,
        waveform=_write_waveform(heard, folder) if heard else None,
        stills=[_write_still(still, n, folder) for n, still in enumerate(viewed.stills)],
        notices=[*notices, *(_sound_notices(heard, "the sound of this clip") if heard else [])],
    )


def _examine_sound(source: Source, facts: MediaFacts, folder: Path) -> Seen:
    heard = listen(source, facts)
    if heard is None:
        raise unreadable()
    duration_s = heard.duration_s
    with open_media(source) as container:
        if is_indexed(container) and facts.duration_s is not None:
            # Decoders give whole blocks, beyond the end that an index declares.
            duration_s = min(duration_s, facts.duration_s)
    true = confirmed(facts, frames=None, duration_s=duration_s)
    return Seen(
        examination=Examination(facts=true, loudness=heard.loudness, speech_s=heard.speech_s),
        waveform=_write_waveform(heard, folder),
        notices=[*_length_notices(source, facts, duration_s), *_sound_notices(heard, "this sound")],
    )


def _length_notices(source: Source, said: MediaFacts, found_s: float) -> list[Notice]:
    promised_s = max(said.duration_s or 0.0, _promised_s(source))
    if promised_s - found_s <= max(_SHORTER_S, _SHORTER_SHARE * promised_s):
        return []
    noun = "sound" if said.kind is AssetKind.AUDIO else "clip"
    message = f"This {noun} can only be read up to {found_s:.1f} seconds. We use what comes before."
    return [Notice(code="ends_early", message=message)]


def _promised_s(source: Source) -> float:
    """The length in the file's header; 0 in formats for which libav makes it up itself."""
    with open_media(source) as container:
        if not container.format.name.startswith(_TELL_LENGTH):
            return 0.0
        # Matroska counts from 0, wherever its first picture lies.
        return ((container.duration or 0) - max(0, container.start_time or 0)) / av.time_base


def _picture_notices(viewed: Viewed) -> list[Notice]:
    if not viewed.damaged:
        return []
    message = "Some pictures of this clip are damaged. Check how it plays before you use it."
    return [Notice(code="damaged_pictures", message=message)]


def _sound_notices(heard: Heard, noun: str) -> list[Notice]:
    if heard.silent:
        return [Notice(code="silent", message=f"We hear nothing in {noun}.")]
    if heard.clipped:
        message = f"Loud parts of {noun} are cut off and crackle. A quieter recording is clearer."
        return [Notice(code="clipped", message=message)]
    return []


def _write_waveform(heard: Heard, folder: Path) -> str:
    (folder / WAVEFORM).write_text(heard.waveform.model_dump_json())
    return WAVEFORM


def _write_still(still: Still, number: int, folder: Path) -> str:
    name = f"still-{number}.jpg"
    still.image.save(folder / name, "JPEG", quality=85, optimize=True, progressive=True)
    return name
