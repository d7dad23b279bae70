"""The server that shows a page to this machine and nobody else."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from illust_gan.export.errors import ExportError
from illust_gan.export.server import make_server


@pytest.fixture
def folder(tmp_path):
    """What looks like a page, and a secret beside it."""
    (tmp_path / "secret").write_text("nobody's business")
    page = tmp_path / "page"
    (page / "runtime").mkdir(parents=True)
    for name in ("index.html", "site.json", "generator.onnx", "main.js", "runtime/ort.wasm.gz"):
        (page / name).write_text(name)
    return page


@pytest.fixture
def server(folder):
    with make_server(folder, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server, path, host=None, method="GET"):
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{server.server_address[1]}")
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def test_gives_the_files_of_the_page(server):
    for path, kind in (
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/site.json", "application/json"),
        ("/main.js", "text/javascript"),
        ("/generator.onnx", "application/octet-stream"),
        ("/runtime/ort.wasm.gz", "application/octet-stream"),
    ):
        status, headers, text = ask(server, path)
        assert status == 200
        assert text == path.lstrip("/") or (path, text) == ("/", "index.html")
        assert headers["Content-Type"].partition(";")[0] == kind
        assert headers["Content-Encoding"] is None
        assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/../secret", "/%2e%2e/secret", "/runtime/../../secret", "//../secret", "/..%2fsecret"]
)
def test_gives_nothing_else(server, path):
    status, _, text = ask(server, path)
    assert status == 404
    assert "business" not in text


def test_lists_no_folder(server):
    status, _, text = ask(server, "/runtime/")
    assert status == 404
    assert "ort.wasm" not in text


def test_listens_to_this_machine_only(server):
    assert server.server_address[0] == "127.0.0.1"
    port = server.server_address[1]
    assert ask(server, "/", f"localhost:{port}")[0] == 200
    # A stranger's name that was made to lead to this machine.
    assert ask(server, "/", f"faces.example:{port}")[0] == 403
    assert ask(server, "/", f"faces.example:{port}", "HEAD")[0] == 403
    assert ask(server, "/", "127.0.0.1.example:80")[0] == 403


def test_a_folder_that_is_no_page_is_refused(tmp_path):
    with pytest.raises(
        ExportError, match="holds no page; give a folder that illust-gan export web"
    ):
        make_server(tmp_path)
    with pytest.raises(ExportError, match="nowhere is no folder; give a folder"):
        make_server(tmp_path / "nowhere")


def test_a_port_that_is_taken_is_said(server, folder):
    port = server.server_address[1]
    with pytest.raises(
        ExportError, match=rf"port {port} of 127\.0\.0\.1 is not to be had .*--port"
    ):
        make_server(folder, port)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(folder, stop):
    command = [sys.executable, "-u", "-m", "illust_gan", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            line = process.stdout.readline()
            port = int(re.search(r"at http://127\.0\.0\.1:(\d+)/ until Ctrl-C$", line)[1])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/site.json")
            assert connection.getresponse().read() == b"site.json"
            process.send_signal(stop)
            assert process.wait(20) == (0 if stop is signal.SIGINT else -signal.SIGTERM)
            assert process.stderr.read() == ""
        finally:
            process.kill()
