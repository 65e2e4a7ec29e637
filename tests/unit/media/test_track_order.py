from fractions import Fraction
from pathlib import Path

import av
import pytest

from proto.media import AssetKind
from services.media.clip import count_frames, normalise_clip
from services.media.probe import probe
from tests.unit.media.media_factories import SMALL, Clip, Sound, brightening, write_clip


def with_sound_first(tmp_path: Path) -> Path:
    """The same clip with its tracks the other way round, as some cameras write them."""
    clip = Clip(brightening(50), sound=Sound(seconds=2))
    source, out = write_clip(tmp_path / "source.mp4", clip), tmp_path / "swapped.mp4"
    with av.open(str(source)) as container, av.open(str(out), "w") as target:
        order = [container.streams.audio[0], container.streams.video[0]]
        to = {stream.index: target.add_stream_from_template(stream) for stream in order}
        for packet in container.demux():
            if packet.dts is not None:
                packet.stream = to[packet.stream.index]
                target.mux(packet)
    return out


def test_a_clip_whose_sound_comes_first_is_read(tmp_path: Path) -> None:
    source = with_sound_first(tmp_path)
    facts = probe(source, AssetKind.VIDEO)
    assert (facts.frame_count, facts.has_audio) == (50, True)
    assert count_frames(source, Fraction(16)) == 32
    assert normalise_clip(source, tmp_path / "out.mp4", SMALL, None, 0) == 32


def test_a_clip_can_be_used_for_its_sound(tmp_path: Path) -> None:
    clip = Clip(brightening(50), sound=Sound(seconds=2))
    facts = probe(write_clip(tmp_path / "a.mp4", clip), AssetKind.AUDIO)
    assert (facts.kind, facts.mime_type, facts.codec) == (AssetKind.AUDIO, "audio/mp4", "aac")
    assert facts.duration_s == pytest.approx(2, abs=0.03)
