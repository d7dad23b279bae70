"""onnxruntime-web, which runs a model in a browser: what the page needs of its npm package.

Only the standard library is used here, as setup.py runs this file before anything is installed: a
wheel brings the files along, and so does a checkout that was installed where npm is.
"""

import base64
import gzip
import hashlib
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

PACKAGE = "onnxruntime-web"
VERSION = "1.30.0"
INTEGRITY = (
    "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
"""str: SHA-512 of the package in base64, as npm publishes it beside this version."""

ARCHIVE = f"{PACKAGE}-{VERSION}.tgz"

# Of each of the two, the script that has its loader in it, and the program. The second knows
# WebGPU, and waits for it by JSPI, JavaScript Promise Integration, which not every browser has.
# (A third build does without, by a program of 27 MB; the first of 14 MB does instead.)
_FILES = {
    "dist/ort.wasm.bundle.min.mjs": "ort.wasm.js",
    "dist/ort-wasm-simd-threaded.wasm": "ort.wasm.gz",
    "dist/ort.jspi.bundle.min.mjs": "ort.jspi.js",
    "dist/ort-wasm-simd-threaded.jspi.wasm": "ort.jspi.gz",
}

FILES = tuple(_FILES.values())
"""tuple of str: Programs end in ``.gz``: a quarter of their size, whatever the server does. Scripts
end in ``.js``, as not every server knows ``.mjs``."""

FOLDER = pathlib.Path(__file__).parent / PACKAGE / VERSION
"""pathlib.Path: Where they lie in this package."""


def is_there(folder):
    """Tell whether all files are in a folder."""
    return all(os.path.isfile(os.path.join(folder, name)) for name in FILES)


def download(folder):
    """Let npm download the package, and put what is needed of it into a folder.

    Args:
        folder (str or os.PathLike): Is made if it is not there; what it has is kept.

    Raises:
        OSError: If there is no npm, or it cannot download the package, or no file can be written.
        ValueError: If what it downloaded is not that package, to the bit.
    """
    with tempfile.TemporaryDirectory() as there:
        command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", there]
        if not shutil.which("npm"):
            raise OSError("npm is not installed")
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()]
            raise OSError(f"npm pack {PACKAGE}@{VERSION} failed ({said[-1] if said else 'silent'})")
        unpack(os.path.join(there, ARCHIVE), folder)


def unpack(archive, folder):
    """Put what the page needs of the package into a folder, all of it or nothing.

    Args:
        archive (str or os.PathLike): What ``npm pack`` makes. It is compared with
            :data:`INTEGRITY` before it is looked into.
        folder (str or os.PathLike): Is made if it is not there.

    Raises:
        OSError: If a file cannot be read or written.
        ValueError: If it is another file.
    """
    with open(archive, "rb") as f:
        digest = base64.b64encode(hashlib.file_digest(f, "sha512").digest()).decode()
    if digest != INTEGRITY:
        raise ValueError(f"its SHA-512 is not that of {PACKAGE} {VERSION}")
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as part, tarfile.open(archive) as tar:
        for member, name in _FILES.items():
            data = tar.extractfile(f"package/{member}").read()
            if name.endswith(".gz"):
                # Without the time, so that the same package gives the same bytes.
                data = gzip.compress(data, mtime=0)
            pathlib.Path(part, name).write_bytes(data)
        for name in FILES:
            os.replace(os.path.join(part, name), os.path.join(folder, name))
