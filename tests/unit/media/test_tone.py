"""HDR clips against what ITU-R BT.2100, BT.2390 and BT.1886 say of their patches."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorTrc

from proto.media import AssetKind, DynamicRange
from services.media.clip import normalise_clip
from services.media.probe import probe
from services.media.proxy import plays_everywhere
from tests.unit.media.media_factories import SMALL, read_frames

BT2020_MATRIX = 9
PQ, HLG, BT2020 = 16, 18, 9
KR, KB = 0.2627, 0.0593
TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)


def pq(nits: float) -> float:
    power = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def hlg(nits: float) -> float:
    """Of a grey on a display of 1000 cd/m2."""
    scene = (nits / 1000) ** (1 / 1.2)
    if scene <= 1 / 12:
        return float(np.sqrt(3 * scene))
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def expected_grey(nits: float) -> float:
    """The 8-bit level of a grey below the knee, where light is kept: 203 cd/m2 are white."""
    return float(255 * (nits / 203) ** (1 / 2.4))


def hdr_clip(path: Path, signal: tuple[float, float, float], trc: int) -> Path:
    """Ten bits, BT.2020, all of one colour. signal: R'G'B' in 0..1."""
    red, green, blue = signal
    luma = KR * red + (1 - KR - KB) * green + KB * blue
    chroma = ((blue - luma) / (2 * (1 - KB)), (red - luma) / (2 * (1 - KR)))
    codes = [64 + 876 * luma, *(512 + 896 * part for part in chroma)]
    frame = av.VideoFrame(96, 64, "yuv420p10le")
    for plane, code in zip(frame.planes, codes, strict=True):
        samples: Any = plane
        np.frombuffer(samples, np.uint16)[:] = round(code)
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx265", rate=25, options={"x265-params": "crf=4"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p10le"
        context = video.codec_context
        context.color_primaries, context.color_trc = ColorPrimaries(BT2020), ColorTrc(trc)
        context.colorspace = BT2020_MATRIX
        for number in range(5):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def shown(source: Path) -> Any:
    """The colour in the middle of the normalised clip, 0..255."""
    out = source.with_name("out.mp4")
    normalise_clip(source, out, SMALL, None, 0)
    return read_frames(out)[0, 32, 48].astype(float)


@pytest.mark.parametrize("nits", [1, 10, 40, 80])
@pytest.mark.parametrize(("trc", "signal_of"), [(PQ, pq), (HLG, hlg)], ids=["PQ", "HLG"])
def test_what_is_no_highlight_is_as_bright_as_it_was(
    tmp_path: Path, nits: float, trc: int, signal_of: Any
) -> None:
    seen = shown(hdr_clip(tmp_path / "a.mp4", (signal_of(nits),) * 3, trc))
    assert np.abs(seen - expected_grey(nits)).max() <= 4


@pytest.mark.parametrize(("trc", "signal_of"), [(PQ, pq), (HLG, hlg)], ids=["PQ", "HLG"])
def test_diffuse_white_is_near_white_and_highlights_lie_above_it(
    tmp_path: Path, trc: int, signal_of: Any
) -> None:
    levels = [
        shown(hdr_clip(tmp_path / "a.mp4", (signal_of(nits),) * 3, trc))
        for nits in (203, 400, 1000)
    ]
    assert 220 <= levels[0].mean() <= 240
    assert levels[0].mean() + 8 < levels[1].mean() < levels[2].mean()
    assert levels[2].mean() >= 253
    assert max(np.ptp(level) for level in levels) <= 2


def test_a_colour_keeps_its_hue_and_its_light(tmp_path: Path) -> None:
    light = np.array([60.0, 30.0, 20.0])
    red, green, blue = (pq(float(part)) for part in light)
    seen = shown(hdr_clip(tmp_path / "a.mp4", (red, green, blue), PQ))
    expected = 255 * (TO_BT709 @ light / 203) ** (1 / 2.4)
    assert np.abs(seen - expected).max() <= 5


def test_a_bright_colour_turns_neither_white_nor_another(tmp_path: Path) -> None:
    seen = shown(hdr_clip(tmp_path / "a.mp4", (pq(800), pq(200), pq(100)), PQ))
    assert seen[0] > 240
    assert seen[0] - seen[1] > 60
    assert seen[1] > seen[2]


def test_a_colour_outside_bt709_is_not_broken(tmp_path: Path) -> None:
    seen = shown(hdr_clip(tmp_path / "a.mp4", (0.02, pq(80), 0.02), PQ))
    assert seen[1] > 150
    assert seen[1] > seen[0] + 60


def test_wide_colours_of_an_sdr_clip_are_made_bt709(tmp_path: Path) -> None:
    signal = np.array([0.6, 0.5, 0.4])
    red, green, blue = signal
    seen = shown(hdr_clip(tmp_path / "a.mp4", (red, green, blue), 1))
    expected = 255 * (TO_BT709 @ signal**2.4) ** (1 / 2.4)
    assert np.abs(seen - expected).max() <= 4


@pytest.mark.parametrize(("trc", "found"), [(PQ, DynamicRange.PQ), (HLG, DynamicRange.HLG)])
def test_an_hdr_clip_is_known_as_one(tmp_path: Path, trc: int, found: DynamicRange) -> None:
    source = hdr_clip(tmp_path / "a.mp4", (0.5, 0.5, 0.5), trc)
    facts = probe(source, AssetKind.VIDEO)
    assert (facts.dynamic_range, facts.depth) == (found, 10)
    assert not plays_everywhere(source, facts)
