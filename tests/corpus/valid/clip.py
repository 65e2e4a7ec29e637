"""How a clip of the corpus is declared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.corpus.case import CLOCK_S, VIDEO, Accepted, Case, Desk, Facts, dice_of
from tests.corpus.kitchen import ffmpeg, marked_source
from tests.corpus.names import odd_name

H264: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
H264 += ("-threads", "1")
QUIET_X265 = "log-level=error:pools=1:frame-threads=1"
H265: tuple[str, ...] = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
H265 += ("-x265-params", QUIET_X265)
VP9: tuple[str, ...] = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
VP9 += ("-threads", "1", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")
EXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
Words = Sequence[object]
Change = Callable[[bytes, Desk], bytes]


def tone(seconds: float, *, rate: int = 48_000, layout: str = "stereo") -> Words:
    """The input of a sound that is neither silent nor full."""
    source = f"sine=frequency=440:sample_rate={rate}:duration={seconds:.4f}"
    return ("-f", "lavfi", "-i", f"{source},volume=2,aformat=channel_layouts={layout}")


def clip_facts(size: tuple[int, int], fps: str, frames: int, *, sound: bool) -> Facts:
    return {
        "width": size[0],
        "height": size[1],
        "fps": float(Fraction(fps)),
        "duration_seconds": float(frames / Fraction(fps)),
        "has_audio": sound,
    }


@dataclass(frozen=True)
class Clips:
    """Declares clips of one seed."""

    seed: int

    def __call__(  # noqa: PLR0913
        self,
        name: str,
        suffix: str,
        coding: Words = H264,
        *,
        sound: Words | None = AAC,
        layout: str = "stereo",
        rate: int = 48_000,
        sound_factor: float = 1.0,
        size: tuple[int, int] | None = None,
        fps: str = "25",
        frames: int | None = None,
        muxing: Words = (),
        filters: str = "",
        change: Change | None = None,
        facts: Facts | None = None,
        without: Sequence[str] = (),
        marked: bool = True,
        slack_s: float = CLOCK_S,
        container: str = "",
        filename: str = "",
    ) -> Case:
        """sound: how it is coded, if there is one. sound_factor: its length to the pictures'.

        change: of the bytes that ffmpeg wrote. facts: where it is not what ffmpeg was told;
        without: those that are open. container: where the suffix doesn't name it.
        """
        name = f"clip/{name}"
        dice = dice_of(self.seed, name)
        size = size or (2 * dice.randrange(48, 96), 2 * dice.randrange(48, 96))
        frames = frames or max(2, round(dice.uniform(0.5, 1.6) * Fraction(fps)))
        told = clip_facts(size, fps, frames, sound=sound is not None) | (facts or {})
        told = {fact: value for fact, value in told.items() if fact not in without}
        seconds = float(frames / Fraction(fps))

        def make(desk: Desk) -> Path | bytes:
            path = desk.spare(container or suffix or ".mp4")
            chain = ",".join(filter(None, (marked_source(*size, fps), filters)))
            words: list[object] = ["-f", "lavfi", "-i", chain]
            if sound is not None:
                words += tone(seconds * sound_factor, rate=rate, layout=layout)
                words += ["-map", "0:v", "-map", "1:a", *sound]
            words += ["-frames:v", frames, *coding, *muxing, *EXACT, path]
            ffmpeg(*words)
            return path if change is None else change(path.read_bytes(), desk)

        slack = max(slack_s, float(1 / Fraction(fps)))
        expected = Accepted(told, slack, marked)
        return Case(name, VIDEO, filename or odd_name(dice, suffix), make, expected)
