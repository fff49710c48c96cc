"""ClickHouse's HTTP interface, as far as `clickhouse-connect` needs it, in front of the embedded engine (chdb).

    python tests/warehouses/clickhouse_server.py PORT

The engine, its SQL and its Native format are ClickHouse's own; only the transport is ours: no users, no compression,
and settings that come with a query are not passed on. Runs in the environment of `clickhouse.txt`.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from chdb.session import Session  # type: ignore[import-not-found]  # lies in the environment of clickhouse.txt alone

_engine, _turn = Session(), Lock()


class Handler(BaseHTTPRequestHandler):
    """One query a request, in the address, in the body, or begun in the one and continued in the other."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A query in the address."""
        given = parse_qs(urlsplit(self.path).query).get("query", [""])
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        query = f"{given[0]}\n{body}".strip()
        form = "Native" if query.upper().endswith("FORMAT NATIVE") else "TabSeparated"
        try:
            status, content = 200, self._answer(query, form)
        except RuntimeError as error:  # what the engine says of a query
            status, content = 500, str(error).encode()
        self.send_response(status)
        self.send_header("X-ClickHouse-Format", form)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 (the name in the standard library)

    def _answer(self, query: str, form: str) -> bytes:
        with _turn:
            return bytes(_engine.query(query, form).bytes()) if query else b"Ok.\n"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name in the standard library)
        """Say nothing."""
        del format, args


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
