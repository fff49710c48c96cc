"""Puts a serving process together from its parts."""

import gc
import logging
from datetime import timedelta
from ipaddress import ip_address

from starlette.middleware import Middleware

from db.journal import Journal
from db.session import Engine
from offramp import clock, config
from offramp.actions.keys import list_keys
from offramp.serve.guard import LOOPBACK, Guard
from offramp.serve.keyed import Keyed
from offramp.serve.service import Service

# Python's 700 suits programs that make few objects at once; a body of 300 spans makes some ten thousand that all go.
_GARBAGE_AT_LEAST = 20_000
_log = logging.getLogger(__name__)
_LOOPBACK = "127.0.0.1"


def service_for(engine: Engine, late_window: timedelta | None, *, counts: bool = True) -> Service:
    """What the HTTP handlers need, on the wall clock; who `counts` no calls needs no journal, and no folder for it."""
    path = config.journal_path(engine.url.render_as_string(hide_password=True)) if counts else None
    journal = None if path is None else Journal(path)
    return Service(engine=engine, now=clock.now, late_window=late_window, journal=journal)


def steady_memory() -> None:
    """Tell Python's search for garbage that what is there by now stays, and that a body makes many objects at once."""
    gc.freeze()
    gc.set_threshold(_GARBAGE_AT_LEAST)


def guard_for(address: str) -> Middleware:
    """The guard of a server on this address: on loopback only known host names; elsewhere the named ones, if any."""
    named = config.allowed_hosts()
    if ip_address(address).is_loopback:
        return Middleware(Guard, hosts={*LOOPBACK, *named})
    return Middleware(Guard, hosts={*LOOPBACK, *named} if named else None)


def keyed_for(service: Service, *, always: bool = False) -> Middleware:
    """What asks for a key as soon as there is one, or `always`: then nobody comes in while there is none."""
    return Middleware(Keyed, service=service, always=always)


def address_for(engine: Engine) -> str:
    """The address to listen on: without any key it is loopback, whatever OFFRAMP_LISTEN says."""
    wanted = config.listen_address()
    has_keys = bool(list_keys(engine))
    if has_keys or ip_address(wanted).is_loopback:
        return wanted
    _log.warning(
        "OFFRAMP_LISTEN=%s needs a key and there is none: listening on %s only. Make one with `offramp keys create`, "
        "or name OFFRAMP_FIRST_KEY_FILE for `offramp migrate`.",
        wanted,
        _LOOPBACK,
    )
    return _LOOPBACK
