"""Who is told what, and how: the channels as values. `offramp.actions.channels` reads them from a file."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """What a channel can be told; each is opted into."""

    WEEKLY = "weekly"
    NEW_ALERT = "new_alert"
    QUARANTINED_PRICE = "quarantined_price"


class Security(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    SSL = "ssl"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server and the address that letters come from."""

    host: str
    sender: str
    port: int
    security: Security = Security.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours of a day in which notices wait, as wall times of an IANA zone; they may reach over midnight."""

    start: time
    end: time
    zone: str = "UTC"

    def next_loud(self, at: datetime) -> datetime:
        """The instant itself, or the end of the quiet hours that it falls in.

        >>> from datetime import UTC
        >>> Quiet(start=time(20), end=time(7)).next_loud(datetime(2026, 11, 21, 23, tzinfo=UTC)).isoformat()
        '2026-11-22T07:00:00+00:00'
        """
        local = at.astimezone(ZoneInfo(self.zone))
        now = local.time()
        within = self.start <= now < self.end if self.start < self.end else now >= self.start or now < self.end
        if not within:
            return at
        day = local.date() + timedelta(days=1 if now >= self.end else 0)
        return datetime.combine(day, self.end, local.tzinfo).astimezone(at.tzinfo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to tell: e-mail to `recipients`, or a push (slack, teams, webhook) to the URL, which is a secret.

    `owner` narrows it to one owner's features. `digest` gathers the notices of that long into one message.
    `if_unsure` (hold or resend) overrides what the kind says about a message that may have arrived.
    """

    name: str
    via: str
    send: frozenset[Kind]
    recipients: tuple[str, ...]
    url: str | None = field(default=None, repr=False)
    owner: str | None = None
    quiet: Quiet | None = None
    digest: timedelta = timedelta()
    if_unsure: str | None = None
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """All channels, the mail server where there is one, and where the pages are, for links."""

    smtp: Smtp | None = None
    channels: tuple[Channel, ...] = ()
    link: str | None = None

    def named(self, name: str) -> Channel | None:
        """The channel of a name, None where there is none by now."""
        return next((each for each in self.channels if each.name == name), None)
