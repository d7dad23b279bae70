"""A server of files for looking at a page, on this machine only."""

import functools
import http.server
import os
import socketserver

from illust_gan.export.errors import ExportError
from illust_gan.export.web import is_page

_HERE = "127.0.0.1"
_NAMES = {_HERE, "localhost"}


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".onnx": "application/octet-stream",
        # Not an encoding: the page unpacks it.
        ".gz": "application/octet-stream",
    }

    def send_head(self):
        # Another name that leads here is that of a stranger's page which asks for this one.
        if self.headers.get("Host", "").rpartition(":")[0] not in _NAMES:
            self.send_error(403, "Not here")
            return None
        return super().send_head()

    def end_headers(self):
        # A page that was written anew is shown anew.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def list_directory(self, path):
        self.send_error(404, "No such file")

    def log_message(self, form, *arguments):
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A browser that has gone away in the middle of a file.
        pass


def make_server(folder, port=8000):
    """Make a server of a page's files, which answers programs of this machine only.

    Args:
        folder (str or os.PathLike): What :func:`illust_gan.export_web` wrote.
        port (int): Of 127.0.0.1, 0 to 65535; with 0, one that is free is taken.

    Returns:
        socketserver.BaseServer: Listening; ``serve_forever()`` answers, and
        ``server_address[1]`` is the port.

    Raises:
        ExportError: If the folder is no such page, or the port is taken or not allowed.
    """
    if not is_page(folder):
        what = "holds no page" if os.path.isdir(folder) else "is no folder"
        raise ExportError(f"{folder} {what}; give a folder that illust-gan export web wrote")
    handler = functools.partial(_Handler, directory=os.fspath(folder))
    try:
        return _Server((_HERE, port), handler)
    except OSError as error:
        raise ExportError(
            f"port {port} of {_HERE} is not to be had ({error.strerror}); give another with "
            "--port, or 0 for any"
        ) from error
