"""Links by which a video is seen without signing in."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from proto.model import Model, Request

MAX_SHARE_DAYS = 365


class ShareRequest(Request):
    """days: until the link ends; None: when it is revoked. show_prompt: whether the page says what
    was asked for; show_inputs: whether it shows the picture and clip the video was made from.
    """

    days: Annotated[int | None, Field(ge=1, le=MAX_SHARE_DAYS)] = 30
    show_prompt: bool = False
    show_inputs: bool = False
    allow_download: bool = False


class Share(Model):
    """A link without its secret part. hint: the part's first characters, to tell links apart.

    views: how often the page was opened.
    """

    share_id: str
    job_id: str
    owner: str
    hint: str
    show_prompt: bool
    show_inputs: bool
    allow_download: bool
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    views: int = 0
    viewed_at: datetime | None = None


class NewShare(Share):
    """url: shown this once; only the hash of its secret part is kept."""

    url: str


class ShareList(Model):
    items: list[Share]


class SharePage(Model):
    items: list[Share]
    next_cursor: str | None = None
