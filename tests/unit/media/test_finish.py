from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from services.media.errors import BadSegment
from services.media.finish import FinishedFiles, finish
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Pixels,
    Sound,
    brightening,
    grey,
    levels,
    loud_seconds,
    quarters,
    read_frames,
    read_picture,
    read_sound,
    sound_s,
    truncated,
    write_clip,
    write_sound,
)

GRAPH = {"prompt": '{"3": {"class_type": "KSampler"}}', "workflow": "secret-graph"}
VOICE = Sound(codec="pcm_s16le")


def segment(path: Path, frames: Sequence[Pixels], sound: Sound | None = None) -> Path:
    """As ComfyUI saves one: untagged colours, the graph in its metadata, index at the end."""
    return write_clip(path, Clip(frames, fps=16, sound=sound, metadata=GRAPH))


def finished(
    tmp_path: Path, segments: list[Path], frames: int, sound: Path | None = None
) -> FinishedFiles:
    out_dir = tmp_path / "out"
    out_dir.mkdir(exist_ok=True)
    return finish(segments, sound, out_dir, SMALL, frames)


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("frames", [1, 17, 30, 33])
def test_a_result_has_exactly_the_frames_promised(tmp_path: Path, frames: int) -> None:
    part = segment(tmp_path / "a.mp4", brightening(max(frames, 33 if frames >= 30 else frames)))
    result = watch(finished(tmp_path, [part], frames).video)
    assert (result.frames, result.size, result.fps) == (frames, (96, 64), Fraction(16))
    assert (result.codec, result.pixel_format) == ("h264", "yuv420p")


def test_the_graph_in_a_segment_does_not_reach_the_result(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17))
    assert b"secret-graph" in part.read_bytes()
    files = finished(tmp_path, [part], 17)
    for file in (files.video, files.poster, files.first_frame, files.preview):
        assert b"secret-graph" not in file.read_bytes()
        assert b"KSampler" not in file.read_bytes()
    assert set(watch(files.video).tags) <= {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "language",
        "handler_name",
        "vendor_id",
    }


def test_a_result_plays_before_it_has_arrived(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17), Sound())
    boxes = watch(finished(tmp_path, [part], 17).video).boxes
    assert boxes.index("moov") < boxes.index("mdat")


def test_a_result_says_that_its_colours_are_bt709(tmp_path: Path) -> None:
    files = finished(tmp_path, [segment(tmp_path / "a.mp4", brightening(17))], 17)
    with av.open(str(files.video)) as container:
        context = container.streams.video[0].codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc)
        assert (tags, context.color_range) == ((1, 1, 1), 1)


def test_encoding_anew_keeps_the_colours(tmp_path: Path) -> None:
    files = finished(tmp_path, [segment(tmp_path / "a.mp4", [quarters()] * 5)], 5)
    errors = read_frames(files.video)[2].astype(int) - quarters()
    assert np.abs(errors[8:24, 8:40].mean(axis=(0, 1))).max() < 4
    assert np.abs(errors[40:56, 8:40].mean(axis=(0, 1))).max() < 4


def test_a_segment_that_is_right_already_is_copied(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17))
    first = finished(tmp_path, [part], 17).video.rename(tmp_path / "first.mp4")
    voice = write_sound(tmp_path / "a.wav", VOICE)
    second = finished(tmp_path, [first], 17, voice).video
    assert packets(second) == packets(first)
    assert watch(second).boxes.index("moov") < watch(second).boxes.index("mdat")
    assert abs(sound_s(second) - 17 / 16) <= 1 / 16


def test_a_segment_in_other_colours_is_not_copied(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", [quarters()] * 5)
    assert packets(finished(tmp_path, [part], 5).video) != packets(part)


def test_segments_follow_each_other(tmp_path: Path) -> None:
    parts = [
        segment(tmp_path / f"{shade}.mp4", [grey(shade)] * count)
        for shade, count in [(60, 17), (120, 9), (180, 6)]
    ]
    seen = levels(finished(tmp_path, parts, 30).video)
    assert len(seen) == 30
    assert np.abs(seen - np.repeat([60, 120, 180], [17, 9, 4])).max() < 4


@pytest.mark.parametrize("seconds", [0.5, 1.0625, 4.0])
@pytest.mark.parametrize("codec", ["pcm_s16le", "flac"])
def test_sound_ends_with_the_pictures(tmp_path: Path, seconds: float, codec: str) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17), Sound(seconds=3))
    suffix = ".flac" if codec == "flac" else ".wav"
    voice = write_sound(tmp_path / f"voice{suffix}", Sound(seconds=seconds, codec=codec))
    result = watch(finished(tmp_path, [part], 17, voice).video)
    assert result.audio_codec == "aac"
    assert abs((result.audio_s or 0) - result.video_s) <= 1 / 16


