from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proto.media import Crop
from services.media.recipe import (
    ClipRecipe,
    PictureRecipe,
    Recipe,
    SoundtrackRecipe,
    VoiceRecipe,
)
from tests.media_factory import make_picture, make_sound, watch
from tests.unit.media.media_factories import (
    Clip,
    brightening,
    read_picture,
    sound_s,
    write_clip,
)

PICTURE = PictureRecipe(width=96, height=64, crop=None)
CLIP = ClipRecipe(width=96, height=64, fps=Fraction(16), frames=17, hold_to=17)


@pytest.mark.parametrize(
    ("recipe", "change"),
    [
        (PICTURE, {"width": 112}),
        (PICTURE, {"height": 80}),
        (PICTURE, {"crop": Crop(width=0.5)}),
        (CLIP, {"width": 112}),
        (CLIP, {"height": 80}),
        (CLIP, {"fps": Fraction(24)}),
        (CLIP, {"frames": 16}),
        (CLIP, {"hold_to": 21}),
        (VoiceRecipe(duration_s=1.0), {"duration_s": 1.01}),
        (SoundtrackRecipe(duration_s=1.0), {"duration_s": 1.01}),
    ],
    ids=str,
)
def test_a_recipe_with_another_term_is_another(recipe: Recipe, change: dict[str, Any]) -> None:
    assert recipe.model_copy(update=change).digest != recipe.digest
    assert recipe.model_copy().digest == recipe.digest


def test_voice_and_soundtrack_are_not_each_other() -> None:
    assert VoiceRecipe(duration_s=1.0).digest != SoundtrackRecipe(duration_s=1.0).digest


def test_a_picture_recipe_gives_the_picture(tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    assert PICTURE.write(make_picture(tmp_path / "a.jpg"), out) == 1
    assert read_picture(out).shape == (64, 96, 3)


def test_a_clip_recipe_counts_the_frames_that_are_the_sources_own(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "a.mp4", Clip(brightening(14), fps=16))
    out = tmp_path / "out.mp4"
    assert CLIP.write(source, out) == 14
    assert watch(out).frames == 17


@pytest.mark.parametrize("recipe", [VoiceRecipe(duration_s=1.5), SoundtrackRecipe(duration_s=1.5)])
def test_a_sound_recipe_gives_the_sound(tmp_path: Path, recipe: Recipe) -> None:
    out = tmp_path / "out.wav"
    assert recipe.write(make_sound(tmp_path / "a.mp3"), out) == 0
    assert sound_s(out) == 1.5
