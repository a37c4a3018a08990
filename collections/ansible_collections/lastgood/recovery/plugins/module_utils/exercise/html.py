# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of an exercise as one self-contained page: no script, no request."""
from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.screen import PASSED
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise import trends
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.screen import title
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.tables import facts, tables
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.page import MORE_STYLE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.trend import draw_trend
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_style import HEAD, STYLE

PAGE = HEAD + """\
<title>{{ title }} · {{ name }}</title>
<style>{{ style }}</style>
</head>
<body>
<header class="{{ tone }}">
<p class="where"><b>{{ environment_title }}</b> · exercise <b>{{ name }}</b></p>
<h1><span aria-hidden="true">{{ "✓" if tone == "good" else "✗" if tone == "bad" else "!" }}</span> {{ title }}</h1>
<p class="lead">{{ came_to }}</p>
</header>
<main>
<section><h2>Exercise</h2>
<dl>{% for term, value in facts %}<div><dt>{{ term }}</dt><dd>{{ value }}</dd></div>{% endfor %}</dl></section>
{% for table in tables %}
<section>
<h2>{{ table.title }}{% if table.note %} <small>{{ table.note }}</small>{% endif %}</h2>
<table class="cards">
<thead><tr>{% for head in table.heads %}<th>{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}
<tr>{% for cell in row %}
{% if loop.first %}<th scope="row">{{ cell.text }}</th>
{% else %}<td data-label="{{ table.heads[loop.index0] }}">
<span{% if cell.tone %} class="said {{ cell.tone }}"{% endif %}>{{ cell.text }}</span></td>
{% endif %}
{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</section>
{% if table.title == "Trends" and pictures %}
<section aria-label="Trends">
<div class="trends">
{% for caption, picture in pictures %}
<figure><figcaption>{{ caption }}</figcaption>{{ picture }}</figure>
{% endfor %}
</div></section>
{% endif %}
{% endfor %}
</main>
<footer class="muted">Made of evidence.json, which has the hash of this page. evidence.json.sig is the signature over it.</footer>
</body>
</html>
"""


def as_html(evidence: Mapping[str, Any]) -> str:
    """The page; everything quoted from outside is escaped."""
    from markupsafe import Markup

    points = trends.entries(evidence["trends"])
    pictures = [(caption, Markup(picture)) for key, caption in trends.DURATIONS.items()
                if len(evidence["trends"]["exercises"]) > 1 and (picture := draw_trend(points, key, None))]
    passed = evidence["verdict"] == PASSED
    page: str = _template().render(
        evidence, title=title(evidence), tone="bad" if not passed else "good" if evidence["signer"] else "warn",
        style=Markup(STYLE + MORE_STYLE + "td .said { white-space: normal; }"), facts=facts(evidence), tables=tables(evidence),
        pictures=pictures,
    )
    return page


@cache
def _template() -> Any:
    # Imported here because ansible-test imports module_utils where Jinja2 need not be.
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(PAGE)
