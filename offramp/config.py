"""Settings: a flag beats the environment, the environment beats the default. The only reader of the environment."""

import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from getpass import getuser
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

_DEFAULT_LATE_WINDOW = timedelta(hours=24)
_DEFAULT_HOURLY = timedelta(days=90)
_TRACES_PATH = "/v1/traces"
_TESTS = "OFFRAMP_TEST_"

SETTINGS = frozenset(
    {
        "OFFRAMP_ALLOWED_HOSTS",
        "OFFRAMP_CHANNELS",
        "OFFRAMP_DATABASE_PASSWORD_FILE",
        "OFFRAMP_DATABASE_URL",
        "OFFRAMP_FEATURE_KEYS",
        "OFFRAMP_FIRST_KEY_FILE",
        "OFFRAMP_HOURLY_DAYS",
        "OFFRAMP_JOURNAL",
        "OFFRAMP_LATE_WINDOW",
        "OFFRAMP_LISTEN",
        "OFFRAMP_LOG",
        "OFFRAMP_PRICES_ALLOW_PRIVATE",
        "OFFRAMP_PRICES_URL",
        "OFFRAMP_PULSE",
        "OFFRAMP_ROLES",
        "OFFRAMP_SIGN_IN",
        "OFFRAMP_SOURCES",
        "OFFRAMP_TIMEZONE",
        "OFFRAMP_TRACES_URL",
    }
)
"""Every variable of ours that is read here."""


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and the cure."""


def data_folder() -> Path:
    """The user's data folder for Offramp, made when missing."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share"))
    folder = base / "offramp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def configured_url() -> str | None:
    """The database URL of the environment, None where it names none; its password may lie in a file of its own.

    Raises:
        SettingError: the file that OFFRAMP_DATABASE_PASSWORD_FILE names cannot be read, or the URL names no user.
    """
    url, file = os.environ.get("OFFRAMP_DATABASE_URL") or None, os.environ.get("OFFRAMP_DATABASE_PASSWORD_FILE")
    return url if url is None or not file else _with_password(url, _read_secret("OFFRAMP_DATABASE_PASSWORD_FILE", file))


def database_url(flag: str | None = None) -> str:
    """The database to use: the flag, else OFFRAMP_DATABASE_URL, else a SQLite file in the data folder."""
    return flag or configured_url() or f"sqlite:///{data_folder() / 'offramp.db'}"


def demo_url(flag: str | None = None) -> str:
    """The demo's database: where one is given, else a file of its own."""
    return flag or configured_url() or f"sqlite:///{data_folder() / 'demo.db'}"


def late_window(flag: str | None = None) -> timedelta | None:
    """How old a pushed span may be; None is no limit.

    Raises:
        SettingError: the text is neither `off` nor hours such as `24h`.
    """
    text = flag or os.environ.get("OFFRAMP_LATE_WINDOW")
    if text is None:
        return _DEFAULT_LATE_WINDOW
    if text == "off":
        return None
    if text.endswith("h") and text[:-1].isdigit() and int(text[:-1]) > 0:
        return timedelta(hours=int(text[:-1]))
    message = f"late window {text!r} is not understood: use hours such as 24h, or off"
    raise SettingError(message)


def feature_keys() -> tuple[str, ...]:
    """The attributes that name a feature, asked before the built-in ones (OFFRAMP_FEATURE_KEYS, with commas)."""
    given = os.environ.get("OFFRAMP_FEATURE_KEYS") or ""
    return tuple(key for part in given.split(",") if (key := part.strip()))


def hourly_kept() -> timedelta | None:
    """For how long usage is kept by the hour (OFFRAMP_HOURLY_DAYS, 90 by default, or `off`: for ever), then by the day.

    Raises:
        SettingError: it is neither a number of days nor `off`.
    """
    text = os.environ.get("OFFRAMP_HOURLY_DAYS")
    if not text:
        return _DEFAULT_HOURLY
    if text == "off":
        return None
    if text.isdigit() and int(text) > 0:
        return timedelta(days=int(text))
    message = f"OFFRAMP_HOURLY_DAYS={text!r} is not understood: use a number of days such as 90, or off"
    raise SettingError(message)


def journal_path(url: str) -> Path | None:
    """The file that a receiver of this database spills to (in OFFRAMP_JOURNAL, a folder, or `off`); None: nowhere."""
    named = os.environ.get("OFFRAMP_JOURNAL")
    if named == "off":
        return None
    folder = Path(named) if named else data_folder() / "journal"
    return folder / f"{blake2b(url.encode(), digest_size=8).hexdigest()}.journal"


def role_passwords(processes: Sequence[str], flag: str | None = None) -> dict[str, str] | None:
    """The password of each process' database role, from the folder of OFFRAMP_ROLES: a file for each, by its name.

    Raises:
        SettingError: a file is missing or empty.
    """
    folder = flag or os.environ.get("OFFRAMP_ROLES")
    if not folder:
        return None
    return {process: _read_secret("OFFRAMP_ROLES", str(Path(folder) / process)) for process in processes}


