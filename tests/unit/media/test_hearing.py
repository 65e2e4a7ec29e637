import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from proto.media import AssetKind
from services.local.samples.index import FOLDER, VOICE
from services.media.hearing import Heard, listen
from services.media.probe import probe
from tests.unit.media.media_factories import Sound, write_sound

RATE = 48_000

Samples = NDArray[Any]


def save(path: Path, samples: Samples) -> Path:
    """samples: in -1..1, (n,) or (n, channels)."""
    shaped = samples.reshape(len(samples), -1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(shaped.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(shaped, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def tone(seconds: float, level_dbfs: float, hertz: float = 997) -> Samples:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hertz * times))


def hiss(seconds: float, level: float) -> Samples:
    return np.random.default_rng(2).standard_normal(round(seconds * RATE)) * level


def heard_in(path: Path) -> Heard:
    heard = listen(path, probe(path, AssetKind.AUDIO))
    assert heard is not None
    return heard


@pytest.mark.parametrize("level_dbfs", [-3.0, -23.0, -40.0])
def test_a_tone_on_one_channel_is_3_lu_below_its_level(tmp_path: Path, level_dbfs: float) -> None:
    # ITU-R BS.1770-4: a 997 Hz sine at 0 dBFS on one front channel is -3.01 LUFS.
    heard = heard_in(save(tmp_path / "a.wav", tone(5, level_dbfs)))
    assert heard.loudness.integrated_lufs == pytest.approx(level_dbfs - 3.01, abs=0.3)
    assert heard.loudness.peak_dbfs == pytest.approx(level_dbfs, abs=0.1)


def test_the_same_tone_on_both_channels_is_as_loud_as_its_level(tmp_path: Path) -> None:
    both = np.repeat(tone(5, -23)[:, None], 2, axis=1)
    assert heard_in(save(tmp_path / "a.wav", both)).loudness.integrated_lufs == pytest.approx(
        -23.0, abs=0.3
    )


def test_coding_hardly_changes_loudness(tmp_path: Path) -> None:
    # The factory's tone is at half scale on all channels, at 440 Hz.
    path = write_sound(tmp_path / "a.m4a", Sound(seconds=5))
    assert heard_in(path).loudness.integrated_lufs == pytest.approx(-6.7, abs=0.5)


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    heard = heard_in(save(tmp_path / "a.wav", np.zeros(3 * RATE)))
    assert heard.silent
    assert heard.loudness.integrated_lufs is None
    assert heard.waveform.peaks == [0.0] * len(heard.waveform.peaks)


def test_peaks_follow_how_the_sound_swells(tmp_path: Path) -> None:
    envelope = np.linspace(0, 0.8, 10 * RATE)
    heard = heard_in(save(tmp_path / "a.wav", tone(10, 0) * envelope))
    peaks = heard.waveform.peaks
    assert heard.waveform.duration_seconds == pytest.approx(10, abs=0.01)
    assert len(peaks) == 800
    assert peaks == pytest.approx(list(np.linspace(0, 0.8, 801)[1:]), abs=0.01)


def test_peaks_of_a_short_sound_begin_and_end_with_it(tmp_path: Path) -> None:
    samples = np.concatenate([np.zeros(RATE // 2), tone(0.5, -6)])
    peaks = np.array(heard_in(save(tmp_path / "a.wav", samples)).waveform.peaks)
    middle = len(peaks) // 2
    assert peaks[: middle - 1].max() == 0
    assert peaks[middle + 1 :].min() > 0.45


def test_a_sound_that_was_recorded_too_loud_is_clipped(tmp_path: Path) -> None:
    assert heard_in(save(tmp_path / "a.wav", tone(2, 12))).clipped
    assert not heard_in(save(tmp_path / "b.wav", tone(2, 0))).clipped
    assert not heard_in(save(tmp_path / "c.wav", hiss(2, 0.25))).clipped


def test_the_packaged_voice_speaks_most_of_the_time() -> None:
    heard = heard_in(FOLDER / VOICE)
    assert heard.speech_s == pytest.approx(3.7, abs=0.3)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(3 * RATE), tone(3, -6), hiss(3, 0.1), tone(3, -6) * np.sign(tone(3, 0, 3))],
    ids=["silence", "tone", "hiss", "beats"],
)
def test_nobody_speaks_in_what_is_no_voice(tmp_path: Path, samples: Samples) -> None:
    heard = heard_in(save(tmp_path / "a.wav", samples))
    assert heard.speech_s == pytest.approx(0, abs=0.1)


def test_of_a_long_sound_the_share_that_is_speech_is_right(tmp_path: Path) -> None:
    with wave.open(str(FOLDER / VOICE)) as file:
        voice = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
        rate = file.getframerate()
    spoken = np.interp(np.arange(20 * RATE) * rate / RATE % len(voice), range(len(voice)), voice)
    samples = np.tile(np.concatenate([spoken, np.zeros(10 * RATE)]), 8)
    heard = heard_in(save(tmp_path / "a.wav", samples))
    assert heard.duration_s == pytest.approx(240, abs=0.01)
    assert heard.speech_s == pytest.approx(150, abs=30)


def test_floating_numbers_that_are_none_are_heard_as_nothing(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", Sound(codec="pcm_f32le", layout="mono"))
    content = bytearray(path.read_bytes())
    content[-4000:-2000] = np.full(500, np.nan, "<f4").tobytes()
    path.write_bytes(content)
    heard = heard_in(path)
    assert max(heard.waveform.peaks) <= 1
    assert heard.loudness.peak_dbfs == pytest.approx(-6, abs=0.2)
