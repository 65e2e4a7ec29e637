"""Sounds as recorders, phones, shops and editors write them."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.corpus.case import AUDIO, CLOCK_S, Accepted, Case, Desk, Facts, dice_of
from tests.corpus.kitchen import ffmpeg, marked_source
from tests.corpus.names import odd_name
from tests.corpus.valid.clip import EXACT, H264, tone

Change = Callable[[bytes, Desk], bytes]
COUNTS = {"mono": 1, "stereo": 2, "5.1": 6, "7.1": 8}
FRAMES_S = 0.3
"""Of codecs that pad the start and the end and say so nowhere."""


@dataclass(frozen=True)
class Sounds:
    """Declares sounds of one seed."""

    seed: int

    def __call__(  # noqa: PLR0913
        self,
        name: str,
        suffix: str,
        coding: Sequence[object] = (),
        *,
        layout: str = "stereo",
        rate: int = 48_000,
        seconds: float = 0.0,
        filters: str = "anull",
        container: str = "",
        slack_s: float = CLOCK_S,
        change: Change | None = None,
        facts: Facts | None = None,
        pictures: bool = False,
    ) -> Case:
        """pictures: it is a clip, offered for its sound."""
        name = f"sound/{name}"
        dice = dice_of(self.seed, name)
        seconds = seconds or round(dice.uniform(0.5, 2.5), 2)
        told = {"duration_seconds": seconds, "sample_rate": rate, "channels": COUNTS[layout]}
        told |= {"has_audio": True} | (facts or {})

        def make(desk: Desk) -> Path | bytes:
            path = desk.spare(container or suffix)
            words: list[object] = [*tone(seconds, rate=rate, layout=layout), "-af", filters]
            if pictures:
                words = [*tone(seconds, rate=rate, layout=layout)]
                words += ["-f", "lavfi", "-t", seconds, "-i", marked_source(96, 64, "10"), *H264]
            ffmpeg(*words, *coding, *EXACT, path)
            return path if change is None else change(path.read_bytes(), desk)

        return Case(name, AUDIO, odd_name(dice, suffix), make, Accepted(told, slack_s))


def cases(seed: int) -> Iterator[Case]:
    sound = Sounds(seed)
    yield from _compressed(sound)
    yield from _plain(sound)
    yield from _strange(sound)


def _compressed(sound: Sounds) -> Iterator[Case]:
    lame = ("-c:a", "libmp3lame")
    yield sound("mp3", ".mp3", (*lame, "-b:a", "128k"))
    yield sound("mp3-variable", ".mp3", (*lame, "-q:a", 4))
    yield sound("mp3-no-header", ".mp3", (*lame, "-write_xing", 0), slack_s=FRAMES_S)
    yield sound(
        "mp3-no-tag", ".MP3", (*lame, "-id3v2_version", 0, "-write_id3v1", 1), slack_s=FRAMES_S
    )
    yield sound("mp3-8000", ".mp3", lame, rate=8_000, layout="mono", slack_s=FRAMES_S)
    yield sound("mp3-22050", ".mp3", lame, rate=22_050, layout="mono", slack_s=FRAMES_S)
    yield sound("mp3-cover", ".mp3", lame, change=_with_cover(".mp3"))
    yield sound("mp3-big-tag", ".mp3", (*lame, "-metadata", "comment=" + "long " * 4000))
    yield sound("m4a", ".m4a", ("-c:a", "aac"))
    yield sound("m4a-cover", ".m4a", ("-c:a", "aac"), change=_with_cover(".m4a"))
    yield sound("m4a-5.1", ".m4a", ("-c:a", "aac"), layout="5.1")
    yield sound("m4a-96000", ".m4a", ("-c:a", "aac"), rate=96_000)
    yield sound("alac", ".m4a", ("-c:a", "alac"))
    yield sound("mp4-only-sound", ".mp4", ("-c:a", "aac"))
    yield sound("mov-only-sound", ".mov", ("-c:a", "pcm_s16be"))
    yield sound("aac", ".aac", ("-c:a", "aac"), slack_s=FRAMES_S)
    yield sound("aac-16000", ".aac", ("-c:a", "aac"), rate=16_000, layout="mono", slack_s=FRAMES_S)
    yield from _open(sound)


def _open(sound: Sounds) -> Iterator[Case]:
    yield sound("vorbis", ".ogg", ("-c:a", "libvorbis"))
    yield sound("vorbis-oga", ".oga", ("-c:a", "libvorbis"), rate=22_050, layout="mono")
    yield sound("opus", ".opus", ("-c:a", "libopus"))
    yield sound("opus-ogg", ".ogg", ("-c:a", "libopus"), layout="mono")
    yield sound("opus-webm", ".webm", ("-c:a", "libopus"))
    yield sound("flac", ".flac", ("-c:a", "flac"))
    yield sound("flac-24", ".flac", ("-c:a", "flac", "-sample_fmt", "s32"), rate=96_000)
    yield sound("flac-ogg", ".oga", ("-c:a", "flac"))
    yield sound("flac-mka", ".mka", ("-c:a", "flac"))
    yield sound("ac3-mka", ".mka", ("-c:a", "ac3"), layout="5.1", container=".mka")
    yield sound("mp2-mka", ".mka", ("-c:a", "mp2"))
    yield sound("ac3-mp4", ".m4a", ("-c:a", "ac3"), container=".mp4")
    yield sound(
        "amr", ".3gp", rate=8_000, layout="mono", container=".wav", change=_amr, slack_s=FRAMES_S
    )


def _plain(sound: Sounds) -> Iterator[Case]:
    for codec in ("u8", "s16le", "s24le", "s32le", "f32le", "f64le", "alaw", "mulaw"):
        yield sound(f"wav-{codec}", ".wav", ("-c:a", f"pcm_{codec}"))
    yield sound("wav-adpcm", ".wav", ("-c:a", "adpcm_ima_wav"), slack_s=FRAMES_S)
    yield sound("wav-adpcm-ms", ".wav", ("-c:a", "adpcm_ms"), slack_s=FRAMES_S)
    for rate in (8_000, 11_025, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000):
        yield sound(f"wav-{rate}", ".wav", rate=rate)
    for layout in ("mono", "5.1", "7.1"):
        yield sound(f"wav-{layout}", ".wav", layout=layout)
    yield sound("wav-rf64", ".wav", ("-rf64", "always"))
    yield sound("wav-upper", ".WAV")
    yield sound("wav-broadcast", ".wav", ("-write_bext", 1, "-metadata", "originator=field"))
    yield sound("wav-streamed", ".wav", change=_streamed)
    yield sound("aiff", ".aiff", ("-c:a", "pcm_s16be"))
    yield sound("aiff-24", ".aif", ("-c:a", "pcm_s24be"), rate=44_100)


def _strange(sound: Sounds) -> Iterator[Case]:
    yield sound("silent", ".wav", filters="volume=0")
    yield sound("clipped", ".wav", filters="volume=60dB")
    yield sound("loud-float", ".wav", ("-c:a", "pcm_f32le"), filters="volume=20dB")
    yield sound("offset", ".wav", filters="dcshift=0.4")
    yield sound("short", ".wav", seconds=0.35)
    yield sound("moment", ".wav", seconds=0.02)
    yield sound("half-minute", ".mp3", ("-c:a", "libmp3lame"), seconds=30.0)
    yield sound("of-a-clip", ".mp4", ("-c:a", "aac"), pictures=True)
    yield sound("of-a-clip.mkv", ".mkv", ("-c:a", "libopus"), pictures=True)
    yield sound("of-a-clip.mov", ".mov", ("-c:a", "pcm_s16le"), pictures=True)
    yield sound("fragments", ".m4a", ("-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"))
    yield sound("live.mka", ".mka", ("-c:a", "libopus", "-live", 1), container=".mka")


def _with_cover(suffix: str) -> Change:
    def change(content: bytes, desk: Desk) -> bytes:
        plain, cover, out = desk.spare(suffix), desk.spare(".jpg"), desk.spare(suffix)
        plain.write_bytes(content)
        Image.new("RGB", (120, 120), (200, 90, 9)).save(cover)
        words = ("-map", 0, "-map", 1, "-c", "copy", "-disposition:v", "attached_pic")
        ffmpeg("-i", plain, "-i", cover, *words, *EXACT, out)
        return out.read_bytes()

    return change


def _streamed(content: bytes, _desk: Desk) -> bytes:
    """As a recorder leaves it that could not go back and write the sizes."""
    at = content.index(b"data")
    unknown = struct.pack("<I", 0xFFFFFFFF)
    return content[:4] + unknown + content[8 : at + 4] + unknown + content[at + 8 :]


def _amr(content: bytes, desk: Desk) -> bytes:
    """Frames of 12.2 kbit/s (RFC 4867) of noise: there is nothing here that codes it.

    content: as long as the sound is to be.
    """
    count = round((len(content) - 44) / 2 / 8_000 * 50)
    raw, out = desk.spare(".amr"), desk.spare(".3gp")
    raw.write_bytes(b"#!AMR\n" + b"".join(b"\x3c" + desk.dice.randbytes(31) for _ in range(count)))
    ffmpeg("-i", raw, "-c", "copy", *EXACT, out)
    return out.read_bytes()
