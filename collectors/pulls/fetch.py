"""Asks an HTTP API for JSON: bounded, patient where it is told to wait, and silent about keys."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from ssl import SSLContext
from typing import Any

import httpx

from collectors.addresses import addresses_of, is_public
from collectors.pulls.config import PullSource
from collectors.rejected import SourceError

_TIMEOUT = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_MOST_BYTES = 64_000_000
_MOST_DIGITS = 10
_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_NOT_FOUND, _GONE = 404, 410
_KEY_REFUSED = (401, 403)
_SENT_ON = (301, 302, 303, 307, 308)
_SIGN_IN = (
    "give the url of its API, with https:// where it asks for that, and let this path past any sign-in in front of it"
)

Params = list[tuple[str, str]]


class NotThere(SourceError):  # noqa: N818 (an answer of the server, which the caller expects)
    """This server has no such endpoint: it is of an older or newer kind."""


class Fetch:
    """One server, asked with one set of headers. Redirects are not followed: a key is not carried elsewhere."""

    def __init__(self, source: PullSource, headers: Mapping[str, str]) -> None:
        self._url = httpx.URL(source.url)
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            cure = (
                "copy it again, as it was shown: in it is a line end, a quotation mark or another sign that no key has"
            )
            raise SourceError("the key cannot be sent", cure=cure)
        self._headers = dict(headers)
        self._source = source

    def get(self, path: str, params: Params) -> dict[str, Any]:
        """The JSON object behind a path.

        Raises:
            NotThere: the server has no such path.
            SourceError: it did not answer after several tries, refused the key, or sent something else.
        """
        pause, attempts = _FIRST_PAUSE, self._source.attempts
        for attempt in range(1, attempts + 1):
            try:
                status, content, wait = self._ask(path, params)
            except httpx.HTTPError as failure:
                status, content, wait = 0, b"", None
                told = f"{self._url.host} did not answer: {type(failure).__name__}"
                self._stop_for_tls(str(failure))
            else:
                told = f"{self._url.host} answered {status}"
            if status == httpx.codes.OK:
                return self._document(content)
            self._stop_for_good(status, path)
            if wait is not None and wait > _LONGEST_PAUSE:
                cure = f"it asks to be left alone for {wait:,.0f} seconds; the next run goes on"
                raise SourceError(told, cure=cure, permanent=False)
            if attempt < attempts:
                time.sleep(wait or pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        often = f" ({attempts} times)" if attempts > 1 else ""
        cure = "it limits how often it is asked" if status == httpx.codes.TOO_MANY_REQUESTS else "see that it is up"
        raise SourceError(f"{told}{often}", cure=f"{cure}; the next run goes on", permanent=False)

    def _stop_for_tls(self, words: str) -> None:
        if "CERTIFICATE_VERIFY_FAILED" in words:
            why = words.partition("failed: ")[2].partition(" (_ssl")[0]
            cure = (
                "check the host in the url; its certificate has to be valid, for that name, and of a public authority"
            )
            cure += " or the one whose certificates `ca_file` of this source names"
            raise SourceError(f"the certificate of {self._url.host} is not trusted ({why})", cure=cure)
        if "[SSL" in words:
            cure = "check the port, and whether the url begins with http://"
            raise SourceError(f"{self._url.host} does not speak TLS there", cure=cure)

    def _stop_for_good(self, status: int, path: str) -> None:
        if status in (0, *_AGAIN):
            return
        if status in (_NOT_FOUND, _GONE):
            raise NotThere(f"{self._url.host} has no {path}", cure="check the url of this source")
        if status in _KEY_REFUSED:
            cure = "check the key, and that it may read usage (an admin key)"
            raise SourceError(f"{self._url.host} refused the key ({status})", cure=cure)
        if status in _SENT_ON:
            told = f"{self._url.host} answered {status}, which sends to another page"
            raise SourceError(told, cure=_SIGN_IN)
        raise SourceError(f"{self._url.host} answered {status}", cure="check the url and kind of this source")

    def _ask(self, path: str, params: Params) -> tuple[int, bytes, float | None]:
        address = self._address()
        headers = {**self._headers, "Host": self._url.netloc.decode("ascii"), "Accept": "application/json"}
        target = self._url.copy_with(host=address, path=self._url.path.rstrip("/") + path, params=params)
        content = bytearray()
        with (
            httpx.Client(
                timeout=_TIMEOUT, follow_redirects=False, trust_env=False, verify=_tls(self._source.ca_file)
            ) as client,
            client.stream("GET", target, headers=headers, extensions={"sni_hostname": self._url.host}) as answer,
        ):
            for part in answer.iter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    raise SourceError(f"{self._url.host} sent more than {_MOST_BYTES:,} bytes")
            return answer.status_code, bytes(content), _seconds(answer.headers.get("retry-after"))

    def _address(self) -> str:
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        try:
            found = addresses_of(self._url.host, port)
        except (OSError, ValueError):
            raise SourceError(f"{self._url.host} cannot be found", cure="check the url", permanent=False) from None
        if not found or (not self._source.allow_private and not all(is_public(address) for address in found)):
            cure = "set allow_private: true on this source where it is a server of your own"
            raise SourceError(f"{self._url.host} is not a public address", cure=cure)
        return found[0]

    def _document(self, content: bytes) -> dict[str, Any]:
        try:
            # Amounts keep their digits: a float would round a price.
            document = json.loads(content, parse_float=Decimal)
        except (ValueError, RecursionError):
            document = None
        if content.lstrip()[:1] == b"<":
            raise SourceError(f"{self._url.host} sent a page for people", cure=_SIGN_IN)
        if not isinstance(document, dict):
            raise SourceError(f"{self._url.host} sent no JSON object", cure="check the url and kind of this source")
        return document


@lru_cache(maxsize=16)
def _tls(ca_file: str) -> SSLContext:
    # Reading the certificates takes longer than most requests.
    trusted = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        try:
            trusted.load_verify_locations(ca_file)
        except OSError:
            cure = "name a file of certificates in PEM that Offramp may read"
            raise SourceError(f"ca_file {ca_file} cannot be read or holds no certificate", cure=cure) from None
    return trusted


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and len(text) < _MOST_DIGITS else None
