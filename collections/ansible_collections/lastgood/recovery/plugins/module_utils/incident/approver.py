# SPDX-License-Identifier: GPL-3.0-or-later
"""C(scripts/approve): shows what is to be approved, asks, signs it with an SSH key, and stores it in the incident."""
# A program of its own, so that there is no AnsibleModule.
# pylint: disable=ansible-bad-function
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotConfirmed, RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import approval, signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import in_words, plan_hash
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approving import request_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import in_words as needs_in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH

USUAL_KEYS = ("id_ed25519_sk", "id_ecdsa_sk", "id_ed25519", "id_ecdsa", "id_rsa")


def main(arguments: Sequence[str]) -> int:
    """0 when it is approved and counts, 2 when it was refused or not agreed to."""
    options = _options(arguments)
    try:
        print(approve(Store(options.store).find(options.incident), options))
        return 0
    except (RecoveryError, OSError) as error:
        told = f"{error.message}; nothing was approved. {error.hint}" if isinstance(error, RecoveryError) else str(error)
        print(_wrapped(told.strip()), file=sys.stderr)
        return 2


def approve(incident: Incident, options: argparse.Namespace) -> str:
    """Show, ask, sign, judge as the run will judge it, and store. What to do next, in words."""
    asked = [event for event in incident.journal.events() if event["event"] == "approval_requested"]
    if not asked:
        raise Refused(f"{incident.fields['id']} needs no approval", "Its run asks for one when the inventory's approvals say so.")
    event, now = asked[-1], datetime.now(UTC)
    if plan_hash(event["what"]) != event["plan"]:
        raise Refused("the plan in the journal is not the one that approval is asked for", "Look at it with scripts/verify.")
    request = request_of(incident, event)
    if request.expires <= now:
        raise Refused(f"it could be approved until {event['expires']}", "Let the rollback be run again: it asks anew.")
    if not (options.signers or event["signers"]):
        raise Refused("it is approved in AWX", "Approve it on the approval node of its workflow.")
    signers, key = Path(options.signers or event["signers"]), _key(options.key)
    who = options.name or _name(key, signers)
    print("\n".join(_shown(incident, event, who)))
    phrase = f"APPROVE {request.environment.upper()} {incident.fields['scenario']}"
    answer = input(f"Type {phrase} to sign it: ")
    if answer.strip() != phrase:
        raise NotConfirmed(f"'{answer.strip()}' does not approve it", f"The words are: {phrase}")
    content = approval.payload(request, who, now)
    armoured = signature.sign(content, key)
    revoked = Path(event["revoked"]) if event["revoked"] else None
    try:
        counted = approval.judge(content, armoured, request, event["roles"], signers, revoked, datetime.now(UTC))
    except signature.BadSignature as error:
        raise Refused(f"your approval would not count: it {error}", "Somebody else, or another key, must approve it.") from None
    approval.keep(incident, content, armoured, request.nonce, counted.key)
    return _wrapped(f"approved by {counted.in_words()}. {event['by']} can now run the same command again.")


def _shown(incident: Incident, event: dict[str, Any], who: str) -> list[str]:
    fields, plan = incident.fields, event["what"]
    until = moment.parse(event["expires"])
    reason = f": {fields['reason']}" if fields.get("reason") else ""
    back = f"It goes back to {plan['good_at']}:" if plan["good_at"] else "It is this:"
    return [
        _wrapped(f"{fields['environment_title']} · {fields['id']} · {fields['severity']}"),
        _wrapped(f"{fields['scenario'].capitalize()} is bad since {moment.short(moment.parse(fields['bad_at']))} UTC{reason}."),
        _wrapped(f"{event['by']} asks for {needs_in_words(event['needs'])} until {until:%H:%M} UTC. {back}"),
        "",
        *(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False) for line in in_words(plan)),
        "",
        f"  plan {event['plan'][:16]}, signed as {who}",
    ]


def _key(given: str | None) -> Path:
    """The key that was named, else Git's signing key, else the usual one of OpenSSH."""
    if given:
        return Path(given).expanduser()
    git = subprocess.run(["git", "config", "--get", "user.signingkey"], capture_output=True, text=True, check=False).stdout.strip()
    usual = [Path(git).expanduser()] if git.startswith(("/", "~")) else []
    usual += [Path.home() / ".ssh" / name for name in USUAL_KEYS]
    for path in usual:
        if path.is_file():
            return path
    raise Refused("there is no key to sign with", "Name one: --key ~/.ssh/id_ed25519, or the .pub of one that the agent has.")


def _name(key: Path, signers: Path) -> str:
    """Who that is, by allowed_signers."""
    public = key if key.suffix == ".pub" else key.with_name(key.name + ".pub")
    if not signers.is_file():
        raise Refused(f"{signers} does not exist here", "Run it in the checkout of the inventory, or give --signers.")
    try:
        people = signature.people_of(set(signature.fingerprints(public.read_text(encoding="utf-8"))), signers)
    except FileNotFoundError:
        raise Refused(f"{public} does not exist", "It is the public half of the key; make it: ssh-keygen -y -f KEY > KEY.pub") from None
    names = sorted(name for name in people if "*" not in name and "?" not in name)
    if len(names) != 1:
        raise Refused(f"{signers} lists the key for {', '.join(names) or 'nobody'}", "Say who you are: --as anna@example.com")
    return names[0]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/approve", description="Approve the plan of an incident with an SSH signature.")
    parser.add_argument("incident", help="its name in the incident store, such as 2026-11-22-checkout")
    parser.add_argument("--key", default=os.environ.get("LASTGOOD_APPROVAL_KEY"), help="private key, or the .pub of one that the agent has")
    parser.add_argument("--as", dest="name", metavar="NAME", help="your name in allowed_signers, where the key alone does not tell")
    parser.add_argument("--signers", help="allowed_signers, if it is elsewhere in this checkout")
    parser.add_argument("--store", default=os.environ.get("LASTGOOD_INCIDENTS", "incidents"), help="the incident store")
    return parser.parse_args(arguments)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nnothing was approved")
