"""Reads the channels from the YAML file that OFFRAMP_CHANNELS names; its form: docs/channels.md."""

from collections.abc import Mapping
from datetime import time, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from db.store.outbox import HOLD, RESEND
from offramp.actions.failure import BadInput, Problem
from reports.channels import Channel, Channels, Kind, Quiet, Security, Smtp
from reports.push import usable

_PUSHES = ("slack", "teams", "webhook")
_PORTS = {Security.STARTTLS: 587, Security.SSL: 465, Security.NONE: 25}
_TOP = {"link", "smtp", "quiet", "channels"}
_SMTP = {"host", "port", "security", "sender", "user", "password_file"}
_CHANNEL = {
    "name", "email", *_PUSHES, *(f"{via}_file" for via in _PUSHES),
    "send", "owner", "quiet", "digest_minutes", "if_unsure", "allow_private",
}  # fmt: skip # pairs side by side
_MOST_MINUTES = 24 * 60


class _WrongFieldError(ValueError):
    """One thing wrong in the file: the field, what is wrong, the cure."""

    def __init__(self, field: str, error: str, cure: str) -> None:
        super().__init__(error)
        self.problem = Problem(error=error, field=field, cure=cure)


def load_channels(path: Path | None, zone: str = "UTC") -> Channels:
    """The channels of a file; none without a file. `zone` is the one that quiet hours are meant in.

    Raises:
        BadInput: the file, or one of the files with secrets it names, cannot be used; every wrong field is named.
    """
    if path is None:
        return Channels()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else "it is no YAML"
        cure = "OFFRAMP_CHANNELS names the file; docs/channels.md shows one"
        raise BadInput([Problem(error=f"{path.name} cannot be read: {why}", cure=cure)]) from None
    try:
        return _channels(document, path.parent, zone)
    except _WrongFieldError as wrong:
        raise BadInput([wrong.problem]) from None


def _channels(document: Any, folder: Path, zone: str) -> Channels:  # noqa: ANN401 (whatever the YAML holds)
    top = _mapping(document, "the file", _TOP)
    smtp = _smtp(_mapping(top["smtp"], "smtp", _SMTP), folder) if top.get("smtp") else None
    given = top.get("channels", [])
    if not isinstance(given, list):
        raise _WrongFieldError(
            "channels", "channels is no list", "write one entry per channel, each starting with `- name:`"
        )
    channels = [_channel(entry, f"channels[{at}]", folder, top.get("quiet"), zone) for at, entry in enumerate(given)]
    names = [channel.name for channel in channels]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _WrongFieldError("channels", f"two channels are called {twice[0]}", "give each its own name")
    if smtp is None and any(channel.via == "email" for channel in channels):
        raise _WrongFieldError("smtp", "there is e-mail to send and no mail server", "add smtp: {host: …, sender: …}")
    return Channels(smtp=smtp, channels=tuple(channels), link=_link(top.get("link")))


def _smtp(given: Mapping[str, Any], folder: Path) -> Smtp:
    security = Security(_one_of(given.get("security", "starttls"), "smtp.security", [each.value for each in Security]))
    user = _text(given.get("user"), "smtp.user")
    password = _secret(given.get("password_file"), "smtp.password_file", folder)
    if user and password is None:
        raise _WrongFieldError("smtp.password_file", "smtp.user has no password", "name the file that holds it")
    port = given.get("port", _PORTS[security])
    if not isinstance(port, int) or not 0 < port < 2**16:
        raise _WrongFieldError("smtp.port", f"{port!r} is no port", "write a number such as 587")
    return Smtp(
        host=_needed(given.get("host"), "smtp.host"),
        sender=_address(given.get("sender"), "smtp.sender"),
        port=port,
        security=security,
        user=user,
        password=password,
    )


def _channel(entry: object, place: str, folder: Path, quiet: object, zone: str) -> Channel:
    given = _mapping(entry, place, _CHANNEL)
    via = [kind for kind in ("email", *_PUSHES) if given.get(kind) or given.get(f"{kind}_file")]
    if len(via) != 1:
        raise _WrongFieldError(place, "a channel is one of email, slack, teams, webhook", "give exactly one of them")
    name = _needed(given.get("name"), f"{place}.name")
    mailed = via[0] == "email"
    return Channel(
        name=name,
        via=via[0],
        send=_kinds(given.get("send", ["weekly"]), f"{place}.send"),
        recipients=_addresses(given["email"], f"{place}.email") if mailed else (name,),
        url=None if mailed else _url(given, via[0], place, folder),
        owner=_text(given.get("owner"), f"{place}.owner"),
        quiet=_quiet(given.get("quiet", quiet), f"{place}.quiet", zone),
        digest=_minutes(given.get("digest_minutes", 0), f"{place}.digest_minutes"),
        if_unsure=_unsure(given.get("if_unsure"), f"{place}.if_unsure"),
        allow_private=given.get("allow_private") is True,
    )


