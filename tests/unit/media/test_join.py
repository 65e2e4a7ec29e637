import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from services.media.errors import BadSegment
from services.media.finish import finish, grow
from services.media.part import Part
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    SMALL,
    Clip,
    Sound,
    corners,
    grey,
    loud_seconds,
    numbered,
    quarters,
    read_frames,
    read_numbers,
    read_picture,
    render_parts,
    save_segment,
    sound_s,
    write_clip,
    write_sound,
)

RATES = [Fraction(16), Fraction(24), Fraction(30_000, 1001), Fraction(15, 2)]
JOIN = """
import sys
from fractions import Fraction
from pathlib import Path
from services.media.finish import grow
from services.media.part import Part
from services.media.shape import VideoShape
*paths, sound, out, rounds = sys.argv[1:]
parts = [Part(Path(path), 33) for path in paths] * int(rounds)
grow(parts, Path(sound), Path(out), VideoShape(96, 64, Fraction(16)))
# Not getrusage: what it says of a child begins with its parent's peak.
status = Path("/proc/self/status").read_text().split()
print(status[status.index("VmHWM:") + 1])
"""


def rated(fps: Fraction) -> VideoShape:
    return VideoShape(96, 64, fps)


def joined(folder: Path, parts: list[Part], shape: VideoShape = SMALL) -> Path:
    grow(parts, None, folder / "joined.mp4", shape)
    return folder / "joined.mp4"


def coded_unlike(folder: Path, lengths: list[int]) -> list[Part]:
    """As render_parts, but the last part has no B-frames, which its parameter sets say."""
    *parts, last = render_parts(folder, lengths)
    start = sum(part.frames for part in parts)
    frames = [numbered(start + number) for number in range(last.frames)]
    return [*parts, Part(write_clip(last.path, Clip(frames, fps=16)), last.frames)]


def packet_times(path: Path) -> list[tuple[Fraction, Fraction]]:
    """When each packet is decoded and shown, in seconds, in the order of the file."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return [
            ((packet.dts or 0) * packet.time_base, (packet.pts or 0) * packet.time_base)
            for packet in packets
        ]


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_segments_are_joined_frame_by_frame(tmp_path: Path, fps: Fraction) -> None:
    parts = render_parts(tmp_path, [33, 29, 17], rated(fps))
    result = joined(tmp_path, parts, rated(fps))
    assert read_numbers(result) == list(range(79))
    assert np.array_equal(
        read_frames(result), np.concatenate([read_frames(part.path) for part in parts])
    )


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_joined_frames_are_timed_exactly(tmp_path: Path, fps: Fraction) -> None:
    times = packet_times(
        joined(tmp_path, render_parts(tmp_path, [33, 29, 17], rated(fps)), rated(fps))
    )
    assert sorted(shown for _, shown in times) == [number / fps for number in range(79)]
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(times))
    assert all(decoded <= shown for decoded, shown in times)
    assert [shown for _, shown in times] != sorted(shown for _, shown in times)


def test_segments_of_one_frame_are_joined(tmp_path: Path) -> None:
    result = joined(tmp_path, render_parts(tmp_path, [1, 1, 2, 1]))
    assert read_numbers(result) == [0, 1, 2, 3, 4]


def test_a_joined_video_can_be_entered_at_each_segment(tmp_path: Path) -> None:
    result = joined(tmp_path, render_parts(tmp_path, [33, 29, 17]))
    with av.open(str(result)) as container:
        stream = container.streams.video[0]
        container.seek(round(62 / 16 / (stream.time_base or 1)), stream=stream)
        entered = next(container.decode(stream))
        assert entered.key_frame
        assert entered.time == 62 / 16


@pytest.mark.parametrize("lengths", [[17, 9, 8], [9, 9, 1]], ids=str)
def test_segments_coded_unlike_each_other_are_joined(tmp_path: Path, lengths: list[int]) -> None:
    result = joined(tmp_path, coded_unlike(tmp_path, lengths))
    assert read_numbers(result) == list(range(sum(lengths)))
    assert watch(result).fps == 16


def test_frames_a_segment_did_not_promise_are_left_out(tmp_path: Path) -> None:
    paths = [part.path for part in render_parts(tmp_path, [17, 17, 17])]
    parts = [Part(path, frames) for path, frames in zip(paths, [17, 12, 9], strict=True)]
    assert read_numbers(joined(tmp_path, parts)) == [*range(29), *range(34, 43)]


def test_a_segment_that_lacks_frames_is_named(tmp_path: Path) -> None:
    first, second, third = render_parts(tmp_path, [9, 8, 9])
    with pytest.raises(BadSegment, match=r"part-1\.mp4 holds 8 frames, not 9"):
        joined(tmp_path, [first, Part(second.path, 9), third])


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("seconds", [0.5, 20.0])
def test_sound_is_as_long_as_the_segments_there_are(
    tmp_path: Path, fps: Fraction, seconds: float
) -> None:
    parts = render_parts(tmp_path, [17, 17, 9], rated(fps))
    sound = write_sound(tmp_path / "a.wav", Sound(seconds=seconds, codec="pcm_s16le"))
    for made in (1, 2, 3):
        out = tmp_path / f"{made}.mp4"
        grow(parts[:made], sound, out, rated(fps))
        frames = sum(part.frames for part in parts[:made])
        assert len(read_numbers(out)) == frames
        assert abs(sound_s(out) - frames / fps) <= 1 / fps


def test_a_growing_video_plays_before_it_has_arrived(tmp_path: Path) -> None:
    boxes = watch(joined(tmp_path, render_parts(tmp_path, [17, 17]))).boxes
    assert boxes.index("moov") < boxes.index("mdat")


def test_sound_stays_where_it_was_across_segments(tmp_path: Path) -> None:
    parts = render_parts(tmp_path, [16, 16, 16])
    sound = write_clip(
        tmp_path / "late.mp4",
        Clip([grey(90)] * 75, sound=Sound(seconds=0.5, start_s=2.0)),
    )
    grow(parts, sound, tmp_path / "out.mp4", SMALL)
    loud = loud_seconds(tmp_path / "out.mp4")
    assert not any(loud[:19])
    assert all(loud[21:24])
    assert not any(loud[26:])


@pytest.mark.parametrize("middle", [0, 1, 2])
def test_the_poster_is_the_middle_of_the_whole(tmp_path: Path, middle: int) -> None:
    lengths = [5, 5, 5]
    lengths[middle] = 33
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    for number, (path, length) in enumerate(zip(paths, lengths, strict=True)):
        at = sum(lengths) // 2 - sum(lengths[:number])
        frames = [quarters() if index == at else grey(20) for index in range(length)]
        save_segment(path, frames)
    parts = [Part(path, length) for path, length in zip(paths, lengths, strict=True)]
    poster = finish(parts, None, tmp_path, SMALL).poster
    assert corners(read_picture(poster)) == "RGBW"


def test_memory_does_not_depend_on_the_number_of_segments(tmp_path: Path) -> None:
    parts = render_parts(tmp_path, [33] * 6)
    sound = write_sound(tmp_path / "a.wav", Sound(seconds=125, codec="pcm_s16le"))

    def peak_kb(rounds: int) -> int:
        paths = [str(part.path) for part in parts]
        rest = [str(sound), str(tmp_path / "out.mp4"), str(rounds)]
        command = [sys.executable, "-c", JOIN, *paths, *rest]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    # Either way: sound behind the end of a short video must not wait in memory either.
    assert abs(peak_kb(10) - peak_kb(1)) < 6_000
    assert watch(tmp_path / "out.mp4").frames == 198
