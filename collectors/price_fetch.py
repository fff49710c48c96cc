"""Fetches a price list from a URL that the owner chose: bounded in time and size, to public addresses only.

Nothing is fetched unless a URL is set. Redirects are not followed, the address is looked up once and then connected to
(so that a name cannot change its mind in between), and private addresses need a word of their own.
"""

import time
from urllib.parse import urlsplit

import httpx

from collectors.addresses import Lookup, addresses_of, is_public
from collectors.rejected import SourceError

TIMEOUT_SECONDS = 10.0
# The feed's data.json is 51 kB gzipped and about 2 MB plain (2026-11); litellm's is 3.2 MB.
MOST_BYTES = 32_000_000


def fetch_price_list(
    url: str,
    *,
    allow_private: bool = False,
    lookup: Lookup = addresses_of,
    timeout: float = TIMEOUT_SECONDS,
    most_bytes: int = MOST_BYTES,
) -> bytes:
    """The bytes behind a URL.

    Raises:
        SourceError: the URL may not be asked, or gave nothing usable; the book stays as it is.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise SourceError("the price URL is no plain http(s) URL", cure="set OFFRAMP_PRICES_URL to https://…")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = lookup(parts.hostname, port)
    except (OSError, ValueError):
        raise SourceError(f"{parts.hostname} cannot be found", permanent=False) from None
    refused = [address for address in found if not allow_private and not is_public(address)]
    if refused or not found:
        cure = "set OFFRAMP_PRICES_ALLOW_PRIVATE=1 where that is a mirror of your own"
        raise SourceError(f"{parts.hostname} is not a public address", cure=cure)
    try:
        return _get(url, found[0], timeout, most_bytes)
    except httpx.HTTPError as failure:
        raise SourceError(f"{parts.hostname} did not answer: {type(failure).__name__}", permanent=False) from None


def _get(url: str, address: str, timeout: float, most_bytes: int) -> bytes:
    asked = httpx.URL(url)
    host = asked.netloc.decode("ascii")
    until = time.monotonic() + timeout
    content = bytearray()
    with (
        httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "GET",
            asked.copy_with(host=address),
            headers={"Host": host, "Accept": "application/json, text/csv"},
            extensions={"sni_hostname": asked.host},
        ) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise SourceError(f"{asked.host} answered {answer.status_code}", permanent=False)
        for part in answer.iter_bytes():
            content += part
            if len(content) > most_bytes:
                raise SourceError(f"{asked.host} sent more than {most_bytes:,} bytes")
            if time.monotonic() > until:
                raise SourceError(f"{asked.host} took longer than {timeout:g} s", permanent=False)
    return bytes(content)
