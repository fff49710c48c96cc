"""Puts a serving process together from its parts."""

from datetime import timedelta
from ipaddress import ip_address

from starlette.middleware import Middleware

from db.session import Engine
from offramp import clock, config
from offramp.serve.guard import LOOPBACK, Guard
from offramp.serve.service import Service


def service_for(engine: Engine, late_window: timedelta | None) -> Service:
    """What the HTTP handlers need, on the wall clock."""
    return Service(engine=engine, now=clock.now, late_window=late_window)


def guard_for(address: str) -> Middleware:
    """The guard of a server on this address: on loopback only known host names; elsewhere the named ones, if any."""
    named = config.allowed_hosts()
    if ip_address(address).is_loopback:
        return Middleware(Guard, hosts={*LOOPBACK, *named})
    return Middleware(Guard, hosts={*LOOPBACK, *named} if named else None)
