from proto.model import Model


class Studio(Model):
    """What the page should know before anything is made.

    simulated: every renderer draws its results instead of generating them. False while none is
    known.
    """

    simulated: bool
