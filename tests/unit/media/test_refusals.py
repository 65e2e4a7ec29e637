from pathlib import Path
from zlib import crc32

import av
import numpy as np
import pytest
from PIL import Image

from proto.errors import ErrorCode
from proto.media import AssetKind
from services.media.errors import MediaRefused
from services.media.probe import confirmed, probe
from tests.unit.media.media_factories import (
    Clip,
    Sound,
    brightening,
    grey,
    quarters,
    truncated,
    write_clip,
    write_picture,
    write_sound,
)

HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>'
PLAYLIST = b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n"


def refusal(path: Path, kind: AssetKind) -> MediaRefused:
    with pytest.raises(MediaRefused) as caught:
        probe(path, kind)
    return caught.value


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def noise(count: int) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return list(np.random.default_rng(1).integers(0, 255, (count, 64, 96, 3), dtype=np.uint8))


def cover_only(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(quarters(), "rgb24")))
        container.mux(cover.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), "fltp", "stereo")
        silence.sample_rate = 48_000
        container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("content", [HTML, SVG, PLAYLIST, b"plain text", b"PK\x03\x04zip"])
@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("a.png", AssetKind.IMAGE, "not a picture we can read. Use PNG, JPEG"),
        ("a.mp4", AssetKind.VIDEO, "not a video we can read. Use MP4, MOV"),
        ("a.mp3", AssetKind.AUDIO, "not a sound we can read. Use MP3, M4A"),
    ],
)
def test_a_file_of_another_sort_is_refused_whatever_its_name(
    tmp_path: Path, name: str, kind: AssetKind, words: str, content: bytes
) -> None:
    refused = refusal(saved(tmp_path / name, content), kind)
    assert refused.code is ErrorCode.INVALID_ASSET_FORMAT
    assert words in refused.message


@pytest.mark.parametrize("kind", AssetKind)
def test_an_empty_file_is_refused(tmp_path: Path, kind: AssetKind) -> None:
    assert "empty" in refusal(saved(tmp_path / "a", b""), kind).message


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif"])
def test_a_picture_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    path = truncated(write_picture(tmp_path / f"a{suffix}", noise(1)[0]), 0.6)
    assert "damaged or incomplete" in refusal(path, AssetKind.IMAGE).message


def test_a_clip_without_its_index_is_refused(tmp_path: Path) -> None:
    path = truncated(write_clip(tmp_path / "a.mp4", Clip(noise(25))), 0.8)
    assert "damaged or incomplete" in refusal(path, AssetKind.VIDEO).message


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_a_clip_without_its_last_frames_is_refused(tmp_path: Path, codec: str) -> None:
    whole = write_clip(tmp_path / "a.mov", Clip(noise(25), sound=Sound(codec=codec)))
    remuxed = tmp_path / "b.mov"
    with (
        av.open(str(whole)) as source,
        av.open(str(remuxed), "w", options={"movflags": "faststart"}) as out,
    ):
        streams = {s.index: out.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                out.mux(packet)
    assert probe(remuxed, AssetKind.VIDEO).frame_count == 25
    refused = refusal(truncated(remuxed, 0.7), AssetKind.VIDEO)
    assert "ends before its last frame" in refused.message


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.flac", "a.ogg"])
def test_a_sound_is_not_a_video(tmp_path: Path, name: str) -> None:
    codec = {"a.mp3": "libmp3lame", "a.wav": "pcm_s16le", "a.flac": "flac", "a.ogg": "libopus"}
    path = write_sound(tmp_path / name, Sound(codec=codec[name]))
    refused = refusal(path, AssetKind.VIDEO)
    assert refused.code is ErrorCode.WRONG_ASSET_KIND
    assert refused.message == "This file is a sound. Choose a video here."


def test_a_picture_is_not_a_video(tmp_path: Path) -> None:
    refused = refusal(write_picture(tmp_path / "a.mp4.png", quarters()), AssetKind.VIDEO)
    assert refused.message == "This file is a picture. Choose a video here."


def test_a_sound_in_a_video_container_is_not_a_video(tmp_path: Path) -> None:
    refused = refusal(write_sound(tmp_path / "a.m4a", Sound()), AssetKind.VIDEO)
    assert refused.code is ErrorCode.WRONG_ASSET_KIND
    assert "no moving picture" in refused.message


def test_an_album_cover_is_not_a_video(tmp_path: Path) -> None:
    path = cover_only(tmp_path / "a.mp4")
    assert "no moving picture" in refusal(path, AssetKind.VIDEO).message
    assert probe(path, AssetKind.AUDIO).duration_s == pytest.approx(1.0, abs=0.03)


def test_a_silent_clip_is_not_a_voice(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip(brightening(5)))
    assert "no sound" in refusal(path, AssetKind.AUDIO).message


@pytest.mark.parametrize("size", [(8_193, 64), (8_192, 8_000)])
def test_a_picture_of_too_many_pixels_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("1", size).save(tmp_path / "a.png")
    refused = refusal(tmp_path / "a.png", AssetKind.IMAGE)
    assert refused.code is ErrorCode.TOO_LARGE
    assert "64 megapixels" in refused.message


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    Image.new("1", (64, 64)).save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = (60_000).to_bytes(4) * 2
    content[29:33] = crc32(content[12:29]).to_bytes(4)
    bomb = saved(tmp_path / "a.png", bytes(content))
    assert refusal(bomb, AssetKind.IMAGE).code is ErrorCode.TOO_LARGE


def test_a_tiny_picture_is_refused(tmp_path: Path) -> None:
    refused = refusal(write_picture(tmp_path / "a.png", grey(9, 63, 200)), AssetKind.IMAGE)
    assert "63 x 200 pixels. Use one of at least 64" in refused.message


@pytest.mark.parametrize("size", [(8_208, 32), (7_680, 4_800)])
def test_a_clip_of_too_many_pixels_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip([grey(9, *size)]))
    refused = refusal(path, AssetKind.VIDEO)
    assert refused.code is ErrorCode.TOO_LARGE
    assert f"{size[0]} x {size[1]} pixels" in refused.message


