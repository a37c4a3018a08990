# SPDX-License-Identifier: GPL-3.0-or-later
"""The style sheet of the report page. Tones carry the verdicts' colours; a word and a symbol always stand beside them."""
from __future__ import annotations

HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
"""
"""How every page begins: it asks nobody for anything."""
STYLE = """
:root { color-scheme: light dark; --page: #fbfbf9; --ink: #1c2024; --soft: #5a646e; --line: #e2e5e8; --fill: #eff1f3;
  --good: #16704a; --warn: #8a5600; --bad: #b42b23; --unknown: #6546a3; --running: #1a5ba6; --plain: #66717c; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #14171a; --ink: #e6e8ea; --soft: #9ba6b0; --line: #2c3238; --fill: #20252a;
    --good: #4cc38a; --warn: #e2a93b; --bad: #ff8078; --unknown: #b7a2f5; --running: #6cb2ff; --plain: #8b96a1; }
}
.good { --tone: var(--good); } .warn { --tone: var(--warn); } .bad { --tone: var(--bad); }
.unknown { --tone: var(--unknown); } .running { --tone: var(--running); } .plain { --tone: var(--plain); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1.25rem 3rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
header { padding: 1.25rem 1.5rem; border-left: 6px solid var(--tone); border-radius: 4px 12px 12px 4px;
  background: color-mix(in srgb, var(--tone) 9%, var(--page)); }
header p { margin: 0; } h1 { margin: .2rem 0; font-size: clamp(1.7rem, 6vw, 2.6rem); line-height: 1.15; color: var(--tone); }
h2 { margin: 0 0 .75rem; font-size: 1.1rem; } h2 small { font-weight: 400; color: var(--soft); }
header .lead { font-size: 1.1rem; } section { margin-top: 2.25rem; }
.muted { color: var(--soft); font-size: .875rem; } .block { display: block; } .said { color: var(--tone, inherit); fill: var(--tone); }
code { font: .875em ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
ul { margin: 0; padding-left: 1.2rem; } li { margin: .25rem 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1rem; padding: 0; list-style: none; }
.tiles li { margin: 0; padding-top: .5rem; border-top: 2px solid var(--line); }
.tiles li > * { display: block; line-height: 1.35; } .tiles b { font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.rto { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin: 1.25rem 0 0; }
.meter { flex: 1 1 12rem; height: 8px; border-radius: 4px; background: var(--fill); overflow: hidden; }
.meter i { display: block; height: 100%; background: var(--tone); }
dl { margin: 0; } dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 1rem; padding: .3rem 0;
  border-top: 1px solid var(--line); }
dt { color: var(--soft); } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
tbody th { min-width: 6.5rem; overflow-wrap: break-word; } th .muted { font-weight: 400; } td .said { white-space: nowrap; }
thead th { border: 0; color: var(--soft); font-size: .875rem; } tbody th, .sum > * { font-weight: 600; }
tbody th.said { white-space: nowrap; }
.short, .number { font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 0; overflow: hidden; }
.timeline { display: block; }
.timeline text { font-size: 12px; fill: var(--ink); paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
.timeline .note, .timeline .tick { fill: var(--soft); font-variant-numeric: tabular-nums; }
.timeline .lane { font-weight: 600; } .timeline .said { fill: var(--tone); font-weight: 400; }
.timeline .bar { fill: var(--tone); stroke: var(--tone); stroke-width: 2px; }
.timeline .bar.plain { fill: var(--plain); opacity: .55; } .timeline .bar.warn { fill: none; stroke-dasharray: 4 2; }
.timeline .track { fill: var(--fill); } .timeline .broken { fill: var(--bad); opacity: .75; }
.timeline .window { fill: none; stroke: var(--ink); } .timeline .pause { fill: var(--fill); }
.timeline line { stroke: var(--line); } .timeline .zoom { stroke: var(--soft); stroke-dasharray: 2 4; }
.timeline .rto { stroke: var(--bad); stroke-width: 2px; stroke-dasharray: 5 3; }
.timeline .mark { stroke: var(--tone); stroke-width: 2px; }
.plots figure, .plot { overflow: visible; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem; }
.plot .grid { stroke: var(--line); } .plot .back { stroke: var(--running); stroke-dasharray: 4 3; stroke-width: 2px; }
.plot .limit { stroke: var(--warn); stroke-width: 1px; stroke-dasharray: 1 3; }
.plot .curve { stroke: var(--ink); stroke-width: 1.5px; stroke-linecap: round; } .plot .sample { fill: var(--ink); }
.plot .dot { fill: var(--tone); stroke: var(--page); stroke-width: 1.5px; }
.next { padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; }
details summary { cursor: pointer; font-weight: 600; } .scroll { overflow-x: auto; margin-top: .75rem; }
footer { margin-top: 2.5rem; }
@media (max-width: 40rem) {
  body { padding: 1rem 1rem 2rem; } dl div { grid-template-columns: 1fr; gap: 0; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .cards thead { display: none; } .cards tr { display: block; padding: .6rem 0; border-top: 1px solid var(--line); }
  .cards th, .cards td { display: block; padding: .1rem 0; border: 0; }
  .cards td.empty { display: none; } .short { white-space: normal; }
  .cards td { display: grid; grid-template-columns: 7.5rem 1fr; gap: .5rem; }
  .cards td::before { content: attr(data-label); color: var(--soft); font-size: .875rem; }
}
@media print {
  :root { --page: #fff; }
  body { max-width: none; padding: 0; font-size: 11pt; } section { break-inside: auto; } h2 { break-after: avoid; }
  tr, figure, .tiles li, header { break-inside: avoid; } details:not([open]) { display: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
