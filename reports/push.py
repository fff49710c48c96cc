"""Sends one message to Slack, Teams or a webhook by Apprise, behind a guard that Apprise does not have.

Apprise answers yes or no, follows redirects unless told otherwise, and asks any address. Its plugins call
`requests.request`, which offers no place to stand between; so for the length of one send, under a lock, the session
class behind it is ours: Apprise's own `HTTPPolicySession`, which looks a name up once, connects to that very address
and uses no proxy. Nothing else in Offramp uses `requests` (ours is httpx). See docs/decisions/0018.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import requests
from apprise import AppriseAsset, NotifyBase, NotifyFormat
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.slack import NotifySlack
from apprise.plugins.workflows import NotifyWorkflows
from apprise.utils.http import HTTPPolicy, HTTPPolicySession

from collectors.addresses import is_public
from reports.answer import Answer, Fate
from reports.channels import Channel
from reports.lines import one_line

_NATIVE: Mapping[str, type[NotifyBase]] = {"slack": NotifySlack, "teams": NotifyWorkflows}
# What a Teams workflow takes; Slack and webhooks take 32,768 and more.
_MOST = {"teams": 1_000}
_MOST_OTHERS = 30_000
_TIMEOUT_SECONDS = 15.0
_ONE_AT_A_TIME = Lock()

# What they say of a request for those who hunt bugs holds its whole address, and that of a webhook is a secret.
for _name in ("apprise", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)
_LATER = frozenset({408, 425, 429, 503})
_REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = 300, 400, 500


def push(
    channel: Channel, title: str, body: str, *, key: str, extra: Mapping[str, str], hand_over: Callable[[], None]
) -> Answer:
    """Send a message to a channel; what `hand_over` raises passes through, and then nothing was sent.

    A webhook is given `key` as its Idempotency-Key, and `extra` as further fields of the JSON body.
    """
    plugin = _plugin(channel, key, extra)
    if plugin is None:
        return Answer(Fate.REJECTED, f"the URL of channel {channel.name} is no {channel.via} URL")
    most = _MOST.get(channel.via, _MOST_OTHERS)
    policy = _Policy(hand_over, allow_private=channel.allow_private)
    with _guarded(policy) as answers:
        sent = plugin.notify(body=_cut(body, most), title=title, body_format=NotifyFormat.TEXT)
    if policy.stopped is not None:
        raise policy.stopped
    if not answers:
        return Answer(Fate.REJECTED, f"nothing was asked of channel {channel.name}: its URL is not complete")
    answer = answers[-1]
    if answer.fate is Fate.TAKEN and not sent:
        return Answer(Fate.REJECTED, f"{channel.via} answered, and not with its yes")
    return answer


def usable(via: str, url: str) -> bool:
    """Whether a URL is one that a channel of this kind can be told by."""
    channel = Channel(name="", via=via, send=frozenset(), recipients=(), url=url)
    return _plugin(channel, "", {}) is not None


def _plugin(channel: Channel, key: str, extra: Mapping[str, str]) -> NotifyBase | None:
    """Apprise's plugin for a channel. Its general loader is not asked: it would take 173 kinds of URL, programs too."""
    url = channel.url or ""
    asset = AppriseAsset(
        app_id="Offramp", app_desc="Offramp", http_redirects=False, image_url_mask="", image_url_logo=""
    )
    try:
        if channel.via == "webhook":
            found = NotifyJSON.parse_url(_webhook(url, key, extra))
            return NotifyJSON(**found, asset=asset) if found else None
        kind: type[NotifyBase] = _NATIVE[channel.via]
        found = kind.parse_native_url(url) if urlsplit(url).scheme == "https" else None
        return kind(**found, asset=asset) if found else None
    except (TypeError, ValueError):
        return None


def _webhook(url: str, key: str, extra: Mapping[str, str]) -> str:
    """An https URL in Apprise's spelling: its own parameters kept, our header and fields added."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    asked = [(f"-{name}", value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    fields = [(f":{name}", value) for name, value in extra.items()]
    more = urlencode([*asked, ("+Idempotency-Key", key), *fields], quote_via=quote)
    return f"{'jsons' if parts.scheme == 'https' else 'json'}://{parts.netloc}{parts.path or '/'}?{more}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 2].rstrip() + " …"


class _Policy(HTTPPolicy):
    """Public addresses only, unless the owner says otherwise; hands over as soon as a connection stands."""

    def __init__(self, hand_over: Callable[[], None], *, allow_private: bool) -> None:
        super().__init__(address_filter=None if allow_private else is_public)
        self._hand_over = hand_over
        self.handed = False
        self.stopped: Exception | None = None

    def create_connection(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (urllib3's own signature)
        """A connection to a checked address, after which the message counts as handed over."""
        connection = super().create_connection(*args, **kwargs)
        try:
            self._hand_over()
        except Exception as failure:  # Apprise would swallow it: it is kept, and raised by whoever asked to send
            connection.close()
            self.stopped = failure
            raise ConnectionAbortedError("the message was not handed over") from failure
        self.handed = True
        return connection


@contextmanager
def _guarded(policy: _Policy) -> Iterator[list[Answer]]:
    """While the block lasts, what `requests` sends goes through the policy; the answers that came, in order."""
    answers: list[Answer] = []

    class Session(HTTPPolicySession):
        def __init__(self) -> None:
            super().__init__(policy)

        def send(self, request: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (requests' own signature)
            if policy.handed:
                raise requests.exceptions.InvalidURL("one message is one request")
            try:
                response = super().send(request, **{**kwargs, "timeout": _TIMEOUT_SECONDS})
            except requests.RequestException as failure:
                answers.append(_failed(failure, urlsplit(request.url).hostname or "", handed=policy.handed))
                raise
            answers.append(_answered(response.status_code))
            return response

    with _ONE_AT_A_TIME:
        before = requests.sessions.Session
        requests.sessions.Session = Session  # type: ignore[misc]  # Apprise has no other place for it
        try:
            yield answers
        finally:
            requests.sessions.Session = before  # type: ignore[misc]  # Apprise has no other place for it


def _failed(failure: requests.RequestException, host: str, *, handed: bool) -> Answer:
    if not handed and "address passed" in str(failure):
        return Answer(Fate.REJECTED, f"{host} is not a public address; say allow_private: true where it is yours")
    kind = type(failure).__name__
    if not handed or "CERTIFICATE_VERIFY_FAILED" in str(failure):
        return Answer(Fate.REFUSED, one_line(f"{host} cannot be reached ({kind})"))
    return Answer(Fate.UNKNOWN, one_line(f"{host} gave no answer to the message ({kind})"))


def _answered(status: int) -> Answer:
    if status < _REDIRECT:
        return Answer(Fate.TAKEN, f"answered {status}")
    if status in _LATER:
        return Answer(Fate.REFUSED, f"answered {status}")
    if status < _CLIENT_ERROR:
        return Answer(Fate.REJECTED, f"answered {status}: it sends us elsewhere, which is not followed")
    if status < _SERVER_ERROR:
        return Answer(Fate.REJECTED, f"answered {status}")
    # A gateway in between may have passed it on before it failed.
    return Answer(Fate.UNKNOWN, f"answered {status}, which does not say whether it was taken")