def _kinds(given: object, field: str) -> frozenset[Kind]:
    words = given if isinstance(given, list) else [given]
    return frozenset(Kind(_one_of(word, field, [kind.value for kind in Kind])) for word in words)


def _url(given: Mapping[str, Any], via: str, place: str, folder: Path) -> str:
    url = _text(given.get(via), f"{place}.{via}") or _secret(given.get(f"{via}_file"), f"{place}.{via}_file", folder)
    if url is None or not usable(via, url):
        cures = {"slack": "use the address of an incoming webhook", "teams": "use the address of a workflow"}
        raise _WrongFieldError(f"{place}.{via}", f"that is no {via} address", cures.get(via, "write https://…"))
    return url


def _quiet(given: object, field: str, zone: str) -> Quiet | None:
    if not given:
        return None
    hours = _mapping(given, field, {"from", "to"})
    start, end = (_time(hours.get(edge), f"{field}.{edge}") for edge in ("from", "to"))
    if start == end:
        raise _WrongFieldError(
            field, "quiet hours from and to are the same", 'write quiet: {from: "20:00", to: "07:00"}'
        )
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _WrongFieldError(
            "OFFRAMP_TIMEZONE", f"nobody knows the time zone {zone!r}", "use one such as Europe/Berlin"
        ) from None
    return Quiet(start=start, end=end, zone=zone)


def _time(given: object, field: str) -> time:
    # Without quotes YAML reads 20:00 as the number 1200.
    try:
        return time.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise _WrongFieldError(field, f"{given!r} is no time of day", 'write it in quotes: "20:00"') from None


def _minutes(given: object, field: str) -> timedelta:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _MOST_MINUTES:
        raise _WrongFieldError(field, f"{given!r} is no number of minutes", "write 0 to 1440")
    return timedelta(minutes=given)


def _addresses(given: object, field: str) -> tuple[str, ...]:
    found = [_address(each, field) for each in (given if isinstance(given, list) else [given])]
    return tuple(dict.fromkeys(parseaddr(each)[1] for each in found))


def _address(given: object, field: str) -> str:
    text = _needed(given, field)
    user, _, host = parseaddr(text)[1].rpartition("@")
    if not user or not host or not text.isascii() or any(char in text for char in "\r\n"):
        raise _WrongFieldError(field, f"{text!r} is no e-mail address", "write one such as ana@example.org")
    return text


def _link(given: object) -> str | None:
    text = _text(given, "link")
    if text is not None and not text.startswith(("https://", "http://")):
        raise _WrongFieldError(
            "link", "link is no http(s) address", "write where the pages are, such as https://offramp.example.org"
        )
    return text.rstrip("/") if text else None


def _secret(given: object, field: str, folder: Path) -> str | None:
    name = _text(given, field)
    if name is None:
        return None
    try:
        text = (folder / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _WrongFieldError(field, f"{name} cannot be read", "name a file that this process may read") from None
    if not text:
        raise _WrongFieldError(field, f"{name} is empty", "write the secret into it")
    return text


def _needed(given: object, field: str) -> str:
    text = _text(given, field)
    if not text:
        raise _WrongFieldError(field, f"{field} is missing", "add it; docs/channels.md shows the form")
    return text


def _text(given: object, field: str) -> str | None:
    if given is None or isinstance(given, str):
        return given or None
    raise _WrongFieldError(field, f"{field} is no text", "put it in quotes")


def _unsure(given: object, field: str) -> str | None:
    return None if given is None else _one_of(given, field, [HOLD, RESEND])


def _one_of(given: object, field: str, allowed: list[str]) -> str:
    if given not in allowed:
        raise _WrongFieldError(field, f"{given!r} is not known", f"use {', '.join(allowed)}")
    return str(given)


def _mapping(given: object, field: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _WrongFieldError(field, f"{field} is no mapping", "docs/channels.md shows the form")
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise _WrongFieldError(
            f"{field}.{unknown[0]}", f"{unknown[0]} is not known", f"known are {', '.join(sorted(known))}"
        )
    return given
