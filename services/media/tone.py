"""High dynamic range and wide colours made BT.709: what is seen, as a table for libav's lut3d.

Light is taken in cd/m2 as a display shows it, and 203 (reference white, ITU-R BT.2408, 2.2) stands
for the white of SDR. Highlights are rolled off by the curve of ITU-R BT.2390, 5.4.1, laid on the
largest of red, green and blue: all three shrink alike, so hue stays and greys stay grey. What
BT.709 has no colour for moves towards the grey of its own luminance.
"""

import struct
from functools import cache

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from proto.media import DynamicRange
from services.media.graph import Step

Light = NDArray[np.float64]

WHITE = 203.0
HLG_PEAK = 1000.0
_PEAKS = (1000.0, 2000.0, 4000.0, 10_000.0)
_SIZE = 49
_GAMMA = 2.4
"""Of the display BT.709 is made for (ITU-R BT.1886)."""

_TRANSFERS = {16: DynamicRange.PQ, 18: DynamicRange.HLG}
_BT2020, _P3 = 9, 12
_BT2020_MATRICES = {9, 10}
# Linear light to BT.709, each from its primaries and D65 (BT.2087, 2.4; SMPTE EG 432-1).
_TO_BT709 = {
    _BT2020: np.array(
        [
            [1.660491, -0.587641, -0.072850],
            [-0.124550, 1.132900, -0.008349],
            [-0.018151, -0.100579, 1.118730],
        ]
    ),
    _P3: np.array(
        [
            [1.224940, -0.224940, 0.0],
            [-0.042057, 1.042057, 0.0],
            [-0.019638, -0.078636, 1.098274],
        ]
    ),
}
_BT2020_LUMA = np.array([0.2627, 0.6780, 0.0593])
_BT709_LUMA = np.array([0.2126, 0.7152, 0.0722])
# SMPTE ST 2084, 5.1.
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_PQ_PEAK = 10_000.0
# ITU-R BT.2100, table 5.
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_HLG_GAMMA = 1.2
_HLG_KNEE = 0.5
_NOTHING = 1e-6
# Where AVMasteringDisplayMetadata of libavutil keeps the largest luminance, and whether it does.
_MASTERED_PEAK, _HAS_PEAK = 72, 84


def dynamic_range(frame: VideoFrame) -> DynamicRange:
    return _TRANSFERS.get(frame.color_trc, DynamicRange.SDR)


def matrix_of(frame: VideoFrame) -> str | None:
    """The colour matrix that a frame's transfer and primaries imply when it names none."""
    wide = frame.color_primaries == _BT2020 or dynamic_range(frame) is not DynamicRange.SDR
    return "bt2020nc" if wide else None


def tone_steps(frame: VideoFrame) -> list[Step]:
    """What makes frames like this BT.709; best laid on small pictures. None for BT.709 itself."""
    found = dynamic_range(frame)
    wide = frame.color_primaries in _TO_BT709 or frame.colorspace in _BT2020_MATRICES
    if found is DynamicRange.SDR and not wide:
        return []
    primaries = _P3 if frame.color_primaries == _P3 else _BT2020
    table = _table(found, primaries, _peak(frame, found))
    named = "color_primaries=bt709:color_trc=bt709:colorspace=gbr"
    return [
        Step("format", "gbrp12"),
        Step("lut3d", "interp=tetrahedral", file=table),
        Step("setparams", named),
    ]


def shown(
    signal: Light, found: DynamicRange, primaries: int = _BT2020, peak: float = 1000
) -> Light:
    """BT.709 signal, in 0..1, of an R'G'B' signal of that transfer; both (..., 3)."""
    light = _light(signal, found)
    brightest = light.max(axis=-1, keepdims=True)
    if found is not DynamicRange.SDR:
        light = light * (_rolled_off(brightest, peak) / np.maximum(brightest, 1e-9))
    linear = _into_gamut(light / WHITE @ _TO_BT709[primaries].T)
    return np.asarray(np.clip(linear, 0, 1) ** (1 / _GAMMA))


def pq_light(signal: Light) -> Light:
    root = np.asarray(signal) ** (1 / _M2)
    return np.asarray(_PQ_PEAK * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1))


def pq_signal(light: Light) -> Light:
    power = (np.asarray(light) / _PQ_PEAK) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def hlg_light(signal: Light) -> Light:
    """Of a display of HLG_PEAK."""
    signal = np.asarray(signal)
    scene = np.where(
        signal <= _HLG_KNEE, signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
    )
    luma = (scene @ _BT2020_LUMA)[..., None]
    return np.asarray(HLG_PEAK * np.maximum(luma, 1e-9) ** (_HLG_GAMMA - 1) * scene)


def _light(signal: Light, found: DynamicRange) -> Light:
    if found is DynamicRange.PQ:
        return pq_light(signal)
    if found is DynamicRange.HLG:
        return hlg_light(signal)
    return np.asarray(WHITE * np.asarray(signal) ** _GAMMA)


def _rolled_off(light: Light, peak: float) -> Light:
    """BT.2390's Hermite spline from a display of `peak` to one of WHITE; black is left alone."""
    top = float(pq_signal(np.array(peak)))
    most = float(pq_signal(np.array(WHITE))) / top
    knee = 1.5 * most - 0.5
    level = np.minimum(pq_signal(light) / top, 1)
    t = np.clip((level - knee) / (1 - knee), 0, 1)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * most
    )
    return pq_light(np.where(level < knee, level, spline) * top)


def _into_gamut(linear: Light) -> Light:
    """Moved towards their own grey as far as it takes for all three to lie in 0..1."""
    grey = np.clip(linear @ _BT709_LUMA, 0, 1)[..., None]
    away = linear - grey
    room = np.where(away < 0, grey, 1 - grey)
    # A residue of rounding would take a grey that is already at the edge the whole way.
    share = np.where(np.abs(away) > _NOTHING, room / np.maximum(np.abs(away), _NOTHING), 1)
    return np.asarray(grey + away * np.minimum(share.min(axis=-1, keepdims=True), 1))


@cache
def _table(found: DynamicRange, primaries: int, peak: float) -> bytes:
    """A .cube file: red runs fastest."""
    axis = np.linspace(0, 1, _SIZE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    signal = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    values = shown(signal, found, primaries, peak)
    rows = ("%.6f %.6f %.6f\n" * len(values)) % tuple(values.reshape(-1))
    return f"LUT_3D_SIZE {_SIZE}\n{rows}".encode()


def _peak(frame: VideoFrame, found: DynamicRange) -> float:
    """The brightest that was mastered, rounded up so that there are few tables."""
    if found is not DynamicRange.PQ:
        return HLG_PEAK
    said = _said_peak(frame)
    return next((peak for peak in _PEAKS if peak >= said), _PQ_PEAK)


def _said_peak(frame: VideoFrame) -> float:
    content = frame.side_data.get("CONTENT_LIGHT_LEVEL")
    if isinstance(content, SideData):
        (brightest,) = struct.unpack_from("=I", bytes(content))
        if brightest:
            return float(brightest)
    mastered = frame.side_data.get("MASTERING_DISPLAY_METADATA")
    if not isinstance(mastered, SideData):
        return 0.0
    content_of = bytes(mastered)
    numerator, denominator = struct.unpack_from("=2i", content_of, _MASTERED_PEAK)
    (known,) = struct.unpack_from("=i", content_of, _HAS_PEAK)
    return numerator / denominator if known and denominator > 0 else 0.0
