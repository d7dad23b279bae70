"""``cupy.cuda.nvrtc``: its version; g++ compiles in its place."""


def getVersion():
    """Return the version whose language is emulated."""
    return 13, 0
