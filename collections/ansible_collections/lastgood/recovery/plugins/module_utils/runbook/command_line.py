# SPDX-License-Identifier: GPL-3.0-or-later
"""Says which commands in written runbooks do not do what the page says, and what does.

Exit codes: 0 nothing found, 1 something found, 2 a file cannot be read, 64 called wrongly.
"""
# A program of its own, so that there is no AnsibleModule.
# pylint: disable=ansible-bad-function

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import read
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.findings import findings
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.rules_page import page
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shown import FORMATS, printable

CLEAN, FOUND, UNREADABLE, USAGE = 0, 1, 2, 64


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str]) -> int:
    """Prints what was found; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = _Parser(prog="scripts/lint-runbook", description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    parser.add_argument("files", nargs="*", metavar="FILE.md", help="runbooks in Markdown; several are compared with each other as well")
    parser.add_argument("--format", choices=sorted(FORMATS), default="human", help="human if not given")
    parser.add_argument("--rules", action="store_true", help="print all rules, as docs/runbook-lint.md, instead")
    options = parser.parse_args(arguments)
    if options.rules == bool(options.files):
        parser.error("name the runbooks to read, or --rules")
    if options.rules:
        print(page(), end="")
        return CLEAN
    runbooks = []
    files = list(dict.fromkeys(options.files))
    for file in files:
        try:
            runbooks.append(read(file))
        except RecoveryError as error:
            print(printable(f"{error.message}. {error.hint}"), file=sys.stderr)
    found = findings(runbooks)
    print(FORMATS[options.format](found, [runbook.name for runbook in runbooks]))
    return UNREADABLE if len(runbooks) < len(files) else FOUND if found else CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
