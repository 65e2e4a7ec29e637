"""How a hostile file is declared, and the good files that the bad ones are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from proto.media import AssetKind
from tests.corpus.case import Case, Desk, Expected, Make, Refused, dice_of
from tests.corpus.kitchen import drawn, ffmpeg, marked_source
from tests.corpus.names import odd_name
from tests.corpus.valid.clip import AAC, EXACT, H264, tone
from tests.corpus.valid.picture import packed

Damage = Callable[[bytes, Desk], bytes]
FPS = 25


@dataclass(frozen=True)
class Hostiles:
    """Declares hostile files of one seed and family."""

    seed: int
    family: str

    def __call__(
        self,
        name: str,
        kind: AssetKind,
        suffix: str,
        make: Make,
        expected: Expected | None = None,
    ) -> Case:
        name = f"hostile/{self.family}/{name}"
        filename = odd_name(dice_of(self.seed, name), suffix)
        return Case(name, kind, filename, make, expected or Refused())

    def damaged(
        self,
        name: str,
        kind: AssetKind,
        suffix: str,
        whole: Make,
        damage: Damage,
        expected: Expected | None = None,
    ) -> Case:
        """A good file, and what was done to it."""

        def make(desk: Desk) -> bytes:
            good = whole(desk)
            assert isinstance(good, bytes)
            return damage(good, desk)

        return self(name, kind, suffix, make, expected)


def picture(form: str, **options: object) -> Callable[[Desk], bytes]:
    """Of a size by the dice, as Pillow writes it."""

    def make(desk: Desk) -> bytes:
        size = desk.dice.randrange(80, 200), desk.dice.randrange(80, 200)
        return packed(drawn(*size), form, **options)

    return make


def clip(
    suffix: str = ".mp4",
    *,
    frames: int = 24,
    coding: Sequence[object] = H264,
    muxing: Sequence[object] = (),
    sound: Sequence[object] | None = AAC,
) -> Callable[[Desk], bytes]:
    """160 x 96, FPS frames a second, with a tone."""

    def make(desk: Desk) -> bytes:
        path = desk.spare(suffix)
        words: list[object] = ["-f", "lavfi", "-i", marked_source(160, 96, str(FPS))]
        words += [] if sound is None else [*tone(frames / FPS), *sound]
        ffmpeg(*words, "-frames:v", frames, *coding, *muxing, *EXACT, path)
        return path.read_bytes()

    return make


def sound(suffix: str = ".wav", *, seconds: float = 0.8) -> Callable[[Desk], bytes]:
    def make(desk: Desk) -> bytes:
        path = desk.spare(suffix)
        ffmpeg(*tone(seconds), *EXACT, path)
        return path.read_bytes()

    return make


def plain(content: bytes) -> Make:
    return lambda _desk: content
