from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from services.media.errors import BadSegment
from services.media.finish import FinishedFiles, finish
from services.media.part import Part
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Pixels,
    Sound,
    brightening,
    grey,
    loud_seconds,
    quarters,
    read_frames,
    read_picture,
    read_sound,
    sound_s,
    write_clip,
    write_sound,
)

GRAPH = {"prompt": '{"3": {"class_type": "KSampler"}}', "workflow": "secret-graph"}
VOICE = Sound(codec="pcm_s16le")
BT709, BT601 = 1, 6


def segment(
    path: Path, frames: Sequence[Pixels], sound: Sound | None = None, preset: str = "ultrafast"
) -> Path:
    """As ComfyUI saves one: untagged colours, the graph in its metadata, index at the end.

    preset: ComfyUI's is "medium", whose frames depend on later ones too.
    """
    return write_clip(path, Clip(frames, fps=16, sound=sound, metadata=GRAPH, preset=preset))


def coded_unlike(folder: Path, frames: Sequence[Pixels]) -> list[Path]:
    """Two segments that can't share a stream."""
    presets = ["ultrafast", "medium"]
    return [segment(folder / f"{preset}.mp4", frames, preset=preset) for preset in presets]


def noise(count: int) -> list[Pixels]:
    return list(np.random.default_rng(1).integers(0, 255, (count, 64, 96, 3), dtype=np.uint8))


def sliding(count: int) -> list[Pixels]:
    """Quarters that move on by a few pixels a frame."""
    return [np.roll(quarters(), (3 * number, 5 * number), (0, 1)) for number in range(count)]


def finished(
    tmp_path: Path, segments: list[Path], frames: int, sound: Path | None = None
) -> FinishedFiles:
    """frames: of each segment."""
    out_dir = tmp_path / "out"
    out_dir.mkdir(exist_ok=True)
    return finish([Part(path, frames) for path in segments], sound, out_dir, SMALL)


