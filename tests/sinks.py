"""Places on the loopback that take what is sent: a real mail server and a web server, both failing on request."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.offramp.live_server import free_port

TAKES, LATER, NEVER = "takes", "later", "never"
CUTS_EARLY, CUTS_BEFORE, CUTS_AFTER, REFUSES_RECIPIENT = "cuts early", "cuts before", "cuts after", "refuses recipient"


@dataclass
class MailSink:
    """A mail server on a free port. `plan` says for each message, by its recipient, what becomes of it."""

    plan: Callable[[str], str] = lambda _recipient: TAKES
    taken: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The recipient: remembered with what is planned for it."""
        self._next = self.plan(address)
        if self._next == REFUSES_RECIPIENT:
            return "550 5.1.1 nobody of that name"
        if self._next == CUTS_EARLY:
            _cut(server)
            return "451 gone"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """The message, read whole: taken or not, answered or not."""
        if self._next in {LATER, NEVER}:
            return "451 4.3.0 try later" if self._next == LATER else "554 5.6.0 never"
        if self._next == CUTS_BEFORE:
            _cut(server)
            return "451 gone"
        made = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.taken.append(made)
        if self._next == CUTS_AFTER:
            _cut(server)
        return "250 taken"


def _cut(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


@contextmanager
def mail_sink(plan: Callable[[str], str] = lambda _recipient: TAKES) -> Iterator[MailSink]:
    """A mail server, stopped when the block ends."""
    sink = MailSink(plan=plan, port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass
class WebSink:
    """A web server on a free port; `status` is what it answers, `taken` what it was sent: path, headers, body."""

    status: int = 200
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def web_sink(status: int = 200) -> Iterator[WebSink]:
    """A web server that answers `ok`, stopped when the block ends; a status of 0 breaks off without an answer."""
    sink = WebSink(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sink.taken.append((self.path, dict(self.headers), body))
            if sink.status == 0:
                self.close_connection = True
                return
            self.send_response(sink.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    sink.port = server.server_address[1]
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
