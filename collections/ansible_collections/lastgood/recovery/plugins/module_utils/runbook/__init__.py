# SPDX-License-Identifier: GPL-3.0-or-later
"""Written runbooks, judged command by command: C(scripts/lint-runbook), and C(docs/runbook-lint.md) with all rules."""
