"""The site: the project's Markdown as it lies in the repository, and the collection's reference. scripts/site builds it."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docutils.nodes import Element, reference

project = "lastgood"
author = "The lastgood maintainers"
copyright = f"{datetime.now(UTC).year}, {author}"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
html_theme = "sphinx_rtd_theme"
html_theme_options = {"navigation_depth": 2}
html_title = "lastgood"
html_show_sphinx = False
html_copy_source = False
html_css_files = ["site.css"]
html_static_path = ["_static"]
highlight_language = "text"
myst_heading_anchors = 4
exclude_patterns = ["collections", "inventories"]
# Shortened JSON and YAML in the pages is not valid, and is meant to be read.
suppress_warnings = ["misc.highlighting_failure"]

ANSIBLE = "https://docs.ansible.com/ansible/latest/"
ELSEWHERE = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "callback_plugins": "plugins/callback.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "NO_COLOR": "reference_appendices/config.html",
}
"""Pages of Ansible's own that the reference points to."""


def elsewhere(app: Any, env: Any, node: Element, content: Element) -> Element | None:
    """A link to Ansible's documentation, without fetching its table of labels."""
    page = ELSEWHERE.get(node["reftarget"])
    return reference("", "", content, refuri=ANSIBLE + page, internal=False) if page else None


def folders(app: Any, page: str, source: list[str]) -> None:
    """A link to a folder is one to its README.md, as it is in the repository."""
    here = Path(app.srcdir, page).parent

    def opened(link: re.Match[str]) -> str:
        return f"]({link[1]}README.md)" if (here / link[1] / "README.md").is_file() else link[0]

    source[0] = re.sub(r"\]\(([\w./-]+/)\)", opened, source[0])


def setup(app: Any) -> None:
    app.connect("source-read", folders)
    app.connect("missing-reference", elsewhere)
