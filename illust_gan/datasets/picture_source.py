"""What a folder, an archive and a list of pictures have in common."""

import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path

from illust_gan.datasets.errors import DatasetError, PictureError
from illust_gan.datasets.pictures import ENDINGS
from illust_gan.errors import printable

_DRAWN = ".psd .psb .clip .lip .kra .ora .xcf .sai .sai2 .mdp .pdn .ai .eps .svg .svgz .pdf"
_CODED = ".heic .heif .avif .jxl .jp2 .j2k .jpx .jxr .qoi .tga .dds .ico .cur .pcx .exr .hdr"
_PLAIN = ".pnm .ppm .pgm .pbm .pam .xbm .xpm"
_RAW = ".dng .cr2 .cr3 .nef .arw .orf .rw2 .raf .pef .srw"

UNREAD = frozenset(f"{_DRAWN} {_CODED} {_PLAIN} {_RAW}".split())
"""Endings, in lower case, of pictures that are not read; each such file is a line."""

WANTED = "a folder of pictures, a zip archive or a text file of paths"
"""What can be given as a source, as messages say it."""


class PictureSource:
    """Names of pictures in their final order, and what was left out when they were looked for.

    Args:
        path (str or os.PathLike): Where the pictures are.

    Attributes:
        kind (str): ``"folder"``, ``"zip"`` or ``"list"``.
        path (pathlib.Path): Where the pictures are.
        name (str): The source's own name, without the folders above it.
        pictures (list of str): The pictures' names in their final order.
        left_out (list of dict): ``file``, ``word`` (of
            :data:`~illust_gan.datasets.errors.WORDS`) and ``reason`` of what could have been a
            picture and is none that can be read, in natural order of the names.
        passed_over (collections.Counter): How many files are no pictures, by their ending in
            lower case or ``"without ending"``.
    """

    kind = None
    wanted = f"files ending in {' '.join(ENDINGS)} that are not hidden"

    def __init__(self, path):
        self.path = Path(path)
        self.name = self.path.name
        self.pictures = []
        self.left_out = []
        self.passed_over = Counter()

    def label(self, name):
        """Return the name of the folder that can be a picture's label, or None if there is none.

        Args:
            name (str): The picture's, as the source has it.
        """
        raise NotImplementedError

    def leave_out_unlabelled(self):
        """Move the pictures that have no :meth:`label` to ``left_out``."""
        labelled = []
        for name in self.pictures:
            if self.label(name) is None:
                reason = "it lies in no folder of the source, so it has no label"
                self._leave_out(PictureError(name, reason, "no label"))
            else:
                labelled.append(name)
        self.pictures = labelled
        self._order()

    def stamp(self):
        """Return a text that differs when the names, sizes or times of the pictures do.

        For a zip archive it is made of names, sizes and CRC-32 of the members instead, so that
        a copy of the archive has the same one.

        Returns:
            str: SHA-256 in hexadecimal.
        """
        digest = hashlib.sha256()
        for name in self.pictures:
            # JSON without a character beyond ASCII also holds names that are no proper Unicode.
            digest.update(json.dumps([name, self._state(name)]).encode() + b"\n")
        return digest.hexdigest()

    def _state(self, name):
        """Return what tells one version of a picture from another."""
        raise NotImplementedError

    def _leave_out(self, error, **more):
        left_out = {"file": error.file, "word": error.word, "reason": error.reason}
        self.left_out.append(left_out | more)

    def _pass_over(self, name, kind):
        """Count a file of this ending, or leave it out if a person would call it a picture."""
        if kind in UNREAD:
            reason = f"it is a {kind} file, which has to be exported as PNG first"
            self._leave_out(PictureError(name, reason, "format"))
        else:
            self.passed_over[kind or "without ending"] += 1

    def _finish(self):
        """Order what does not have its order yet; raise an error if there is no picture."""
        self._order()
        # A disk lists its files in any order, and a Counter gives equal counts in that order.
        self.passed_over = Counter(dict(sorted(self.passed_over.items())))
        if not self.pictures:
            raise DatasetError(
                f"No picture found in {self.path}: {self._seen()}; wanted {self.wanted}"
            )

    def _order(self):
        self.left_out.sort(key=lambda left_out: (natural_key(left_out["file"]), left_out["word"]))

    def _seen(self):
        seen = []
        if self.passed_over:
            common = self.passed_over.most_common(6)
            counts = [f"{n} {printable(kind, 20)}" for kind, n in common]
            more = ["..."] if len(self.passed_over) > 6 else []
            total = self.passed_over.total()
            files = "file" if total == 1 else "files"
            seen.append(f"{total} other {files} ({', '.join(counts + more)})")
        if self.left_out:
            named = [f"{printable(one['file'])}: {one['reason']}" for one in self.left_out[:3]]
            more = [f"and {len(self.left_out) - 3} more"] if len(self.left_out) > 3 else []
            seen.append(f"{len(self.left_out)} left out ({'; '.join(named + more)})")
        return ", ".join(seen) or "nothing seen"


def ending(name):
    """Return the ending of a file's name in lower case, with its dot, or nothing.

    >>> ending("scans/Page 3.PNG"), ending("scans/README")
    ('.png', '')
    """
    return os.path.splitext(name)[1].lower()


def is_hidden(name):
    """Return whether a file or folder of this name is passed over without a word."""
    return name.startswith(".") or name == "__MACOSX"


def natural_key(name):
    """Return what names are sorted by to come in the order in which people count.

    >>> sorted(["10.png", "2.png", "a/1.png", "01.png", "1.png"], key=natural_key)
    ['01.png', '1.png', '2.png', '10.png', 'a/1.png']
    """
    # Splitting at the digits leaves text at even places and digits at odd ones, so that keys of
    # different names compare; the name itself decides between 1.png and 01.png.
    parts = [re.split(r"([0-9]+)", part) for part in name.split("/")]
    return [[_number(x) if i % 2 else x for i, x in enumerate(part)] for part in parts], name


def _number(digits):
    # int() refuses numbers of some thousand digits, which the names in an archive may have.
    digits = digits.lstrip("0")
    return len(digits), digits