def colours(path: Path) -> tuple[int, int, int]:
    """Primaries, transfer and matrix, as the first frame itself says."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        return frame.color_primaries, frame.color_trc, frame.colorspace


def shown_at(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [(frame.pts or 0) * (frame.time_base or Fraction(0)) for frame in frames]


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


@pytest.mark.parametrize(
    ("presets", "matrix"),
    [(["medium"], BT601), (["medium"] * 2, BT601), (["medium", "ultrafast"], BT709)],
)
def test_a_result_says_what_its_colours_are(
    tmp_path: Path, presets: list[str], matrix: int
) -> None:
    parts = [
        segment(tmp_path / f"{number}.mp4", brightening(17), preset=preset)
        for number, preset in enumerate(presets)
    ]
    assert colours(finished(tmp_path, parts, 17).video) == (BT709, BT709, matrix)


def test_encoding_anew_keeps_the_colours(tmp_path: Path) -> None:
    parts = coded_unlike(tmp_path, [quarters()] * 5)
    errors = read_frames(finished(tmp_path, parts, 5).video)[2].astype(int) - quarters()
    assert np.abs(errors[8:24, 8:40].mean(axis=(0, 1))).max() < 4
    assert np.abs(errors[40:56, 8:40].mean(axis=(0, 1))).max() < 4


@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_a_segment_that_is_right_already_is_not_touched(tmp_path: Path, preset: str) -> None:
    part = segment(tmp_path / "a.mp4", noise(17), preset=preset)
    result = finished(tmp_path, [part], 17, write_sound(tmp_path / "a.wav", VOICE)).video
    assert np.array_equal(read_frames(result), read_frames(part))
    assert shown_at(result) == [Fraction(number, 16) for number in range(17)]
    assert watch(result).boxes.index("moov") < watch(result).boxes.index("mdat")
    assert abs(sound_s(result) - 17 / 16) <= 1 / 16


def test_a_segment_that_names_its_colours_keeps_them(tmp_path: Path) -> None:
    parts = coded_unlike(tmp_path, [quarters()] * 5)
    tagged = finished(tmp_path, parts, 5).video.rename(tmp_path / "tagged.mp4")
    result = finished(tmp_path, [tagged], 10).video
    assert np.array_equal(read_frames(result), read_frames(tagged))
    assert colours(result) == colours(tagged) == (BT709, BT709, BT709)


def test_frames_at_the_end_are_left_out_without_encoding(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", noise(33))
    result = finished(tmp_path, [part], 30).video
    assert np.array_equal(read_frames(result), read_frames(part)[:30])


@pytest.mark.parametrize("frames", range(13, 18))
def test_the_last_frame_is_right_where_frames_depend_on_later_ones(
    tmp_path: Path, frames: int
) -> None:
    part = segment(tmp_path / "a.mp4", sliding(17), preset="medium")
    seen = read_frames(finished(tmp_path, [part], frames).video).astype(int)
    assert len(seen) == frames
    assert np.abs(seen - read_frames(part)[:frames]).mean(axis=(1, 2, 3)).max() < 3


def test_an_unsteady_segment_becomes_steady(tmp_path: Path) -> None:
    times_ms = [round(number * 62.5) + number % 3 * 10 for number in range(18)]
    clip = Clip(brightening(18), times_ms=times_ms)
    result = finished(tmp_path, [write_clip(tmp_path / "a.mp4", clip)], 18).video
    assert shown_at(result) == [Fraction(number, 16) for number in range(18)]


def test_a_segment_no_browser_plays_is_encoded_anew(tmp_path: Path) -> None:
    clip = Clip([quarters()] * 5, fps=16, pixel_format="yuv444p")
    result = finished(tmp_path, [write_clip(tmp_path / "a.mp4", clip)], 5).video
    assert watch(result).pixel_format == "yuv420p"
    assert np.abs(read_frames(result)[2].astype(int) - quarters()).mean() < 4


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
    parts = coded_unlike(tmp_path, noise(9))
    voice = write_sound(tmp_path / "a.wav", VOICE)
    first = finished(tmp_path, parts, 9, voice).video.rename(tmp_path / "first.mp4")
    again = finished(tmp_path, parts, 9, voice).video
    assert np.abs(read_frames(first).astype(int) - read_frames(again)).mean() < 0.5
    assert np.array_equal(read_sound(first)[0], read_sound(again)[0])


def test_the_first_frame_is_the_first_frame_without_loss(tmp_path: Path) -> None:
    files = finished(tmp_path, [segment(tmp_path / "a.mp4", noise(17))], 17)
    picture = read_picture(files.first_frame)
    assert np.abs(picture.astype(int) - read_frames(files.video)[0]).max() <= 1


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
    files = finish([Part(part, 5)], None, tmp_path, VideoShape(*size, Fraction(16)))
    with Image.open(files.preview) as image:
        assert (image.format, image.size) == ("WEBP", shown)


def test_the_preview_has_the_colours_of_the_video(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", [quarters()] * 5)
    with Image.open(finished(tmp_path, [part], 5).preview) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert np.abs((pixels - quarters())[8:24, 8:40].mean(axis=(0, 1))).max() < 6
    assert np.abs((pixels - quarters())[40:56, 8:40].mean(axis=(0, 1))).max() < 6


def test_the_preview_plays_the_first_three_seconds(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(65))
    with Image.open(finished(tmp_path, [part], 65).preview) as image:
        shown_ms = 0
        for picture in ImageSequence.Iterator(image):
            last = float(np.asarray(picture.convert("L")).mean())
            shown_ms += picture.info["duration"]
    assert shown_ms == 3000
    assert abs(last - (30 + 190 * 46 / 65)) < 10


def test_too_few_frames_are_no_result(tmp_path: Path) -> None:
    part = segment(tmp_path / "a.mp4", brightening(17))
    with pytest.raises(BadSegment, match=r"a\.mp4 holds 17 frames, not 18"):
        finished(tmp_path, [part], 18)
