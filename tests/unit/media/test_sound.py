import wave
from pathlib import Path

import numpy as np
import pytest

from proto.media import AssetKind
from services.media.errors import MediaRefused
from services.media.probe import measure_exactly, probe
from services.media.sound import extract_soundtrack, normalise_voice
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    loud_seconds,
    read_sound,
    write_clip,
    write_sound,
)

SOUNDS = {
    "a.wav": Sound(codec="pcm_s16le", rate=8_000, layout="mono"),
    "b.wav": Sound(codec="pcm_s24le", rate=96_000, layout="5.1"),
    "a.mp3": Sound(codec="libmp3lame", rate=44_100),
    "a.flac": Sound(codec="flac", rate=44_100),
    "a.ogg": Sound(codec="libopus"),
    "a.m4a": Sound(rate=44_100, layout="mono"),
    "a.aac": Sound(),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_a_voice_becomes_mono_at_16_khz_of_the_same_length(tmp_path: Path, name: str) -> None:
    out = tmp_path / "voice.wav"
    written = normalise_voice(write_sound(tmp_path / name, SOUNDS[name]), out, 9.0)
    samples, rate = read_sound(out)
    assert (samples.shape[0], rate) == (1, 16_000)
    assert samples.shape[1] / rate == pytest.approx(written, abs=1e-4)
    assert written == pytest.approx(2.0, abs=0.07)
    assert all(loud_seconds(out)[1:19])


def test_a_voice_is_cut_to_what_the_plan_needs(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.mp3", SOUNDS["a.mp3"])
    assert normalise_voice(source, tmp_path / "voice.wav", 1.25) == 1.25


def test_a_voice_is_never_padded(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "b.wav", SOUNDS["b.wav"])
    assert normalise_voice(source, tmp_path / "voice.wav", 60.0) == 2.0


def test_a_voice_is_not_clipped(tmp_path: Path) -> None:
    out = tmp_path / "voice.wav"
    normalise_voice(write_sound(tmp_path / "b.wav", SOUNDS["b.wav"]), out, 2.0)
    assert 0.3 < np.abs(read_sound(out)[0]).max() < 0.99


@pytest.mark.parametrize("duration_s", [0.8125, 3.0])
def test_a_soundtrack_has_exactly_the_length_asked_for(tmp_path: Path, duration_s: float) -> None:
    out = tmp_path / "soundtrack.wav"
    extract_soundtrack(write_sound(tmp_path / "a.flac", SOUNDS["a.flac"]), out, duration_s)
    samples, rate = read_sound(out)
    assert (samples.shape, rate) == ((2, round(duration_s * 48_000)), 48_000)


def test_a_short_sound_ends_in_silence(tmp_path: Path) -> None:
    out = tmp_path / "soundtrack.wav"
    extract_soundtrack(write_sound(tmp_path / "a.flac", SOUNDS["a.flac"]), out, 3.0)
    loud = loud_seconds(out)
    assert all(loud[:20])
    assert not any(loud[21:])


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_soundtrack_starts_with_the_pictures(tmp_path: Path, suffix: str) -> None:
    sound = Sound(seconds=1.3, start_s=0.7)
    source = write_clip(tmp_path / f"a{suffix}", Clip(brightening(50), sound=sound))
    out = tmp_path / "soundtrack.wav"
    extract_soundtrack(source, out, 2.0)
    loud = loud_seconds(out)
    assert not any(loud[:6])
    assert all(loud[8:19])


def test_a_soundtrack_is_the_wav_its_name_says(tmp_path: Path) -> None:
    out = tmp_path / "soundtrack.wav"
    extract_soundtrack(write_sound(tmp_path / "a.m4a", SOUNDS["a.m4a"]), out, 1.0)
    assert out.read_bytes()[:4] == b"RIFF"
    assert out.stat().st_size < 200_000


def test_a_silent_clip_has_no_voice(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(25)))
    with pytest.raises(MediaRefused, match="This file has no sound"):
        normalise_voice(source, tmp_path / "voice.wav", 1.0)


def test_the_same_sound_gives_the_same_bytes(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.mp3", SOUNDS["a.mp3"])
    outs = [tmp_path / "1.wav", tmp_path / "2.wav"]
    for out in outs:
        extract_soundtrack(source, out, 2.0)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert b"Lav" not in outs[0].read_bytes()


def test_a_mono_sound_is_as_loud_as_it_was_on_both_sides(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", Sound(codec="pcm_s16le", layout="mono"))
    extract_soundtrack(source, tmp_path / "soundtrack.wav", 2.0)
    samples, _ = read_sound(tmp_path / "soundtrack.wav")
    assert np.abs(samples).max(axis=1) == pytest.approx([0.5, 0.5], abs=0.01)


def joined(path: Path, *sounds: Sound) -> Path:
    """ADTS frames name their own form, so that any may follow any."""
    parts = [write_sound(path.with_name(f"part-{n}.aac"), one) for n, one in enumerate(sounds)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def test_a_sound_that_changes_midway_is_heard_to_its_end(tmp_path: Path) -> None:
    source = joined(tmp_path / "a.aac", Sound(layout="mono"), Sound(layout="5.1"))
    out = tmp_path / "voice.wav"
    assert normalise_voice(source, out, 9.0) == pytest.approx(4.0, abs=0.15)
    assert all(loud_seconds(out)[1:39])


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16])
def test_a_sound_of_channels_that_nothing_names_is_heard(tmp_path: Path, channels: int) -> None:
    tone = np.sin(np.arange(16_000) / 16_000 * 2 * np.pi * 440) * 16_000
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.repeat(tone.astype("<i2"), channels).tobytes())
    out = tmp_path / "voice.wav"
    assert normalise_voice(tmp_path / "a.wav", out, 9.0) == 1.0
    assert np.abs(read_sound(out)[0]).max() == pytest.approx(0.49, abs=0.03)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", "pcm_u8"),
        ("a.wav", "pcm_s24le"),
        ("a.wav", "pcm_s32le"),
        ("a.wav", "pcm_f32le"),
        ("a.wav", "pcm_f64le"),
        ("a.wav", "pcm_alaw"),
        ("a.wav", "pcm_mulaw"),
        ("a.wav", "adpcm_ima_wav"),
        ("a.wav", "adpcm_ms"),
        ("a.m4a", "alac"),
        ("a.mov", "pcm_s16be"),
        ("a.mkv", "ac3"),
        ("b.m4a", "eac3"),
        ("b.mkv", "mp2"),
    ],
)
def test_any_coding_of_a_sound_keeps_its_length_and_level(
    tmp_path: Path, name: str, codec: str
) -> None:
    source = write_sound(tmp_path / name, Sound(codec=codec, layout="mono"))
    facts = probe(source, AssetKind.AUDIO)
    assert facts.duration_s == pytest.approx(2.0, abs=0.05)
    assert measure_exactly(source, AssetKind.AUDIO, facts).duration_s == pytest.approx(
        facts.duration_s, abs=0.005
    )
    extract_soundtrack(source, tmp_path / "soundtrack.wav", 2.0)
    samples, rate = read_sound(tmp_path / "soundtrack.wav")
    assert samples.shape == (2, 2 * rate)
    assert np.abs(samples[:, rate // 2 : rate]).max() == pytest.approx(0.5, abs=0.05)
