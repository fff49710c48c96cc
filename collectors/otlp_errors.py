"""Why a body sent to the OTLP receiver cannot be taken, each with the HTTP status that says so."""


class BodyError(Exception):
    """A body that gives nothing; the message names no content of the body."""

    status = 400


class BadBody(BodyError):  # noqa: N818 (named for what is wrong)
    """Undecodable: sending it again cannot help."""


class TooLarge(BodyError):  # noqa: N818 (named for what is wrong)
    """More bytes or more messages than one request may carry."""

    status = 413


class Unsupported(BodyError):  # noqa: N818 (named for what is wrong)
    """A content type or encoding that this receiver does not speak."""

    status = 415
