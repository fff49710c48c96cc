"""The doctor's checks that need no database: Python's parts, the settings, how applications would send."""

from collections.abc import Sequence
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from offramp.actions.findings import Finding, amiss, fine

_PARTS = {"duckdb": "Parquet files cannot be read", "streamlit": "there are no pages"}


def setup_findings(troubles: Sequence[str], timezone: str) -> list[Finding]:
    """What the installation, the settings (each trouble is a sentence) and the time zone say."""
    return [_parts(), _settings(troubles), _zone(timezone)]


def _parts() -> Finding:
    lacking = [f"{name} is missing: {effect}" for name, effect in _PARTS.items() if find_spec(name) is None]
    if lacking:
        return amiss("installation", "; ".join(lacking), "install again: pip install --force-reinstall offramp")
    return fine("installation", "complete")


def _settings(troubles: Sequence[str]) -> Finding:
    if troubles:
        return amiss("settings", "; ".join(troubles), "mend the environment, then start Offramp again")
    return fine("settings", "every OFFRAMP_ and OTEL_ variable is understood")


def _zone(name: str) -> Finding:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return amiss("time zone", f"OFFRAMP_TIMEZONE={name!r} is no time zone", "use a name such as Europe/Berlin")
    return fine("time zone", f"the weekly report is written on Mondays, {name}")