def test_a_tiny_clip_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", Clip([grey(9, 8, 8)] * 5))
    assert "smaller than 16 pixels" in refusal(path, AssetKind.VIDEO).message


def test_a_clip_of_more_than_ten_minutes_is_refused(tmp_path: Path) -> None:
    times_ms = [0, 300_000, 599_000, 700_000]
    path = write_clip(tmp_path / "a.mkv", Clip(brightening(4), times_ms=times_ms))
    refused = refusal(path, AssetKind.VIDEO)
    assert refused.code is ErrorCode.TOO_LONG
    assert "longer than 10 minutes" in refused.message


def test_a_sound_of_more_than_ten_minutes_is_refused(tmp_path: Path) -> None:
    sound = Sound(seconds=602, rate=8_000, layout="mono", codec="pcm_s16le")
    path = write_sound(tmp_path / "a.wav", sound)
    assert refusal(path, AssetKind.AUDIO).code is ErrorCode.TOO_LONG


def test_pictures_in_an_unknown_codec_are_refused_as_such(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", Clip(brightening(5)))
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XXX"))
    assert "Export it as MP4 with H.264" in refusal(path, AssetKind.VIDEO).message


@pytest.mark.parametrize("tracks", [65, 300])
def test_a_file_of_many_tracks_is_refused(tmp_path: Path, tracks: int) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w", format="matroska") as container:
        streams = [container.add_stream("pcm_s16le", rate=8000) for _ in range(tracks)]
        container.start_encoding()
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 80), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        for stream in streams:
            container.mux(stream.encode(silence))
    refused = refusal(tmp_path / "a.mkv", AssetKind.VIDEO)
    assert "more than 64 tracks" in refused.message


def test_a_clip_of_too_many_frames_is_refused(tmp_path: Path) -> None:
    times_ms = [*range(20), 40]
    path = write_clip(tmp_path / "a.mkv", Clip([grey(9)] * 21, times_ms=times_ms, fps=1000))
    assert probe(path, AssetKind.VIDEO).frame_count == 21
    facts = probe(path, AssetKind.VIDEO)
    with pytest.raises(MediaRefused, match="more than 144000 frames"):
        confirmed(facts, frames=150_000, duration_s=500.0)


def test_a_clip_found_to_be_longer_than_its_header_says_is_refused(tmp_path: Path) -> None:
    facts = probe(write_clip(tmp_path / "a.mp4", Clip(brightening(5))), AssetKind.VIDEO)
    with pytest.raises(MediaRefused, match="longer than 10 minutes"):
        confirmed(facts, frames=16_000, duration_s=640.0)
