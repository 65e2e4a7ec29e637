from services.local.children import environment
from services.local.layout import Layout
from services.settings import Settings

PREFIX = "ANIMATRIX_"


def settings_of(layout: Layout) -> Settings:
    """What the stack's own services run with."""
    given = environment(layout).items()
    return Settings.model_validate(
        {name[len(PREFIX) :].lower(): value for name, value in given if name.startswith(PREFIX)}
    )
