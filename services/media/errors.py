from proto.errors import ErrorCode


class MediaRefused(Exception):
    """A file we cannot use. The message is a sentence for the user who sent it."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadSegment(Exception):
    """A rendered file is not what its segment promised."""
