# SPDX-License-Identifier: GPL-3.0-or-later
"""C(docs/runbook-lint.md), from the rules."""

from __future__ import annotations

from itertools import groupby

from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.rules import Rule, rules

ABOVE = """\
# The runbook lint

<!-- Written by scripts/lint-runbook --rules: change the rules, not this page. -->

Reads a written runbook and says which of its commands do not do what the page says, and what does:

```sh
scripts/lint-runbook RUNBOOK.md...
```

```text
  35  error: does not roll back · vercel-rollback-bare
      vercel rollback
      Without a deployment it only shows the state of the last rollback, and
      exits 0.
      instead: vercel_release, playbooks/rollback-frontend.yml
      https://vercel.com/docs/cli/rollback
```

It changes nothing, runs nothing and asks nobody. `--format json` is for programs, `--format github` for pull requests.
Several runbooks at once are also compared with each other: where two of them decide the same trouble differently, both lines are named.

| exit code | |
|---|---|
| 0 | nothing found |
| 1 | something found |
| 2 | a file cannot be read, is empty, is no text in UTF-8, or has more than 500 kB; what was found in the others is printed |
| 64 | called wrongly |

## What it reads

Commands in code blocks of a shell, or of no language; without what only runs them (`sudo`, `npx`, `railway run`, `docker exec` …). Code
within list items where the reader is told to type it. Sentences, comments in code and tables of steps for what is clicked; not where a line
says not to.
Tables, lists and trees that decide are read as [policies](decisions.md), as far as their words are known.

It knows what is written, not what `npm run rollback` does. A runbook without findings is not thereby a good one.

## Ignoring

A comment says which rules a line may break, for its own line, for the next one if it stands alone, and above a block for all of that:

```sh
railway up   # lastgood: ignore railway-up
```

`<!-- lastgood: ignore any-matrices -->` does so in Markdown. Rules about the whole runbook (`any-no-freeze`) are ignored wherever it
stands. A rule that there is not is a finding.

## The rules
"""


def page() -> str:
    """The page, with a table of the rules of each vendor."""
    parts = [ABOVE]
    for vendor, mine in groupby(rules(), key=lambda rule: rule.vendor):
        parts += [f"### {vendor.title}\n", "| rule | | why | instead |\n|---|---|---|---|", *(_row(rule) for rule in mine), ""]
    return "\n".join(parts)


def _row(rule: Rule) -> str:
    instead = ", ".join(f"`{name}`" for name in rule.instead)
    source = rule.source.removeprefix("docs/") if rule.source.startswith("docs/") else rule.source
    return f"| `{rule.id}` | {rule.severity}: {rule.problem} | {rule.why.replace('|', '¦')} [source]({source}) | {instead} |"
