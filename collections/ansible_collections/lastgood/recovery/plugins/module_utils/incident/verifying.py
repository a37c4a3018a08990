# SPDX-License-Identifier: GPL-3.0-or-later
"""C(scripts/verify): whether the journals of incidents, and exercises, are what was written. Exit code: that of the worst of them."""
# A program of its own, so that there is no AnsibleModule.
# pylint: disable=ansible-bad-function
from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.verification import UNSIGNED, UNVERIFIED, Signers, verify_all
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import anchor
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import (
    EXIT_CODES,
    INTACT,
    TAMPERED,
    TORN,
    UNCHAINED,
    Verification,
    verify,
)

WORST_FIRST = (TAMPERED, UNCHAINED, TORN, INTACT)
OF_EXERCISES = {UNSIGNED: UNCHAINED, UNVERIFIED: UNCHAINED}
"""What counts as a journal that could have been changed unnoticed."""


def main(arguments: Sequence[str]) -> int:
    """What was found, line by line; returns the exit code."""
    options = _options(arguments)
    states = []
    try:
        with _store(options.store) as store:
            names = options.incident or ([] if options.exercises else store.names())
            for name in names:
                result = verify_incident(store.find(name), options.anchor)
                states.append(result.state)
                print(f"{result.state:<9} {name}: {result.lines} lines, head {result.head[:16] or 'none'}")
                for text in (*result.findings, *result.notes):
                    print(f"          {text}")
            if not options.incident:
                states += _exercises(store, options)
    except (RecoveryError, OSError) as error:
        print(error.message + f". {error.hint}" if isinstance(error, RecoveryError) else error, file=sys.stderr)
        return EXIT_CODES[UNCHAINED]
    if not states:
        print(f"there are no {'exercises' if options.exercises else 'incidents'} in {options.store}", file=sys.stderr)
    return EXIT_CODES[next((state for state in WORST_FIRST if state in states), UNCHAINED)]


def _exercises(store: Store, options: argparse.Namespace) -> list[str]:
    """Every exercise, line by line; returns what each counts as."""
    files = (Path(given).expanduser() if given else None for given in (options.signers, options.revoked))
    found = verify_all(store, Signers(*files))
    for one in found:
        print(f"{one.state:<9} exercise {one.name}: {(one.evidence or {}).get('verdict', 'no evidence that can be read')}")
        for text in (*one.findings, *one.notes):
            print(f"          {text}")
    return [OF_EXERCISES.get(one.state, one.state) for one in found]


@contextmanager
def _store(place: str) -> Iterator[Store]:
    """A store in a bucket is read anew: what this machine has of it could be another thing."""
    if place.startswith("s3:"):
        with Mirror.fresh(place) as mirror:
            yield Store(place, mirror)
    else:
        yield Store(place)


def verify_incident(incident: Incident, url: str | None = None) -> Verification:
    """The verification of its journal, against the anchor at C(url), or else at the one that the incident itself names."""
    where = url or incident.fields.get("anchor")
    kept = anchor.anchor_at(where).kept(incident.directory.name) if where else []
    result = verify(incident.journal.content(), incident.directory.name, kept)
    if where and not url:
        result.notes.append(f"the anchor is the one that the incident names, {where}: give --anchor to be sure of the place")
    return result


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/verify", description=__doc__.replace("C(", "").replace(")", ""))
    parser.add_argument("incident", nargs="*", help="all incidents when none is named")
    parser.add_argument("--store", default=os.environ.get("LASTGOOD_INCIDENTS", "incidents"))
    parser.add_argument("--anchor", default=os.environ.get("LASTGOOD_ANCHOR"), help="where the heads are kept: file:/mnt/elsewhere/heads")
    parser.add_argument("--exercises", action="store_true", help="only exercises, which are verified with all incidents otherwise")
    parser.add_argument("--signers", default=os.environ.get("LASTGOOD_SIGNERS"), help="allowed_signers, for the signatures of exercises")
    parser.add_argument("--revoked", help="keys that no longer count")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
