"""Keeps the mirror out of private networks: the address is checked that is in fact connected to."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from errno import EACCES
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from aiohttp import TCPConnector

Network = IPv4Network | IPv6Network
NAT64 = IPv6Network("64:ff9b::/96")


class Refused(OSError):
    """The address is of a private network that the settings do not allow."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for an address of the public internet; one that carries another inside counts as that."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo:
            inner = address.teredo[1]
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def guarded(allowed: Sequence[Network]) -> TCPConnector:
    """A connector that refuses private addresses outside `allowed`, however the name was resolved.

    The check sits where the socket is made, after DNS; a second, different answer changes nothing.
    """

    def open_socket(info: Any) -> socket.socket:
        family, kind, protocol, _, where = info
        address = ip_address(where[0].partition("%")[0])
        if not is_public(address) and not any(address in network for network in allowed):
            raise Refused(EACCES, f"{address} is a private address; mirror.allow_networks does not name it")
        return socket.socket(family, kind, protocol)

    return TCPConnector(socket_factory=open_socket, limit=0, ttl_dns_cache=60)
