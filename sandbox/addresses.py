"""Who answers on which loopback port."""

from __future__ import annotations

import os
import socket

HOST = "127.0.0.1"
DEFAULT_PORT = 4800
# Vendor -> offset of its API from the base port.
VENDORS = {"vercel": 1, "render": 2, "netlify": 3, "heroku": 4, "railway": 5, "convex": 6, "launchdarkly": 7, "flagsmith": 8, "neon": 15}
VENDORS["slack"] = 16
VENDORS["stripe"] = 17
VENDORS["awx"] = 18
VENDORS |= {"statuspage": 31, "instatus": 32, "better_stack": 33, "pagerduty": 34}
POSTGRES = 9
# Served address (a Vercel domain, a Render service) -> offset from the base port.
SERVED = {
    "shop.rachelfoods.test": 10,
    "www.rachelfoods.test": 11,
    "m.rachelfoods.test": 12,
    "backoffice.rachelfoods.test": 13,
    "blog.rachelfoods.test": 14,
    "api": 20,
    "payments": 21,
    "accounts": 22,
    "stock": 23,
    "bookings": 24,
}
# Only there when AWS is asked for: the one address of its API, what is behind that, and the points of presence of its edge.
AWS, AWS_KEPT, AWS_OTHERS = 25, 26, 27
EDGE = {"FRA56-P4": 28, "IAD89-C3": 29, "SIN2-C1": 30}
STOREFRONT = ("shop.rachelfoods.test", "www.rachelfoods.test", "m.rachelfoods.test")
OFFSETS = (0, *VENDORS.values(), POSTGRES, *SERVED.values(), AWS, AWS_KEPT, AWS_OTHERS, *EDGE.values())


def base_port() -> int:
    """LASTGOOD_SANDBOX_PORT, or 4800; the ports up to 34 above it are used too."""
    return int(os.environ.get("LASTGOOD_SANDBOX_PORT", DEFAULT_PORT))


def url(base: int, offset: int) -> str:
    return f"http://{HOST}:{base + offset}"


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
