# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the record: no script, no request; it links to nothing but files of the incident store."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import report_words as words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.figures import counted
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import DURATIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.trend import draw_trend
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_style import HEAD, STYLE

MORE_STYLE = """
main a { color: inherit; } thead th { white-space: nowrap; }
.trends { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.5rem; }
.trend { display: block; } .trend text { font-size: 11px; fill: var(--soft); } .trend .grid { stroke: var(--line); }
.trend .goal { stroke: var(--bad); stroke-width: 2px; stroke-dasharray: 5 3; }
.trend .point { fill: var(--tone); stroke: var(--tone); stroke-width: 2px; } .trend .drill { fill: none; }
"""
PAGE = """\
{% macro told(it) %}
{{ it.mean | span }} <span class="muted block">p50 {{ it.p50 | span }}, p95 {{ it.p95 | span }}, {{ it.known }} known</span>
{% if it.within is not none %}<span class="said {{ "good" if it.within == it.known else "bad" }}">\
{{ it.within }} of {{ it.known }} within {{ it.objective | span }}</span>{% endif %}
{% endmacro %}
""" + HEAD + """\
<title>Incidents</title>
<style>{{ style }}</style>
</head>
<body>
<header class="{{ "bad" if unreadable else "running" }}">
<h1>Incidents</h1>
<p class="lead">{{ begun | counted("rollback") }}, {{ (entries | length - begun) | counted("incident") }} without one\
{% if unreadable %}, {{ unreadable | length }} that cannot be read{% endif %}</p>
<p class="muted">All times UTC. Also: rollback-log.csv, rollback-log.md, lessons-learned.md, metrics.md, metrics.json</p>
</header>
<main>
{% if unreadable %}
<section><h2>Cannot be read</h2>
<p>What follows is without these incidents.</p>
<ul>{% for name, why in unreadable.items() %}<li class="bad"><b class="said">{{ name }}</b>: {{ why }}</li>{% endfor %}</ul></section>
{% endif %}
{% for group in groups %}
<section><h2>{{ group.name }} <small>{{ group.rollbacks | counted("rollback") }}: \
{% for word, count in group.verdicts.items() %}{{ count }} {{ word }}{{ ", " if not loop.last }}{% endfor %}\
{% if group.rto %}; RTO {% for word, count in group.rto.items() %}{{ count }} {{ word }}{{ ", " if not loop.last }}\
{% endfor %}{% endif %}</small></h2>
<ul class="tiles">
{% for key, it in group.durations.items() %}
<li><span class="muted">{{ durations[key][0] }}</span><b>{{ it.mean | span }}</b>
<span class="muted">p50 {{ it.p50 | span }}, p95 {{ it.p95 | span }}</span>
<span class="muted">{{ it.known }} of {{ group.rollbacks }} known</span>
{% if it.within is not none %}<span class="said {{ "good" if it.within == it.known else "bad" }}">\
{{ "✓" if it.within == it.known else "✗" }} {{ it.within }} within {{ it.objective | span }}</span>{% endif %}</li>
{% endfor %}
</ul></section>
{% endfor %}
{% if trends %}
<section><h2>Trend <small>filled: incidents, hollow: drills, dashed: objective; logarithmic</small></h2>
<div class="trends">
{% for key, picture in trends.items() %}
<figure><figcaption>{{ durations[key][0] }}</figcaption>{{ picture }}</figure>
{% endfor %}
</div></section>
{% endif %}
{% if services %}
<section><h2>Services <small>how long each was broken, and the data it lost, against its RTO and RPO</small></h2>
<table class="cards"><thead><tr><th>service</th><th>rollbacks</th><th>recovery (RTO)</th><th>data loss (RPO)</th></tr></thead><tbody>
{% for row in services %}
<tr><th>{{ row.service }}{% if row.priority %} <small>{{ row.priority }}</small>{% endif %}</th>
<td data-label="rollbacks">{{ row.rollbacks }}</td>
<td data-label="recovery"><span>{{ told(row.recovery) }}</span></td><td data-label="data loss"><span>{{ told(row.loss) }}</span></td></tr>
{% endfor %}
</tbody></table></section>
{% endif %}
{% if entries %}
<section><h2>All incidents <small>the newest first</small></h2>
<table class="cards"><thead><tr>
<th>incident</th><th>verdict</th><th>recovery</th><th>what went back</th><th>lessons</th></tr></thead><tbody>
{% for it in entries | reverse %}
{% set mark = verdicts[it.verdict] %}
<tr><th>{% if it.has_report %}<a href="{{ below }}{{ it.id }}/report.html">{{ it.id }}</a>{% else %}{{ it.id }}{% endif %}
<span class="muted block">{{ it.environment_title }}\
{% if it.severity %} · {{ it.severity }}{% endif %}{{ " · drill" if it.drill }}</span></th>
<td data-label="verdict"><span><span class="said {{ mark[1] if it.begun else "plain" }}">\
{{ mark[0] ~ " " ~ it.verdict if it.begun else "no rollback" }}</span>
<span class="muted block">{{ it.state | replace("_", " ") }}</span>
{% if it.journal_state in ("TAMPERED", "TORN") %}<span class="said bad">✗ journal {{ it.journal_state }}</span>{% endif %}</span></td>
<td data-label="recovery" class="number">{{ it.seconds.broken | span }}{% if it.rto and it.begun %}\
<span class="muted block">RTO {{ it.rto.judged }}</span>{% endif %}</td>
<td data-label="went back"><span>{{ it.method or "—" }}<span class="muted block">{{ it.reason }}</span></span></td>
<td data-label="lessons"><span>{% if it.begun %}{% if it.lessons.state == "written" %}
<a href="{{ below }}{{ it.id }}/lessons.md">{{ it.lessons.title or "written" }}</a>
{% else %}<span class="said warn">{{ it.lessons.state }}</span>{% endif %}{% else %}—{% endif %}</span></td></tr>
{% endfor %}
</tbody></table></section>
{% endif %}
<section><h2>What is measured</h2>
<dl>{% for name, meaning in durations.values() %}<div><dt>{{ name }}</dt><dd>{{ meaning }}</dd></div>{% endfor %}</dl>
<p class="muted">Where nobody said since when it was broken, what counts from the fault is not known, and is left out.</p></section>
</main>
</body>
</html>
"""


def as_page(facts: dict[str, Any], below: str = "") -> str:
    """The page of C(read_record)'s facts; everything quoted from outside is escaped. C(below) leads to the incidents' directories."""
    # Imported here because ansible-test imports module_utils where Jinja2 need not be.
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(span=lambda seconds: words.span(seconds).replace(" ", "\u00a0"), counted=counted)
    trends = {key: draw_trend(facts["entries"], key, facts["objectives"]["durations"].get(key)) for key in DURATIONS}
    return environment.from_string(PAGE).render(
        facts, below=below, style=Markup(STYLE + MORE_STYLE), durations=DURATIONS, verdicts=words.VERDICTS,
        begun=sum(entry["begun"] for entry in facts["entries"]),
        trends={key: Markup(picture) for key, picture in trends.items() if picture},
    )
