"""What can be wrong with a data set, and with one picture."""

from illust_gan.errors import UserError


class DatasetError(UserError):
    """A set of pictures that cannot be made or opened, told in one sentence."""


class PictureError(DatasetError):
    """One picture that cannot be read.

    Attributes:
        file (str): The picture's name.
        reason (str): Why it cannot be read, without the name.
    """

    def __init__(self, file, reason):
        super().__init__(file, reason)
        self.file = file
        self.reason = reason

    def __str__(self):
        return f"{self.file}: {self.reason}"
