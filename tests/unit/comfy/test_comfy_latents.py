"""What a latent file holds, before anything goes on from it."""

import json
import struct
from pathlib import Path

import pytest

from services.comfy.latents import BadLatent, count_latents


def latent(path: Path, frames: int = 20) -> Path:
    size = 4 * 16 * frames
    header = {
        "__metadata__": {"prompt": "{}"},
        "latent_tensor": {
            "dtype": "F32",
            "shape": [1, 16, frames, 1, 1],
            "data_offsets": [0, size],
        },
        "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [size, size]},
    }
    encoded = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + bytes(size))
    return path


@pytest.mark.parametrize("frames", [1, 20])
def test_frames_are_counted_by_the_tensors_shape(tmp_path: Path, frames: int) -> None:
    assert count_latents(latent(tmp_path / "a.latent", frames)) == frames


@pytest.mark.parametrize("kept", [0, 5, 40, -1])
def test_file_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    path = latent(tmp_path / "a.latent")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BadLatent):
        count_latents(path)


@pytest.mark.parametrize("header", [b"{}", b"not json", b'{"latent_tensor": 3}'])
def test_file_without_a_latent_is_refused(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.latent"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(BadLatent):
        count_latents(path)