def _read_secret(setting: str, file: str) -> str:
    found = secret("file", file)
    if found is None:
        message = f"{setting}: {file} cannot be read or is empty; put the password into it"
        raise SettingError(message)
    return found


def _with_password(url: str, password: str) -> str:
    scheme, _, rest = url.partition("://")
    user, at, host = rest.partition("@")
    if not at or not user:
        message = "OFFRAMP_DATABASE_PASSWORD_FILE needs a user in OFFRAMP_DATABASE_URL: postgresql://user@host/name"
        raise SettingError(message)
    return f"{scheme}://{user.partition(':')[0]}:{quote(password, safe='')}@{host}"


def timezone_name() -> str:
    """The organisation's time zone for the weekly report (OFFRAMP_TIMEZONE), UTC by default."""
    return os.environ.get("OFFRAMP_TIMEZONE", "UTC")


def user_name() -> str:
    """Who is logged in, for the record of what people do; a container may know nobody."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return "command line"


def channels_file() -> Path | None:
    """The file that says who is told what (OFFRAMP_CHANNELS); nothing is sent unless it is set."""
    named = os.environ.get("OFFRAMP_CHANNELS")
    return Path(named) if named else None


def sign_in_file() -> Path | None:
    """The file that says who may sign in, and as what (OFFRAMP_SIGN_IN); nobody has to unless it is set."""
    named = os.environ.get("OFFRAMP_SIGN_IN")
    return Path(named) if named else None


def export_database_url(url: str) -> None:
    """Give the database on to the pages, which run in this process or a child of it and read the environment."""
    os.environ["OFFRAMP_DATABASE_URL"] = url


def log_form() -> str:
    """How serving processes log (OFFRAMP_LOG): `json`, one object a line, or `text`."""
    return "json" if os.environ.get("OFFRAMP_LOG") == "json" else "text"


def listen_address() -> str:
    """The address servers listen on (OFFRAMP_LISTEN): loopback, unless a container says otherwise."""
    return os.environ.get("OFFRAMP_LISTEN") or "127.0.0.1"


def first_key_file() -> Path | None:
    """Where `migrate` writes a first key (OFFRAMP_FIRST_KEY_FILE), for a server that others reach."""
    named = os.environ.get("OFFRAMP_FIRST_KEY_FILE")
    return Path(named) if named else None


def traces_url() -> str | None:
    """The OTLP/HTTP address that our own traces are sent to (OFFRAMP_TRACES_URL); None: nothing is traced."""
    return os.environ.get("OFFRAMP_TRACES_URL") or None


def pulse_file() -> Path | None:
    """The file that the worker touches while its scheduler moves (OFFRAMP_PULSE); None: nobody asks."""
    named = os.environ.get("OFFRAMP_PULSE")
    return Path(named) if named else None


def allowed_hosts() -> tuple[str, ...]:
    """Host names, beside localhost, under which we may be reached (OFFRAMP_ALLOWED_HOSTS, split by commas)."""
    named = os.environ.get("OFFRAMP_ALLOWED_HOSTS", "")
    return tuple(name.strip() for name in named.split(",") if name.strip())


def prices_url() -> str | None:
    """Where price lists are fetched from (OFFRAMP_PRICES_URL); nothing is fetched unless it is set."""
    return os.environ.get("OFFRAMP_PRICES_URL") or None


def prices_allow_private() -> bool:
    """Whether that URL may name a private address, such as a mirror of one's own (OFFRAMP_PRICES_ALLOW_PRIVATE=1)."""
    return os.environ.get("OFFRAMP_PRICES_ALLOW_PRIVATE") == "1"


def sources_file() -> Path | None:
    """The YAML of sources to pull from (OFFRAMP_SOURCES); None where nothing is pulled."""
    named = os.environ.get("OFFRAMP_SOURCES")
    return Path(named) if named else None


def secret(where: str, name: str) -> str | None:
    """A secret from the environment (`env`) or a file (`file`), without space around it; None where there is none."""
    if where == "env":
        return os.environ.get(name, "").strip() or None
    try:
        return Path(name).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def setting_troubles() -> list[str]:
    """What is wrong with the environment, a sentence each: names nobody reads, values nobody understands.

    The OTEL_ variables are those of applications started from this shell: an exporter that speaks gRPC, or posts to the
    wrong path, is the commonest reason for no traffic (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
    """
    ours = sorted(name for name in os.environ if name.startswith("OFFRAMP_") and not name.startswith(_TESTS))
    told = [f"{name} is not a setting (known: {', '.join(sorted(SETTINGS))})" for name in ours if name not in SETTINGS]
    try:
        late_window()
        hourly_kept()
    except SettingError as trouble:
        told.append(str(trouble))
    protocols = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
    told += [f"{name}=grpc is not served: use http/protobuf" for name in protocols if os.environ.get(name) == "grpc"]
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    if endpoint and not endpoint.rstrip("/").endswith(_TRACES_PATH):
        told.append(f"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is: end it with {_TRACES_PATH}")
    return told
