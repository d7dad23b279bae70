"""What can be wrong with a data set, and with one picture."""

from illust_gan.errors import UserError

WORDS = {
    "directory": "a folder by the name of a picture",
    "link": "a symbolic link, which is not followed",
    "special": "a pipe, socket or device",
    "path": "a name that leads out of its archive",
    "missing": "not there",
    "permission": "not allowed to be read",
    "unreadable": "the disk or the archive gave an error",
    "encrypted": "needs a password",
    "changed": "changed while it was read",
    "empty": "without a byte in it",
    "format": "of a kind that is not read",
    "damaged": "truncated or broken",
    "bomb": "larger than what is decoded",
    "depth": "more than 16 bits a channel",
    "memory": "needs more memory than it should",
    "slow": "keeps the decoder busy for minutes",
    "crashed": "brings the decoder down",
    "small": "smaller than wanted",
    "blank": "of one colour",
    "no face": "no face found in it",
    "no label": "in no folder that could be its label",
    "duplicate": "the same pixels as another",
    "near-duplicate": "nearly the same as another",
}
"""Why pictures are left out: a word for each reason, and what it says of a picture."""


class DatasetError(UserError):
    """A set of pictures that cannot be made or opened, told in one sentence."""


class PictureError(DatasetError):
    """One picture that cannot be read.

    Args:
        file (str): The picture's name.
        reason (str): Why it cannot be read, without the name.
        word (str): The kind of reason, one of :data:`WORDS`.

    Attributes:
        file (str): The picture's name.
        reason (str): Why it cannot be read, without the name.
        word (str): The kind of reason.
    """

    def __init__(self, file, reason, word="damaged"):
        super().__init__(file, reason, word)
        self.file = file
        self.reason = reason
        self.word = word

    def __str__(self):
        return f"{self.file}: {self.reason}"
