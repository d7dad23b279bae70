"""The manifest of a packed data set as a file: JSON that a person can read, however long."""

import json


def write_manifest(f, manifest):
    """Write a manifest, a line for each picture.

    Args:
        f (binary file): Where to.
        manifest (dict): What JSON can say. Of ``pictures`` and ``left_out`` any iterable will do,
            which need not fit into memory.

    >>> import io
    >>> file = io.BytesIO()
    >>> write_manifest(file, {"count": 2, "pictures": ({"file": name} for name in "ab")})
    >>> print(file.getvalue().decode())
    {
      "count": 2,
      "pictures": [
        {"file": "a"},
        {"file": "b"}
      ]
    }
    <BLANKLINE>
    """
    f.write(b"{")
    for i, (key, value) in enumerate(manifest.items()):
        f.write(b"," * (i > 0) + b"\n  " + _encoded(key) + b": ")
        if key in ("pictures", "left_out"):
            _write_lines(f, value)
        else:
            f.write(_encoded(value, indent=2).replace(b"\n", b"\n  "))
    f.write(b"\n}\n")


def _write_lines(f, items):
    f.write(b"[")
    empty = True
    for item in items:
        f.write(b"\n    " if empty else b",\n    ")
        f.write(_encoded(item))
        empty = False
    f.write(b"]" if empty else b"\n  ]")


def _encoded(value, indent=None):
    # Bytes of a file name that are not UTF-8 are lone surrogates in Python, and their
    # backslash-replaced form is what JSON writes for them.
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.encode("utf-8", "backslashreplace")
