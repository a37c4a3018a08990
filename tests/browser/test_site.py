"""The site as a reader sees it, with no network: it is built by scripts/site."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.chromium import Chromium

pytestmark = pytest.mark.once

SITE = Path(__file__).resolve().parents[2] / ".cache/site/html"
LINK = re.compile(r'<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]*)"')
NAMED = re.compile(r'\s(?:id|name)="([^"]*)"')


@pytest.fixture
def browser(chromium: Chromium) -> Chromium:
    if not (SITE / "index.html").is_file():
        pytest.skip("the site is not built: scripts/site")
    (chromium.directory / "site").symlink_to(SITE)
    return chromium


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("index.html", "Rollback procedures that run"),
        ("docs/scenarios.html", "a deployment broke checkout"),
        ("reference/vercel_release_module.html", "bad_at"),
    ],
)
def test_a_page_is_read_without_a_network(browser: Chromium, page: str, told: str) -> None:
    seen = browser.look_at(f"site/{page}", 1280)
    assert told in seen["text"]
    assert seen["content"] <= seen["width"]
    host = f"http://127.0.0.1:{browser.server.server_port}/"
    assert [address for address in seen["requests"] if not address.startswith((host, "data:"))] == []


@pytest.mark.parametrize("page", ["incidents", "scenarios", "triggers"])
def test_it_fits_a_telephone(browser: Chromium, page: str) -> None:
    """Whatever its fonts: 330 is narrower than any."""
    seen = browser.look_at(f"site/docs/{page}.html", 330)
    assert seen["content"] <= seen["width"]


def test_no_link_leads_to_nowhere(browser: Chromium) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in SITE.rglob("*.html")}
    names = {path: {unescape(name) for name in NAMED.findall(text)} for path, text in pages.items()}
    broken = []
    for path, text in pages.items():
        for link in map(unescape, LINK.findall(text)):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file() or (parts.fragment and target in names and unquote(parts.fragment) not in names[target]):
                broken.append(f"{path.relative_to(SITE)}: {link}")
    assert broken == []
