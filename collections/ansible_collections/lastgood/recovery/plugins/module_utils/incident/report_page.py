# SPDX-License-Identifier: GPL-3.0-or-later
"""The Jinja2 template of the report page; its variables are the facts of C(read_report)."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_style import HEAD

PAGE = """\
{% macro release(it) %}
{% if it.id %}<code>{{ it.id }}</code>{% else %}<span class="muted">unknown</span>{% endif %}
{% if it.artifact %} <span class="muted">{{ it | artifact }}</span>{% endif %}
{% if it.title %}<span class="muted block">{{ it.title }}</span>{% endif %}
{% endmacro %}
{% macro mark(it) %}
{% if it %}<span class="said {{ check_marks[it.verdict][1] }}">{{ check_marks[it.verdict][0] }} {{ it.verdict }}</span>
{% else %}<span class="muted">—</span>{% endif %}
{% endmacro %}
{% macro shown(table) %}
<section>
<h2>{{ table.title }}{% if table.note %} <small>{{ table.note }}</small>{% endif %}</h2>
{% if table.rows %}
<table class="cards">
<thead><tr>{% for head in table.heads %}<th>{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in table.rows %}
<tr>{% for cell in row %}
{% if loop.first %}<th scope="row"{% if cell.tone %} class="said {{ cell.tone }}"{% endif %}>{{ cell.text }}</th>
{% elif cell.text or not table.listed %}
<td data-label="{{ table.heads[loop.index0] }}"{% if cell.text | length < 20 %} class="short"{% endif %}>
<span{% if cell.tone %} class="said {{ cell.tone }}"{% endif %}>{{ cell.text }}</span></td>
{% else %}<td class="empty"></td>{% endif %}
{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
{% endif %}
</section>
{% endmacro %}
""" + HEAD + """\
<title>{{ verdict.word }} · {{ id }}</title>
<style>{{ style }}</style>
</head>
<body>
<header class="{{ verdict.tone }}">
<p class="where"><b>{{ environment_title }}</b> · incident <b>{{ id }}</b>{% if severity %} · {{ severity }}{% endif %}</p>
<h1><span aria-hidden="true">{{ verdict.symbol }}</span> {{ verdict.word }}</h1>
{% if verdict.reason %}<p class="lead">{{ verdict.reason }}</p>{% endif %}
{% if ending.words %}<p class="lead">{{ ending.words }}</p>{% endif %}
{% if red_flag %}<p class="lead">Since then: {{ red_flag }}</p>{% endif %}
{% for doubt in verdict.doubts %}<p class="lead">In doubt: {{ doubt }}.</p>{% endfor %}
<p class="muted">{{ spoken_at | day }}{% if local %} · {{ local }}{% endif %}</p>
</header>
<main>
<section aria-label="Durations">
<ul class="tiles">
{% for row in durations %}
<li><span class="muted">{{ row.name }}</span><b>{{ row.seconds | span }}</b>
<span class="muted">{{ row.what }}{% if row.running %}, so far{% endif %}</span></li>
{% endfor %}
</ul>
{% if rto %}
{% set tone = {"met": "good", "missed": "bad", "running": "running", "unknown": "unknown"}[rto.judged] %}
<p class="rto {{ tone }}"><span class="meter" aria-hidden="true">
<i style="width: {{ [100, rto.used / rto.seconds * 100] | min | round(1) }}%"></i></span>
<b class="said {{ tone }}">{{ rto | rto }}</b></p>
{% endif %}
</section>
<section>
<h2>What happened</h2>
<dl>
{% for name, value in [
  ("Reason", reason), ("Scenario", scenario), ("Lead", lead), ("Broken since", moments.bad_at and moments.bad_at | days(zone)),
  ("Opened", moments.opened_at and moments.opened_at | days(zone)),
  ("Back to the moment", moments.good_at and moments.good_at | days(zone)),
  ("Confirmed", confirmed and confirmed.by ~ " (" ~ confirmed.how ~ "), " ~ (confirmed.at | clocks(zone))),
  ("Approved", approved), ("Overridden", overridden),
  ("State", state | replace("_", " "))] if value %}
<div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>
{% endfor %}
</dl>
</section>
{% if timeline %}
<section><h2>Timeline <small>UTC{% if beside %}; {{ beside }}{% endif %}</small></h2><figure>{{ timeline }}</figure></section>
{% endif %}
{% for table in work %}{{ shown(table) }}{% endfor %}
{% if targets %}
<section>
<h2>Targets</h2>
<table class="cards">
<thead><tr><th>target</th><th>was serving</th><th>goes back to</th><th>outcome</th><th>took</th><th>new pushes</th></tr></thead>
<tbody>
{% for target in targets %}
<tr>
<th scope="row">{{ target.target }}<span class="muted block">{{ target.tier }}</span></th>
<td data-label="was serving"><div>{{ release(target['from']) }}</div></td>
<td data-label="goes back to"><div>
{% if target.changes %}{{ release(target.to) }}{% endif %}
{% if target.why %}<span class="muted block">{{ target.why }}</span>{% endif %}
{% if target.changes and target.only_if %}<span class="muted block">only if {{ target.only_if }}</span>{% endif %}</div></td>
{% set symbol, tone = outcomes[target.outcome] %}
<td data-label="outcome"><span class="said {{ tone }}">{{ symbol }} {{ target.outcome }}</span></td>
<td data-label="took" class="number">{{ target.seconds | span }}</td>
<td data-label="new pushes">{{ target.held | held }}</td>
</tr>
{% endfor %}
</tbody>
</table>
</section>
{% endif %}
{% if checks.phases %}
<section>
<h2>Checks</h2>
<table class="cards">
<thead><tr><th>check</th>{% for phase in checks.phases %}<th>{{ phase.phase }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in checks.rows %}
<tr><th scope="row">{{ row.name }}</th>
{% for cell in row.cells %}
<td data-label="{{ checks.phases[loop.index0].phase }}"><div>{{ mark(cell) }}
{% if cell and cell.verdict not in ("OK", "SKIPPED") %}
<span class="muted block">expected {{ cell.expected or "—" }}, got {{ cell.got or "—" }}</span>{% endif %}</div></td>
{% endfor %}
</tr>
{% endfor %}
<tr class="sum"><th scope="row">together</th>
{% for phase in checks.phases %}<td data-label="{{ phase.phase }}">{{ mark(phase) }}</td>{% endfor %}</tr>
</tbody>
</table>
</section>
{% endif %}
{% if plots %}
<section>
<h2>Readings <small>UTC{% if beside %}; {{ beside }}{% endif %}. Dashed: {% for mark in went_back %}{{ mark.target }} back at
{{ mark.at | clock }}{% if not loop.last %}, {% endif %}{% else %}nothing went back{% endfor %}</small></h2>
<div class="plots">
{% for plot in plots %}
<figure><figcaption><b>{{ plot.name }}</b> <span class="muted block">{{ plot.said }}</span></figcaption>{{ plot.svg }}</figure>
{% endfor %}
</div>
</section>
{% endif %}
{% for table in afterwards %}{{ shown(table) }}{% endfor %}
{% if left %}
<section>
<h2>What did not come back</h2>
<dl>{% for row in left %}<div><dt>{{ row.target }}</dt><dd>{{ row.what }}</dd></div>{% endfor %}</dl>
</section>
{% endif %}
{% if cuts or resumes %}
<section>
<h2>Interruptions and further runs</h2>
<ul>
{% for cut in cuts %}
<li><span class="said warn">! interrupted {{ cut.kind }}</span> {{ cut.at | clocks(zone) }}
{% if cut.target %}<b>{{ cut.target }}</b> {% endif %}{{ cut.what }}
<span class="muted">— {{ cut.later }}</span></li>
{% endfor %}
{% for row in resumes %}
<li>{{ row.at | clocks(zone) }} {{ row | resumed }} {% if row.by %}by <b>{{ row.by }}</b> {% endif %}
<span class="muted">— {{ row.pause | span }} after the last sign of life</span></li>
{% endfor %}
</ul>
</section>
{% endif %}
{% for table in record %}{{ shown(table) }}{% endfor %}
{% if next_steps %}
<section class="next"><h2>Next steps</h2><ul>{% for step in next_steps %}<li>{{ step }}</li>{% endfor %}</ul></section>
{% endif %}
<section>
<details>
<summary>All {{ events | length }} events{% if beside %}; {{ beside }}{% endif %}</summary>
<div class="scroll"><table>
<thead><tr><th>UTC</th><th>event</th><th>target</th><th>detail</th></tr></thead>
<tbody>
{% for row in events %}
<tr><td class="number">{{ row.at | clock }}</td><td>{{ row.event }}</td><td>{{ row.target }}</td><td>{{ row.detail }}</td></tr>
{% endfor %}
</tbody>
</table></div>
</details>
</section>
</main>
<footer class="muted">Written {{ written_at | days(zone) }} from the incident's journal.</footer>
</body>
</html>
"""
