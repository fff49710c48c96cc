"""Times that a file writes without a zone, in the zone that whoever loads it says they are of."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collectors.raw_rows import opened
from collectors.rejected import SourceError

UTC = "UTC"
_PARQUET = b"PAR1"
_BARE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,12})?")


def zone_named(name: str) -> ZoneInfo:
    """The zone of this name; SourceError where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceError(f"--zone {name} is no time zone", cure="write UTC, or one such as Europe/Berlin") from None


def check_times_are_texts(path: Path, zone: ZoneInfo) -> None:
    """SourceError for Parquet and another zone than UTC: there times are no texts, and without a zone of UTC."""
    with opened(path) as file:
        typed = file.read(len(_PARQUET)) == _PARQUET
    if typed and zone.key != UTC:
        cure = "give the column its zone when it is exported, or export CSV"
        raise SourceError(f"{path.name} is Parquet, whose times without a zone are of UTC", cure=cure)


def in_zone(value: object, zone: ZoneInfo) -> object:
    """A time that says no zone as one of this zone, in an hour that comes twice the first; anything else as it is.

    >>> in_zone("2026-07-01 10:00:00.5", ZoneInfo("Europe/Berlin")), in_zone("2026-07-01T10:00:00Z", ZoneInfo("Japan"))
    ('2026-07-01 10:00:00.5+02:00', '2026-07-01T10:00:00Z')
    """
    text = value.strip() if isinstance(value, str) else ""
    bare = _BARE.fullmatch(text)
    if bare is None:
        return value
    try:
        at = datetime.fromisoformat(f"{bare[1]}T{bare[2]}").replace(tzinfo=zone)
    except ValueError:
        # There is no such day: that, and not the zone, is what is wrong.
        return f"{text}Z"
    return text + at.isoformat()[-len("+00:00") :]
