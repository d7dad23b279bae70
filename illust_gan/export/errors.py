"""Why a generator could not be exported."""

from illust_gan.errors import UserError


class ExportError(UserError):
    """A generator could not be exported, and nothing was kept; the message says why."""
