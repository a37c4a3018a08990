# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' status pages: where people look, where programs look, and of what kind that is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    page: str
    url: str
    kind: str


KNOWN = {
    "aws": Source("https://health.aws.amazon.com/health/status", "https://health.aws.amazon.com/public/currentevents", "aws"),
    "convex": Source("https://status.convex.dev", "https://status.convex.dev/api/v2/summary.json", "statuspage"),
    "heroku": Source("https://status.heroku.com", "https://status.heroku.com/api/v4/current-status", "heroku"),
    "neon": Source("https://neonstatus.com", "https://neonstatus.com/api/v1/summary", "incident_io"),
    "netlify": Source("https://www.netlifystatus.com", "https://www.netlifystatus.com/api/v2/summary.json", "statuspage"),
    "railway": Source("https://status.railway.com", "https://status.railway.com/summary.json", "instatus"),
    "render": Source("https://status.render.com", "https://status.render.com/api/v2/summary.json", "statuspage"),
    "stripe": Source("https://status.stripe.com", "https://status.stripe.com/current/full", "stripe"),
    "vercel": Source("https://www.vercel-status.com", "https://www.vercel-status.com/api/v2/summary.json", "statuspage"),
}