def test_a_short_sound_ends_in_silence(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(33))
    voice = write_sound(tmp_path / "a.wav", Sound(seconds=1, codec="pcm_s16le"))
    loud = loud_seconds(finished(tmp_path, [part], 33, voice).video)
    assert all(loud[:10])
    assert not any(loud[11:])


def test_no_soundtrack_gives_no_sound(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17), Sound())
    assert watch(finished(tmp_path, [part], 17).video).audio_codec is None


def test_finishing_again_gives_the_same_frames_and_sound(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (17, 64, 96, 3), dtype=np.uint8)
    parts = [segment(tmp_path / "a.mp4", list(noise))]
    voice = write_sound(tmp_path / "a.wav", VOICE)
    first = finished(tmp_path, parts, 17, voice).video.rename(tmp_path / "first.mp4")
    again = finished(tmp_path, parts, 17, voice).video
    assert np.abs(read_frames(first).astype(int) - read_frames(again)).mean() < 0.5
    assert np.array_equal(read_sound(first)[0], read_sound(again)[0])


def test_the_first_frame_is_the_first_frame(tmp_path: Path) -> None:
    frames = [quarters(), *[grey(20)] * 16]
    picture = read_picture(
        finished(tmp_path, [segment(tmp_path / "a.mp4", frames)], 17).first_frame
    )
    assert picture.shape == (64, 96, 3)
    assert np.abs(picture.astype(int) - quarters()).mean() < 5


def test_the_poster_is_the_middle_frame(tmp_path: Path) -> None:
    frames = [*[grey(20)] * 8, quarters(), *[grey(20)] * 8]
    poster = finished(tmp_path, [segment(tmp_path / "a.mp4", frames)], 17).poster
    with Image.open(poster) as image:
        assert (image.format, image.size) == ("JPEG", (96, 64))
    assert np.abs(read_picture(poster).astype(int) - quarters()).mean() < 8


@pytest.mark.parametrize(
    ("size", "shown"), [((1280, 720), (640, 360)), ((288, 512), (202, 360)), ((96, 64), (96, 64))]
)
def test_the_preview_fits_360_lines(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    part = segment(tmp_path / "a.mp4", brightening(5, *size))
    files = finish([part], None, tmp_path, VideoShape(*size, Fraction(16)), 5)
    with Image.open(files.preview) as image:
        assert (image.format, image.size) == ("WEBP", shown)


def test_the_preview_plays_the_first_three_seconds(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(65))
    with Image.open(finished(tmp_path, [part], 65).preview) as image:
        shown_ms = 0
        for picture in ImageSequence.Iterator(image):
            last = float(np.asarray(picture.convert("L")).mean())
            shown_ms += picture.info["duration"]
    assert shown_ms == 3000
    assert abs(last - (30 + 190 * 46 / 65)) < 10


def test_a_truncated_segment_is_bad(tmp_path: Path) -> None:
    part = truncated(segment(tmp_path / "a.mp4", brightening(17)), 0.7)
    with pytest.raises(BadSegment, match="does not decode"):
        finished(tmp_path, [part], 17)


@pytest.mark.parametrize("content", [b"", b"<html>502 Bad Gateway</html>"])
def test_a_segment_that_is_no_video_is_bad(tmp_path: Path, content: bytes) -> None:
    part = tmp_path / "a.mp4"
    part.write_bytes(content)
    with pytest.raises(BadSegment, match="does not decode"):
        finished(tmp_path, [part], 17)


@pytest.mark.parametrize("promised", [18, 13])
def test_a_segment_of_another_length_is_bad(tmp_path: Path, promised: int) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17))
    with pytest.raises(BadSegment, match=rf"17 in all, not {promised}"):
        finished(tmp_path, [part], promised)


def test_a_segment_of_another_size_is_bad(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17, 64, 96))
    with pytest.raises(BadSegment, match="64x96, not 96x64"):
        finished(tmp_path, [part], 17)


def test_a_segment_at_another_rate_is_bad(tmp_path: Path) -> None:
    part = write_clip(tmp_path / "a.mp4", Clip(brightening(17), fps=30))
    with pytest.raises(BadSegment, match="30 frames a second, not 16"):
        finished(tmp_path, [part], 17)


def test_a_segment_with_lost_frames_is_bad(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (17, 64, 96, 3), dtype=np.uint8)
    whole = segment(tmp_path / "a.mp4", list(noise))
    first = finished(tmp_path, [whole], 17).video.rename(tmp_path / "first.mp4")
    with pytest.raises(BadSegment, match="of 17 frames"):
        finished(tmp_path, [truncated(first, 0.6)], 17)
