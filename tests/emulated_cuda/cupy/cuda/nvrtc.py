"""``cupy.cuda.nvrtc``: its version; g++ compiles in its place."""


def getVersion():  # noqa: N802
    """Return the version whose language is emulated."""
    return 13, 0
