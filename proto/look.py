from enum import StrEnum

from proto.model import Model


class Look(Model):
    """What pictures look like on the whole.

    luma, contrast: mean and standard deviation of BT.709 luma, 0..1. lightness, a, b: the mean
    CIELAB colour (D65). sharpness: variance of the Laplacian of luma, in 8-bit levels squared, at
    a small size: to be compared among pictures of one size only.
    """

    luma: float
    contrast: float
    lightness: float
    a: float
    b: float
    sharpness: float


class Trait(StrEnum):
    COLOUR = "colour"
    EXPOSURE = "exposure"
    SHARPNESS = "sharpness"


class DriftLimits(Model):
    """colour, exposure: the most in either direction. sharpness: the least."""

    colour: float
    exposure: float
    sharpness: float


DRIFT_LIMITS = DriftLimits(
    # Four to five times what is just noticeable (2.3): seen at a glance when the parts meet.
    colour=10.0,
    # Three quarters of a stop in middle grey.
    exposure=0.12,
    # Encoding a grainy scene at crf 28 takes 5 in 100: half of it is not the encoder's doing.
    sharpness=0.5,
)


class Drift(Model):
    """How far a segment's look is from the first segment's, and from the picture's if it has one.

    colour: distance in CIELAB's a and b, for lightness is exposure's. exposure: luma gained, as a
    share of the full scale. sharpness: of equal contrast, 1 when equal, less when softer.
    from_picture_*: to be read, not judged by, for a scene is lit and framed unlike a portrait.
    """

    colour: float
    exposure: float
    sharpness: float
    from_picture_colour: float | None = None
    from_picture_exposure: float | None = None

    def exceeded(self, limits: DriftLimits = DRIFT_LIMITS) -> list[Trait]:
        """The traits that have left the first segment's look."""
        beyond = {
            Trait.COLOUR: self.colour > limits.colour,
            Trait.EXPOSURE: abs(self.exposure) > limits.exposure,
            Trait.SHARPNESS: self.sharpness < limits.sharpness,
        }
        return [trait for trait, left in beyond.items() if left]

    def exceeds(self, limits: DriftLimits = DRIFT_LIMITS) -> bool:
        return bool(self.exceeded(limits))
