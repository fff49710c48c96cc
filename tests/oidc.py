"""A small OpenID Connect provider over real HTTP for tests: whoever is clicked signs in, without a password."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from offramp.clock import now

CLIENT, SECRET = "offramp", "a-secret-of-the-test"


@dataclass
class Provider:
    """A running provider: its address, its people by name with their claims, and what it asked of whom."""

    address: str
    people: Mapping[str, Mapping[str, Any]]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def metadata(self) -> str:
        """The address of its description."""
        return f"{self.address}/.well-known/openid-configuration"

    def page(self, path: str, asked: dict[str, str]) -> tuple[int, str, Any]:
        """The answer to a GET: status, content type, and body (or the address to go to)."""
        match path:
            case "/.well-known/openid-configuration":
                return 200, "application/json", self._described()
            case "/jwks":
                return 200, "application/json", {"keys": [self.key.as_dict(private=False)]}
            case "/authorize" if "person" in asked:
                code = token_urlsafe(16)
                self.codes[code] = asked
                return 302, "", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            case "/authorize":
                links = (
                    f'<a href="/authorize?{urlencode({**asked, "person": name})}">{name}</a>' for name in self.people
                )
                return 200, "text/html", f"<h1>Who are you?</h1>{' '.join(links)}"
            case _:
                return 404, "text/plain", ""

    def token(self, form: dict[str, str]) -> tuple[int, str, Any]:
        """The answer to a POST of a code: an identity token, once."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or not _is_proven(asked, form.get("code_verifier", "")):
            return 400, "application/json", {"error": "invalid_grant"}
        at = int(now().timestamp())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": asked["person"], "iat": at, "exp": at + 600,
            "nonce": asked.get("nonce", ""), **self.people[asked["person"]],
        }  # fmt: skip # a table
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        answer = {"access_token": token_urlsafe(16), "token_type": "Bearer", "expires_in": 600, "id_token": token}
        return 200, "application/json", answer

    def _described(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }


def _is_proven(asked: Mapping[str, str], verifier: str) -> bool:
    """Whether who brings the code is who asked for it (RFC 7636)."""
    made = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return asked.get("code_challenge") in (None, made)


@contextmanager
def providing(people: Mapping[str, Mapping[str, Any]]) -> Iterator[Provider]:
    """Serve a provider on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            self._answer(*provider.page(place.path, _plain(place.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            self._answer(*provider.token(_plain(body)))

        def _answer(self, status: int, kind: str, content: Any) -> None:  # noqa: ANN401 (JSON, text or an address)
            body = b"" if status == 302 else (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", str(content))
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(address=f"http://127.0.0.1:{server.server_address[1]}", people=people)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _plain(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
