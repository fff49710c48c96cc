"""Which addresses may be connected to: public ones, unless the owner has said otherwise."""

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network

# Python calls these global, and each leads to another address: NAT64, 6to4, Teredo, and the protocol assignments.
_DETOURS = tuple(
    ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.0.0.0/24")
)

Lookup = Callable[[str, int], list[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host name.

    Raises:
        OSError: the name has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an IP address is out there: not ours, not the machine's, not the network's, and no detour to one.

    >>> [is_public(one) for one in ("1.1.1.1", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "2002:7f00:1::")]
    [True, False, False, False, False]
    """
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    detour = any(mapped in network for network in _DETOURS if network.version == mapped.version)
    return bool(mapped.is_global and not mapped.is_multicast and not detour)
