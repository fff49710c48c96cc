"""A price list is fetched within bounds of time and size, from public addresses only, and never after a redirect."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from collectors.price_fetch import fetch_price_list
from collectors.rejected import SourceError


class _Answers(BaseHTTPRequestHandler):
    """Small answers by path, as a mirror or an attacker might give them."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/list")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()
        if self.path == "/slow":
            while self._write(b"x"):
                time.sleep(0.05)
        elif self.path == "/host":
            self._write(str(self.headers["Host"]).encode())
        else:
            self._write(b"[]" if self.path == "/list" else b"x" * 5_000)

    def _write(self, content: bytes) -> bool:
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:
            return False  # the client had enough
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def _loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def test_a_list_is_fetched_from_the_address_that_was_looked_up(port: int) -> None:
    """The name is asked once; the server still hears it as its host."""
    url = f"http://prices.example:{port}"
    assert fetch_price_list(f"{url}/list", allow_private=True, lookup=_loopback) == b"[]"
    assert fetch_price_list(f"{url}/host", allow_private=True, lookup=_loopback) == f"prices.example:{port}".encode()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "192.0.0.9", "224.0.0.1"),
        *("::1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:a9fe:a9fe::"),
        "0.0.0.0",  # noqa: S104 (refused)
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    """A URL cannot reach into the network it runs in unless the owner says so; one bad address of several is enough."""
    with pytest.raises(SourceError, match="not a public address"):
        fetch_price_list("http://prices.example/list", lookup=lambda _h, _p: ["93.184.216.34", address])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "http://user:secret@x/y", "no url", "http://"])
def test_only_plain_web_addresses_are_asked(url: str) -> None:
    """Other schemes and URLs with passwords are refused, and the error repeats no secret."""
    with pytest.raises(SourceError, match=r"no plain http\(s\) URL") as caught:
        fetch_price_list(url, lookup=_loopback)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "words", "timeout"),
    [
        ("moved", "answered 302", 60),
        ("gone", "answered 404", 60),
        ("large", "more than 1,000 bytes", 60),
        ("slow", "longer than 2 s", 2),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(port: int, path: str, words: str, timeout: float) -> None:
    """Redirects are not followed, and neither size nor time is without an end."""
    url = f"http://prices.example:{port}/{path}"
    with pytest.raises(SourceError, match=words):
        fetch_price_list(url, allow_private=True, lookup=_loopback, timeout=timeout, most_bytes=1_000)


def test_nobody_there_is_said_too(port: int) -> None:
    """A name that is unknown, and an address that refuses."""

    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(SourceError, match="cannot be found"):
        fetch_price_list("http://prices.example/list", lookup=unknown)
    with pytest.raises(SourceError, match="did not answer: ConnectError"):
        fetch_price_list("http://prices.example:9/list", allow_private=True, lookup=_loopback)
    assert port > 0
