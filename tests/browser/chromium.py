"""A headless Chromium that lays a page out at a given width and says what came of it."""
from __future__ import annotations

import html
import json
import os
import re
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

# A window cannot be made as narrow as a telephone, a frame can. The frame has the server's origin, so it can be looked into.
FRAME = """<!doctype html><link rel="icon" href="data:,"><body style="margin:0">
<iframe src="{address}" style="border:0;width:{width}px;height:900px"></iframe><script>
addEventListener("load", () => {{
  const view = document.querySelector("iframe").contentWindow, root = view.document.documentElement;
  const paint = document.createElement("canvas").getContext("2d", {{willReadFrequently: true}});
  const light = (layers) => {{
    paint.clearRect(0, 0, 1, 1);
    for (const layer of layers) {{ paint.fillStyle = layer; paint.fillRect(0, 0, 1, 1); }}
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
      .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
  }};
  const texts = [...root.querySelectorAll("body *")].filter((element) => element.checkVisibility() &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && !element.closest("title, svg title"));
  const contrast = (element) => {{
    const style = view.getComputedStyle(element), layers = [];
    for (let above = element; above; above = above.parentElement) layers.unshift(view.getComputedStyle(above).backgroundColor);
    const ink = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [low, high] = [light(layers), light([...layers, ink])].sort((one, other) => one - other);
    return (high + .05) / (low + .05);
  }};
  const seen = {{
    width: view.innerWidth, content: root.scrollWidth, text: view.document.body.innerText,
    cut: texts.filter((element) => !element.closest("details") && element.getBoundingClientRect().right > view.innerWidth + 1)
      .map((element) => element.textContent),
    faint: texts.filter((element) => contrast(element) < 4.5).map((element) => element.textContent + " " + contrast(element)),
    requests: view.performance.getEntriesByType("resource").map((entry) => entry.name),
    page: view.getComputedStyle(view.document.body).backgroundColor,
  }};
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = JSON.stringify(seen);
}});
</script></body>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Chromium:
    """Serves its directory on loopback for as long as it is open."""

    def __init__(self, program: str, directory: Path) -> None:
        self.program, self.directory = program, directory
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(directory)))

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    def look(self, page: str, width: int, dark: bool = False) -> dict[str, Any]:
        """What the page looks like: {width, content, text, cut, faint, requests, page}, widths in CSS pixels.

        C(cut) and C(faint) are the texts that reach beyond the page and those with a contrast below 4.5 : 1.
        """
        (self.directory / "page.html").write_text(page, encoding="utf-8")
        return self.look_at("page.html", width, dark)

    def look_at(self, address: str, width: int, dark: bool = False) -> dict[str, Any]:
        """The same of a page that is in the directory."""
        (self.directory / "frame.html").write_text(FRAME.format(address=address, width=width), encoding="utf-8")
        dumped = self._run("--dump-dom", dark=dark, size=f"{max(width, 800)},900")
        found = re.search(r"<pre>(.*)</pre>", dumped, flags=re.DOTALL)
        assert found, dumped
        seen: dict[str, Any] = json.loads(html.unescape(found[1]))
        return seen

    def _run(self, *arguments: str, dark: bool, size: str) -> str:
        options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--disable-sync", f"--user-data-dir={self.directory / 'profile'}",
                   f"--window-size={size}", f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        address = f"http://127.0.0.1:{self.server.server_port}/frame.html"
        done = subprocess.run([self.program, *options, *arguments, address], capture_output=True, text=True, timeout=60, check=True,
                              env={**os.environ, "HOME": str(self.directory)})
        return done.stdout
