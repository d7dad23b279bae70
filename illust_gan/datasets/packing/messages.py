"""What the packing process and its workers say to each other: JSON, and bytes beside it.

Nothing here is pickled: a worker has looked at strangers' files, and what it sends is taken as
numbers, text and pixels only.
"""

import json

_MAX_HEAD = 2**26
_MAX_BODY = 2**31 - 1


def send(connection, head, bodies=()):
    """Send a message.

    Args:
        connection (multiprocessing.connection.Connection): Where to.
        head (dict): What JSON can say.
        bodies (sequence of bytes-like): Pixels, for instance; the head names them by their place.
    """
    # Names of files may hold bytes that are not UTF-8, as lone surrogates: JSON escapes them.
    bodies = [memoryview(body).cast("B") for body in bodies]
    sizes = [body.nbytes for body in bodies]
    connection.send_bytes(json.dumps([head, sizes]).encode("ascii"))
    for body in bodies:
        connection.send_bytes(body)


def receive(connection):
    """Receive a message.

    Args:
        connection (multiprocessing.connection.Connection): Where from.

    Returns:
        tuple: ``head`` (dict) and ``bodies`` (list of bytes).

    Raises:
        EOFError, OSError: If the other side is gone, or says what makes no sense.
    """
    try:
        head, sizes = json.loads(connection.recv_bytes(_MAX_HEAD))
        bodies = [connection.recv_bytes(min(size, _MAX_BODY)) for size in sizes]
        if not isinstance(head, dict) or [len(body) for body in bodies] != sizes:
            raise ValueError("its parts do not fit")
    except (ValueError, TypeError) as error:
        raise OSError(f"a message makes no sense: {error}") from error
    return head, bodies
