"""Clips with other sounds, with none, and with more than a picture and a sound."""

from collections.abc import Iterator, Sequence

from PIL import Image

from tests.corpus.case import Case, Desk
from tests.corpus.kitchen import ffmpeg
from tests.corpus.valid.clip import AAC, EXACT, Change, Clips, tone
from tests.corpus.valid.codecs import OPUS, PCM

LAYOUTS = {"mono": "mono", "2.1": "2.1", "quad": "quad", "5.1": "5.1", "7.1": "7.1"}
RATES = (8_000, 11_025, 22_050, 32_000, 44_100, 96_000)


def cases(seed: int) -> Iterator[Case]:
    clip = Clips(seed)
    yield from _sounds(clip)
    yield from _several(clip)


def _sounds(clip: Clips) -> Iterator[Case]:
    for name, layout in LAYOUTS.items():
        yield clip(f"sound-{name}", ".mp4", layout=layout)
    for rate in RATES:
        yield clip(f"sound-{rate}", ".mp4", rate=rate)
    yield clip("sound-192000", ".mov", sound=("-c:a", "pcm_s24le"), rate=192_000)
    yield clip("sound-float", ".mov", sound=("-c:a", "pcm_f32le"))
    yield clip("sound-8-bit", ".avi", ("-c:v", "mpeg4", "-threads", "1"), sound=("-c:a", "pcm_u8"))
    yield clip("sound-a-law", ".mov", sound=("-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"))
    yield clip("sound-adpcm", ".mov", sound=("-c:a", "adpcm_ima_qt"))
    yield clip("sound-alac", ".mov", sound=("-c:a", "alac"))
    yield clip("sound-ac3", ".ts", sound=("-c:a", "ac3"), slack_s=0.09)
    yield clip("sound-ac3-5.1", ".mp4", sound=("-c:a", "ac3"), layout="5.1")
    yield clip("sound-eac3", ".mp4", sound=("-c:a", "eac3"), layout="5.1")
    yield clip("sound-mp2", ".ts", sound=("-c:a", "mp2"), slack_s=0.09)
    yield clip("sound-mp3", ".mp4", sound=("-c:a", "libmp3lame"))
    yield clip("sound-opus", ".mp4", sound=OPUS)
    yield clip("sound-opus-5.1", ".mkv", sound=OPUS, layout="5.1")
    yield clip("sound-vorbis", ".mkv", sound=("-c:a", "libvorbis"))
    yield clip("sound-flac", ".mkv", sound=("-c:a", "flac"))
    yield clip("sound-flac.mp4", ".mp4", sound=("-c:a", "flac", "-strict", "-2"))
    yield clip("sound-silent", ".mp4", sound=(*AAC, "-af", "volume=0"))
    yield clip("sound-clipped", ".mp4", sound=(*AAC, "-af", "volume=40dB"))
    yield clip("no-sound", ".mp4", sound=None)
    yield clip("no-sound.mov", ".mov", sound=None)
    yield clip("no-sound.ts", ".ts", sound=None, slack_s=0.09)
    yield clip("no-sound.avi", ".avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), sound=None)


def _several(clip: Clips) -> Iterator[Case]:
    second_sound = (*tone(1.0), "-map", "0", "-map", "1:a", "-c", "copy", "-c:a:1", "aac")
    yield clip("two-sounds", ".mp4", change=_muxed(".mp4", second_sound))
    yield clip("two-sounds.mkv", ".mkv", change=_muxed(".mkv", second_sound))
    small = (
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=64x48:rate=10:duration=1",
        "-map",
        "0",
        "-map",
        "1:v",
    )
    second = (*small, "-c", "copy", "-c:v:1", "mpeg4")
    yield clip("two-pictures", ".mp4", change=_muxed(".mp4", second))
    yield clip("two-pictures.mkv", ".mkv", change=_muxed(".mkv", second))
    yield clip(
        "sound-first", ".mp4", change=_muxed(".mp4", ("-map", "0:a", "-map", "0:v", "-c", "copy"))
    )
    yield clip("cover", ".mp4", change=_with_cover(".mp4"))
    yield clip("cover.mkv", ".mkv", change=_with_cover(".mkv"))
    yield clip("words", ".mp4", change=_with_words(".mp4", "mov_text"))
    yield clip("words.mkv", ".mkv", change=_with_words(".mkv", "srt"))
    yield clip("chapters", ".mp4", change=_with_chapters)
    yield clip("attachment", ".mkv", change=_with_attachment)
    yield clip("poster-pcm", ".mov", sound=PCM, change=_with_cover(".mov"))


def _muxed(suffix: str, words: Sequence[object]) -> Change:
    """The clip as the first input, and what the words add to it."""

    def change(content: bytes, desk: Desk) -> bytes:
        whole, out = desk.spare(suffix), desk.spare(suffix)
        whole.write_bytes(content)
        ffmpeg("-i", whole, *words, *EXACT, out)
        return out.read_bytes()

    return change


def _with_cover(suffix: str) -> Change:
    def change(content: bytes, desk: Desk) -> bytes:
        cover = desk.spare(".png")
        Image.new("RGB", (90, 90), (9, 90, 9)).save(cover)
        words: tuple[object, ...] = ("-map", 0, "-c", "copy", "-attach", cover)
        words += ("-metadata:s:t", "mimetype=image/png")
        if suffix != ".mkv":
            words = ("-i", cover, "-map", 0, "-map", 1, "-c", "copy")
            words += ("-disposition:v:1", "attached_pic")
        return _muxed(suffix, words)(content, desk)

    return change


def _with_words(suffix: str, codec: str) -> Change:
    def change(content: bytes, desk: Desk) -> bytes:
        words = desk.spare(".srt")
        words.write_text("1\n00:00:00,000 --> 00:00:00,400\nHello\n", encoding="utf-8")
        added = ("-i", words, "-map", 0, "-map", 1, "-c", "copy", "-c:s", codec)
        return _muxed(suffix, added)(content, desk)

    return change


def _with_chapters(content: bytes, desk: Desk) -> bytes:
    notes = desk.spare(".txt")
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=One\n"
    notes.write_text(f";FFMETADATA1\n{chapter}", encoding="utf-8")
    return _muxed(".mp4", ("-i", notes, "-map_chapters", 1, "-map", 0, "-c", "copy"))(content, desk)


def _with_attachment(content: bytes, desk: Desk) -> bytes:
    font = desk.spare(".ttf")
    font.write_bytes(b"\0\1\0\0" + desk.dice.randbytes(400))
    words = ("-map", 0, "-c", "copy", "-attach", font, "-metadata:s:t", "mimetype=font/ttf")
    return _muxed(".mkv", words)(content, desk)
