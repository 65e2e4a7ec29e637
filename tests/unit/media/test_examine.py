import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from proto.asset import Waveform
from proto.errors import ErrorCode
from proto.media import AssetKind, MediaFacts
from services.local.samples.index import CHARACTER, DANCE, FOLDER
from services.media.clip import normalise_clip
from services.media.errors import MediaRefused
from services.media.examine import Seen, examine, is_quick
from services.media.probe import probe
from services.media.shape import VideoShape
from tests.media_factory import watch
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    corners,
    grey,
    quarters,
    read_picture,
    rotated,
    truncated,
    write_clip,
    write_picture,
    write_sound,
)

SIZE = (96, 64)
PEAK_MEMORY = r"""
import re, sys
from pathlib import Path
from proto.media import AssetKind
from services.media.examine import examine
from services.media.probe import probe
source, kind = Path(sys.argv[1]), AssetKind(sys.argv[2])
examine(source, kind, probe(source, kind), source.parent, wants_proxy=False)
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


def seen_in(
    source: Path, kind: AssetKind = AssetKind.VIDEO, facts: MediaFacts | None = None
) -> Seen:
    """What examining gives, with its files beside the source."""
    known = facts or probe(source, kind)
    return examine(source, kind, known, source.parent, wants_proxy=False)


def codes(seen: Seen) -> list[str]:
    return [notice.code for notice in seen.notices]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.avi"])
def test_what_a_good_clip_says_of_itself_is_confirmed(tmp_path: Path, name: str) -> None:
    source = write_clip(tmp_path / name, Clip(brightening(50), sound=Sound(codec="libmp3lame")))
    facts = probe(source, AssetKind.VIDEO)
    seen = seen_in(source)
    assert seen.examination.facts == facts
    assert seen.notices == []


def uneven_times() -> list[int]:
    return list(np.cumsum([20, 60, 33, 33, 100, 20] * 10))


CLIPS = {
    "film": Clip(brightening(73), fps=24),
    "fast": Clip(brightening(121), fps=60),
    "slow": Clip(brightening(9), fps=5),
    "uneven": Clip(brightening(60), times_ms=uneven_times()),
    "one": Clip(brightening(1)),
}


@pytest.mark.parametrize("fps", [16, 24])
@pytest.mark.parametrize("name", CLIPS)
def test_a_clips_length_is_what_is_made_of_it(tmp_path: Path, name: str, fps: int) -> None:
    source = write_clip(tmp_path / "a.mkv", CLIPS[name])
    duration_s = seen_in(source).examination.facts.duration_s
    made = normalise_clip(source, tmp_path / "b.mp4", VideoShape(*SIZE, Fraction(fps)), None, 0)
    assert duration_s is not None
    assert made == pytest.approx(duration_s * fps, abs=1)


def test_a_clip_that_promised_more_is_shortened_and_says_so(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip([quarters()] * 100, sound=Sound(seconds=4)))
    promised = probe(source, AssetKind.VIDEO)
    truncated(source, 0.5)
    seen = seen_in(source, facts=promised)
    facts = seen.examination.facts
    assert facts.frame_count is not None
    assert facts.frame_count < 80
    assert facts.duration_s == pytest.approx(facts.frame_count / 25, abs=0.05)
    [notice] = seen.notices
    assert notice.code == "ends_early"
    assert f"{facts.duration_s:.1f} seconds" in notice.message


def test_a_file_that_was_cut_off_says_so_whatever_its_index_gave(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip([quarters()] * 100))
    truncated(source, 0.5)
    assert codes(seen_in(source)) == ["ends_early"]


def test_sound_that_goes_on_behind_the_pictures_is_no_damage(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(25), sound=Sound(seconds=5)))
    seen = seen_in(source)
    assert seen.notices == []
    assert seen.examination.facts.duration_s == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("said_s", [0.5, 60.0])
def test_a_length_and_a_rate_that_were_lies_are_corrected(tmp_path: Path, said_s: float) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip([quarters()] * 75))
    facts = probe(source, AssetKind.VIDEO)
    lie = {"duration_s": said_s, "frame_count": round(said_s * 50), "fps": Fraction(50)}
    seen = seen_in(source, facts=facts.model_copy(update=lie))
    assert seen.examination.facts == facts
    assert len(seen.stills) == 3


def test_a_clip_of_which_only_the_first_picture_decodes_is_refused(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(50)))
    promised = probe(source, AssetKind.VIDEO)
    write_clip(source, Clip(brightening(1)))
    with pytest.raises(MediaRefused, match="Only the first picture"):
        seen_in(source, facts=promised)


def test_a_clip_of_which_nothing_decodes_is_refused(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(50)))
    promised = probe(source, AssetKind.VIDEO)
    content = source.read_bytes()
    start = content.index(b"\x1fC\xb6u") + 4
    source.write_bytes(content[:start] + bytes(len(content) - start))
    with pytest.raises(MediaRefused) as refusal:
        seen_in(source, facts=promised)
    assert refusal.value.code is ErrorCode.INVALID_ASSET_FORMAT


def test_a_clip_that_goes_on_for_too_long_is_refused(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip([grey(90)] * 620, fps=1))
    said = probe(write_clip(tmp_path / "b.mkv", Clip([grey(90)] * 5, fps=1)), AssetKind.VIDEO)
    with pytest.raises(MediaRefused) as refusal:
        seen_in(source, facts=said)
    assert refusal.value.code is ErrorCode.TOO_LONG


def test_a_sound_that_goes_on_for_too_long_is_refused(tmp_path: Path) -> None:
    source = write_sound(
        tmp_path / "a.flac", Sound(seconds=620, rate=8000, layout="mono", codec="flac")
    )
    said = probe(
        write_sound(tmp_path / "b.flac", Sound(rate=8000, layout="mono", codec="flac")),
        AssetKind.AUDIO,
    )
    with pytest.raises(MediaRefused) as refusal:
        seen_in(source, AssetKind.AUDIO, said)
    assert refusal.value.code is ErrorCode.TOO_LONG


def test_damaged_pictures_are_told(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    frames = [random.integers(0, 256, (128, 128, 3)).astype(np.uint8) for _ in range(30)]
    source = write_clip(tmp_path / "a.mp4", Clip(frames))
    content = bytearray(source.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    source.write_bytes(content)
    assert "damaged_pictures" in codes(seen_in(source))


def test_stills_stand_upright_at_moments_that_show_something(tmp_path: Path) -> None:
    black = grey(16, 64, 128)
    lying = np.ascontiguousarray(np.rot90(quarters(128, 64)))
    clip = Clip([black] * 20 + [lying] * 40, metadata={})
    seen = seen_in(rotated(write_clip(tmp_path / "a.mp4", clip), 90))
    assert seen.stills == ["still-0.jpg", "still-1.jpg", "still-2.jpg"]
    for name in seen.stills:
        pixels = read_picture(tmp_path / name)
        assert pixels.shape == (64, 128, 3)
        assert corners(pixels) == "RGBW"
    first, second, third = seen.examination.still_times
    assert first == pytest.approx(0.8, abs=0.15)
    assert second == pytest.approx(1.2, abs=0.15)
    assert third == pytest.approx(2.0, abs=0.15)


def test_stills_of_a_large_clip_are_small(tmp_path: Path) -> None:
    seen_in(write_clip(tmp_path / "a.mp4", Clip([quarters(1280, 720)] * 6)))
    assert read_picture(tmp_path / "still-0.jpg").shape == (360, 640, 3)


def test_a_clip_that_shows_nothing_has_one_still(tmp_path: Path) -> None:
    seen = seen_in(write_clip(tmp_path / "a.mp4", Clip([grey(16)] * 50)))
    assert len(seen.stills) == len(seen.examination.still_times) == 1


def test_the_packaged_dance_has_a_face_on_each_still(tmp_path: Path) -> None:
    facts = probe(FOLDER / DANCE, AssetKind.VIDEO)
    seen = examine(FOLDER / DANCE, AssetKind.VIDEO, facts, tmp_path, wants_proxy=False)
    assert seen.examination.faces is not None
    assert [len(faces) for faces in seen.examination.faces] == [1, 1, 1]
    assert seen.notices == []
    assert seen.examination.facts == facts


def test_a_clips_sound_is_measured_and_drawn(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(50), sound=Sound()))
    seen = seen_in(source)
    assert seen.examination.loudness is not None
    assert seen.waveform is not None
    waveform = Waveform.model_validate_json((tmp_path / seen.waveform).read_text())
    assert waveform.duration_seconds == pytest.approx(2.0, abs=0.05)
    assert waveform.peaks[len(waveform.peaks) // 2] == pytest.approx(0.5, abs=0.05)


def test_a_clip_without_sound_has_no_waveform(tmp_path: Path) -> None:
    seen = seen_in(write_clip(tmp_path / "a.mp4", Clip(brightening(50))))
    assert (seen.waveform, seen.examination.loudness) == (None, None)
    assert not (tmp_path / "waveform.json").exists()


def test_a_proxy_is_made_where_it_is_wanted(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mkv", Clip(brightening(50), codec="mpeg4"))
    facts = probe(source, AssetKind.VIDEO)
    seen = examine(source, AssetKind.VIDEO, facts, tmp_path, wants_proxy=True)
    assert seen.proxy is not None
    assert watch(tmp_path / seen.proxy).frames == 50
    assert seen_in(source).proxy is None


def test_a_silent_sound_is_told(tmp_path: Path) -> None:
    source = write_sound(tmp_path / "a.wav", Sound(codec="pcm_s16le"))
    content = source.read_bytes()
    start = content.index(b"data") + 8
    source.write_bytes(content[:start] + bytes(len(content) - start))
    assert codes(seen_in(source, AssetKind.AUDIO)) == ["silent"]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.m4a", "aac"), ("a.flac", "flac"), ("a.ogg", "libopus")],
)
def test_a_sounds_length_is_confirmed(tmp_path: Path, name: str, codec: str) -> None:
    source = write_sound(tmp_path / name, Sound(codec=codec))
    seen = seen_in(source, AssetKind.AUDIO)
    assert seen.examination.facts.duration_s == pytest.approx(2.0, abs=0.01)
    assert seen.notices == []


def peak_memory_kb(source: Path) -> int:
    command = [sys.executable, "-c", PEAK_MEMORY, str(source), AssetKind.VIDEO]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_a_long_clip_takes_no_more_memory(tmp_path: Path) -> None:
    needed = []
    for seconds in (4, 60):
        clip = Clip([quarters()] * (2 * seconds), fps=2, sound=Sound(seconds=seconds))
        needed.append(peak_memory_kb(write_clip(tmp_path / f"{seconds}.mp4", clip)))
    assert needed[1] < needed[0] + 30_000


def test_a_picture_gives_its_faces_and_keeps_its_facts(tmp_path: Path) -> None:
    source = FOLDER / CHARACTER
    facts = probe(source, AssetKind.IMAGE)
    seen = examine(source, AssetKind.IMAGE, facts, tmp_path, wants_proxy=False)
    assert seen.examination.facts == facts
    assert seen.examination.faces is not None
    assert [len(faces) for faces in seen.examination.faces] == [1]


def test_a_face_is_found_on_a_picture_that_lies_down(tmp_path: Path) -> None:
    with Image.open(FOLDER / CHARACTER) as image:
        pixels = np.ascontiguousarray(np.rot90(np.asarray(image.convert("RGB"))))
    source = write_picture(tmp_path / "a.jpg", pixels, orientation=6)
    seen = seen_in(source, AssetKind.IMAGE)
    assert seen.examination.faces is not None
    [[face]] = seen.examination.faces
    assert face.y < 0.3


def test_of_several_pages_a_user_is_told_which_is_used(tmp_path: Path) -> None:
    source = write_picture(tmp_path / "a.png", quarters())
    facts = probe(source, AssetKind.IMAGE).model_copy(update={"pages": 12})
    assert codes(seen_in(source, AssetKind.IMAGE, facts)) == ["first_picture_only"]


def test_only_small_files_are_examined_before_the_answer(tmp_path: Path) -> None:
    small = probe(write_clip(tmp_path / "a.mp4", Clip(brightening(50))), AssetKind.VIDEO)
    assert is_quick(small, 100_000)
    assert not is_quick(small, 50_000_000)
    assert not is_quick(small.model_copy(update={"width": 1920, "height": 1080}), 100_000)
    voice = probe(write_sound(tmp_path / "a.m4a", Sound()), AssetKind.AUDIO)
    assert is_quick(voice, 100_000)
    assert not is_quick(voice.model_copy(update={"duration_s": 90.0}), 2_000_000)
    picture = probe(write_picture(tmp_path / "a.png", quarters()), AssetKind.IMAGE)
    assert is_quick(picture, 30_000_000)
    assert not is_quick(picture.model_copy(update={"width": 8000, "height": 8000}), 30_000_000)
