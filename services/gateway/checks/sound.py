"""What may be wrong with the sound that a character performs."""

from proto.errors import Remedy
from proto.job import AudioPerformanceRequest, PromiseWarning
from proto.media import Examination
from services.gateway.checks.proposal import Proposal

FIELD = "audio_asset_id"

SILENCE_DBFS = -60.0
"""The noise of a quiet room in a recording lies about here."""
QUIET_LUFS = -40.0
"""Speech is mostly recorded at -30 to -16."""
GATE_S = 0.4
"""What BS.1770 measures at once: a shorter sound has no loudness."""
LEAST_SPEECH_S = 0.3
LEAST_SPEECH_SHARE = 0.03


def check_sound(proposal: Proposal) -> PromiseWarning | None:
    """The first thing that is wrong with it; what was not looked for is not missed."""
    seen = proposal.driving.examination
    if seen is None or not isinstance(proposal.request, AudioPerformanceRequest):
        return None
    if _is_silent(seen):
        return _warning(
            "nothing_heard",
            "We hear nothing in this sound, so the face will stay still. Choose another one.",
        )
    if _has_no_speech(seen):
        return _warning(
            "no_speech",
            "We hear sound but no clear voice, so the lips may not move. Singing can be missed; "
            "if nobody speaks, choose another one.",
        )
    if _is_quiet(seen):
        return _warning(
            "very_quiet",
            "This sound is very quiet, so the lips may move too little. Choose a louder one.",
        )
    return None


def _is_silent(seen: Examination) -> bool:
    heard, duration_s = seen.loudness, seen.facts.duration_s
    if heard is None:
        return False
    measured = duration_s is not None and duration_s >= GATE_S
    return heard.peak_dbfs < SILENCE_DBFS or (measured and heard.integrated_lufs is None)


def _has_no_speech(seen: Examination) -> bool:
    if seen.speech_s is None or seen.facts.duration_s is None:
        return False
    return seen.speech_s < max(LEAST_SPEECH_S, LEAST_SPEECH_SHARE * seen.facts.duration_s)


def _is_quiet(seen: Examination) -> bool:
    heard = seen.loudness
    return (
        heard is not None
        and heard.integrated_lufs is not None
        and heard.integrated_lufs < QUIET_LUFS
    )


def _warning(code: str, message: str) -> PromiseWarning:
    return PromiseWarning(code=code, message=message, field=FIELD, action=Remedy.REPLACE)
