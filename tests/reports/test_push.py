"""Slack, Teams and webhooks by Apprise against a local server: the bodies, the guard, and every kind of answer."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from apprise.plugins.slack import NotifySlack

from reports.answer import Answer, Fate
from reports.channels import Channel
from reports.push import push, usable
from tests.sinks import WebSink, web_sink

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
TEAMS = (
    "https://prod-161.westeurope.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
)


@pytest.fixture
def sink() -> Iterator[WebSink]:
    """A web server that takes everything."""
    with web_sink() as found:
        yield found


def _channel(url: str, via: str = "webhook", *, private: bool = True) -> Channel:
    return Channel(name="ops", via=via, send=frozenset(), recipients=("ops",), url=url, allow_private=private)


def _push(
    channel: Channel, body: str = "One line & <b>two</b>", hand_over: Callable[[], None] = lambda: None
) -> Answer:
    extra = {"kind": "weekly", "about": "2026-W47", "id": "k1"}
    return push(channel, "Offramp 2026-W47", body, key="k1", extra=extra, hand_over=hand_over)


def test_a_webhook_is_given_the_message_and_a_key_to_know_it_again(sink: WebSink) -> None:
    """One POST of JSON: title, message, kind, subject, id; the owner's own parameters stay in the address."""
    assert _push(_channel(f"{sink.url}/hook/a?token=x%20y")) == Answer(Fate.TAKEN, "answered 200")
    ((path, headers, body),) = sink.taken
    assert path == "/hook/a?token=x+y"
    assert headers["Idempotency-Key"] == "k1"
    assert json.loads(body) == {
        "version": "1.0",
        "title": "Offramp 2026-W47",
        "message": "One line & <b>two</b>",
        "type": "info",
        "attachments": [],
        "kind": "weekly",
        "about": "2026-W47",
        "id": "k1",
    }


def test_slack_is_given_plain_text(sink: WebSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markup is off and what would be markup is escaped: a feature's name is a name; no picture is loaded."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"{sink.url}/services")
    assert _push(_channel(SLACK, "slack"), "*bold* <http://evil|x>").fate is Fate.TAKEN
    ((path, _, body),) = sink.taken
    document = json.loads(body)
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
    assert document["mrkdwn"] is False
    (attachment,) = document["attachments"]
    assert (attachment["title"], attachment["text"]) == ("Offramp 2026-W47", "*bold* &lt;http://evil|x&gt;")
    assert "http" not in json.dumps({key: value for key, value in document.items() if key != "attachments"})


def test_teams_is_given_an_adaptive_card(sink: WebSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Workflows webhook's body: one card, to the flow with its signature; what would be markup is escaped."""
    asked = requests.Session.request

    def to_the_sink(self: requests.Session, method: str, url: str, **more: Any) -> requests.Response:  # noqa: ANN401 (requests' own)
        return asked(self, method, url.replace("https://prod-161.westeurope.logic.azure.com:443", sink.url), **more)

    monkeypatch.setattr(requests.Session, "request", to_the_sink)
    assert _push(_channel(TEAMS, "teams"), "One line & <b>two</b>") == Answer(Fate.TAKEN, "answered 200")
    ((path, headers, body),) = sink.taken
    assert path.startswith("/workflows/643e69f83c8944/triggers/manual/paths/invoke?")
    assert "sig=KODuebWbDGYFr0z0eu" in path
    assert headers["Content-Type"] == "application/json"
    (attachment,) = json.loads(body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card["type"] == "AdaptiveCard"
    assert [(block["type"], block["text"]) for block in card["body"]] == [
        ("TextBlock", "Offramp 2026-W47"),
        ("TextBlock", r"One line & <b\>two</b\>"),
    ]
    assert len(body) < 28_000


def test_only_the_three_services_are_let_through() -> None:
    """Of Apprise's many schemas none but Slack's, Teams' and a web address is taken."""
    assert usable("slack", SLACK)
    assert usable("teams", TEAMS)
    assert usable("webhook", "https://example.org/hook")
    for url in (
        "syslog://localhost",
        "dbus://",
        "mailto://u:p@example.org",
        "file:///etc/passwd",
        "json://x",
        "",
        TEAMS,
    ):
        assert not usable("slack", url), url
    assert not usable("webhook", "exec:///bin/sh")


def test_a_private_address_is_not_asked_unless_it_was_allowed(sink: WebSink) -> None:
    """Loopback, however it is written, gets nothing without the owner's word."""
    for host in ("127.0.0.1", "2130706433", "localhost"):
        answer = _push(_channel(f"http://{host}:{sink.port}/", private=False))
        assert answer.fate is Fate.REJECTED, host
        assert "not a public address" in answer.words, host
    assert sink.taken == []


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (204, Fate.TAKEN),
        (302, Fate.REJECTED),
        (404, Fate.REJECTED),
        (429, Fate.REFUSED),
        (503, Fate.REFUSED),
        (500, Fate.UNKNOWN),
        (502, Fate.UNKNOWN),
        (0, Fate.UNKNOWN),
    ],
)
def test_the_answer_decides(status: int, fate: Fate) -> None:
    """One request each, no redirect followed; what does not say whether it was taken is unknown."""
    with web_sink(status) as sink:
        assert _push(_channel(sink.url)).fate is fate
    assert len(sink.taken) == 1


def test_nobody_at_home_is_refused_for_now() -> None:
    """A connection that does not stand has handed nothing over."""
    handings: list[int] = []
    answer = _push(_channel("http://127.0.0.1:1/"), hand_over=lambda: handings.append(1))
    assert (answer.fate, handings) == (Fate.REFUSED, [])


def test_a_sender_who_may_not_hand_over_sends_nothing(sink: WebSink) -> None:
    """The error passes through, nothing was sent, and `requests` is what it was."""
    before = requests.sessions.Session

    def lost() -> None:
        raise LookupError("somebody else has it")

    with pytest.raises(LookupError):
        _push(_channel(sink.url), hand_over=lost)
    assert sink.taken == []
    assert requests.sessions.Session is before


def test_what_is_too_long_is_cut_and_stays_one_message(sink: WebSink) -> None:
    """Apprise would split it over several requests, each of which could fail."""
    _push(_channel(sink.url), "word " * 20_000)
    (only,) = sink.taken
    assert json.loads(only[2])["message"].endswith(" …")
    assert len(only[2]) < 31_000
