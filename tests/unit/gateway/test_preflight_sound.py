"""What is said of a sound, of the video's length and of the line before a video is made."""

import pytest

from proto.errors import Remedy
from proto.job import QualityProfile, SecondsRange
from proto.media import Loudness
from services.gateway.preflight import warnings
from services.store.assets import AssetRow
from tests.unit.gateway.preflight_factory import (
    GOOD_CLIP,
    GOOD_SOUND,
    clip,
    codes,
    move,
    perform,
    proposal,
    sound,
)

SILENT = Loudness(integrated_lufs=None, peak_dbfs=-90)
LONG_WAIT = SecondsRange(low=540, high=900)


def said(driving: AssetRow) -> list[str]:
    return codes(perform(), driving)


def loud(lufs: float | None, peak: float = -10) -> AssetRow:
    return sound(Loudness(integrated_lufs=lufs, peak_dbfs=peak))


def test_clear_voice_is_not_talked_about() -> None:
    assert said(sound()) == []


def test_silence_says_that_the_face_stays_still_and_nothing_else() -> None:
    [warning] = warnings(proposal(perform(), sound(SILENT, speech_s=0)), None)
    assert (warning.code, warning.action) == ("nothing_heard", Remedy.REPLACE)
    assert "still" in warning.message


@pytest.mark.parametrize(
    ("lufs", "peak", "told"),
    [
        (None, -10, ["nothing_heard"]),
        (-59, -60.1, ["nothing_heard"]),
        (-59, -60.0, ["very_quiet"]),
        (-40.1, -30, ["very_quiet"]),
        (-40.0, -30, []),
    ],
)
def test_level_of_a_sound(lufs: float | None, peak: float, told: list[str]) -> None:
    assert said(loud(lufs, peak)) == told


def test_sound_too_short_to_be_measured_is_not_called_silent() -> None:
    short = sound(Loudness(integrated_lufs=None, peak_dbfs=-3), speech_s=0.35, seconds=0.39)
    assert said(short) == []


@pytest.mark.parametrize(
    ("speech_s", "seconds", "told"),
    [
        (0.0, 4, ["no_speech"]),
        (0.29, 4, ["no_speech"]),
        (0.3, 4, []),
        (0.89, 30, ["no_speech"]),
        (0.9, 30, []),
    ],
)
def test_voice_is_missed_where_next_to_none_is_heard(
    speech_s: float, seconds: float, told: list[str]
) -> None:
    found = said(sound(speech_s=speech_s, seconds=seconds))
    assert [code for code in found if code != "long_video"] == told


def test_what_was_not_checked_is_not_missed() -> None:
    assert said(sound(loudness=None, speech_s=None)) == []
    assert said(sound().model_copy(update={"examination": None})) == []


def test_file_shorter_than_what_was_asked_for_is_told() -> None:
    [warning] = warnings(proposal(move(duration_override_seconds=9), GOOD_CLIP), None)
    assert (warning.code, warning.action) == ("shorter_than_asked", Remedy.REPLACE)
    assert warning.field == "motion_video_asset_id"
    assert "4.0 seconds" in warning.message


@pytest.mark.parametrize(
    ("quality", "action"),
    [(QualityProfile.STANDARD, Remedy.USE_DRAFT), (QualityProfile.DRAFT, Remedy.TRIM)],
)
def test_long_video_is_to_be_tried_in_draft_first(quality: QualityProfile, action: Remedy) -> None:
    asked = move(quality_profile=quality)
    assert codes(asked, clip(seconds=10.0)) == []
    [warning] = warnings(proposal(asked, clip(seconds=10.1)), None)
    assert (warning.code, warning.action) == ("long_video", action)
    assert warning.trim_to_seconds == (10.0 if action is Remedy.TRIM else None)


def test_busy_line_offers_draft_or_patience() -> None:
    ordinary, quick = move(), move(quality_profile=QualityProfile.DRAFT)
    [warning] = warnings(proposal(ordinary, GOOD_CLIP), LONG_WAIT)
    assert (warning.code, warning.action) == ("busy", Remedy.USE_DRAFT)
    assert "about 12 minutes" in warning.message
    [patience] = warnings(proposal(quick, GOOD_CLIP), LONG_WAIT)
    assert patience.action is Remedy.WAIT


def test_line_is_busy_from_ten_minutes_on() -> None:
    assert codes(perform(), GOOD_SOUND, wait=SecondsRange(low=300, high=600)) == []
    assert codes(perform(), GOOD_SOUND, wait=SecondsRange(low=300, high=601)) == ["busy"]
