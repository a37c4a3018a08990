# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be learned from the record without a person: what went well, what did not, and the action items that follow."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_tiers import BACK, is_state, release_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import rto_words, span
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import RESTORED

Facts = dict[str, Any]
FAILED = ("failed", "interrupted", "not reached", "waiting")


def went_well(facts: Facts) -> list[str]:
    """What the record shows to have worked; nothing that is only likely."""
    rto = facts["rto"]
    said = []
    if facts["verdict"]["word"] == RESTORED:
        said.append(f"Everything that was tested works again: {facts['verdict']['reason']}")
    if rto and rto["judged"] == "met":
        said.append(rto_words(rto))
    back = [target["target"] for target in facts["targets"] if target["outcome"] in BACK]
    if back and not _not_back(facts):
        said.append(f"Every target that was to go back did: {', '.join(back)}")
    said += [f"{row['name']} took {span(row['seconds'])}, as forecast" for row in facts["forecast"]
             if row["judged"] in ("as usual", "within p95")]
    said += [f"{loss['target']}: {span(loss['seconds'])} of data lost, within the RPO of {span(loss['rpo'])}"
             for loss in facts["losses"] if loss["judged"] == "met"]
    if facts["approved"]:
        said.append(f"Approved before it started: {facts['approved']}")
    if facts["cuts"] and facts["resumes"] and facts["verdict"]["word"] == RESTORED:
        said.append("A run that was interrupted was taken up again and finished")
    if facts["watch"] and all(look["verdict"] == "OK" for look in facts["watch"]):
        said.append(f"Nothing in the {len(facts['watch'])} readings of the watch")
    return said


def went_badly(facts: Facts) -> list[str]:
    """What the record shows not to have gone as it should."""
    return [item["because"] for item in action_items(facts) if item["bad"]]


def action_items(facts: Facts) -> list[dict[str, Any]]:
    """What follows from the record, most urgent first: {what, because, priority, bad}; C(bad) says that something went wrong."""
    items = [*_of_the_fault(facts), *_of_the_outcome(facts), *_of_time_and_data(facts), *_of_people(facts), *_of_checklists(facts)]
    return sorted(items, key=lambda item: str(item["priority"]))


def suspects(facts: Facts) -> dict[str, list[str]]:
    """The releases that were taken out of service, in words, and of which targets; states of a moment are none."""
    found: dict[str, list[str]] = {}
    for target in facts["targets"]:
        if target["outcome"] == "rolled back" and not is_state(target["from"]):
            found.setdefault(release_words(target["from"]), []).append(target["target"])
    return found


def _item(what: str, because: str, priority: str, bad: bool = True) -> dict[str, Any]:
    return {"what": what, "because": because, "priority": priority, "bad": bad}


def _not_back(facts: Facts) -> list[Facts]:
    return [target for target in facts["targets"] if target["changes"] and target["outcome"] in FAILED]


def _of_the_fault(facts: Facts) -> list[Facts]:
    items = [_item(f"Fix {release} before anything like it goes live again", f"It was taken out of service on {', '.join(names)}", "P0",
                   bad=False) for release, names in suspects(facts).items()]
    failed = [row["name"] for row in facts["checks"]["rows"] if facts["checks"]["phases"][0]["phase"] == "before"
              and row["cells"][0] and row["cells"][0]["verdict"] == "BAD"]
    if failed:
        items.append(_item(f"Add a test that would have stopped it before it went live: {', '.join(failed)}",
                           f"{', '.join(failed)} failed in production", "P0"))
    return items


def _of_the_outcome(facts: Facts) -> list[Facts]:
    items = [_item(f"Find out why {target['target']} did not go back, and take it where it belongs",
                   f"{target['target']} did not go back: {target['outcome']}", "P0") for target in _not_back(facts)]
    for row in facts["checks"]["rows"]:
        last = next((cell for cell in reversed(row["cells"]) if cell), None)
        if last and last["verdict"] == "BAD":
            items.append(_item(f"Repair {row['name']}", f"{row['name']} still failed: got {last['got'] or '—'}", "P0"))
        elif last and last["verdict"] == "UNKNOWN":
            items.append(_item(f"Make {row['name']} answer, or take it out", f"{row['name']} gave no answer: {last['got'] or '—'}", "P1"))
    items += [_item(f"Look into what the {look['phase']} saw", f"{look['phase']} said {look['verdict']}: {'; '.join(look['wrong'])}",
                    "P0" if look["verdict"] == "BAD" else "P1") for look in facts["watch"] if look["verdict"] != "OK"]
    items += [_item(f"Look whether it took effect: {cut['what']}", f"cut off: {cut['target']} {cut['what']}, {cut['later']}", "P1")
              for cut in facts["cuts"]]
    items += [_item("Clear up the doubt", f"In doubt: {doubt}", "P0") for doubt in facts["verdict"]["doubts"]]
    return items


def _of_time_and_data(facts: Facts) -> list[Facts]:
    rto = facts["rto"]
    items = []
    if rto and rto["judged"] == "missed":
        items.append(_item("Shorten the way back, or declare another RTO", rto_words(rto), "P1"))
    items += [_item(f"Shorten the way back of {row['name']}, or declare another RTO", f"{row['name']}: {rto_words(row['rto'])}", "P1")
              for row in facts["tiers"] if row["rto"] and row["rto"]["judged"] == "missed"]
    detect = next((row["seconds"] for row in facts["durations"] if row["name"] == "detect"), None)
    if rto and detect and detect > rto["seconds"] / 2:
        items.append(_item("Raise the alarm earlier", f"It took {span(detect)} to open the incident, more than half of the RTO", "P1"))
    items += [_item(f"Find out why {row['name']} was slower than before",
                    f"{row['name']} took {span(row['seconds'])}, forecast p95 {span(row['p95'] or row['p50'])}", "P2")
              for row in facts["forecast"] if row["judged"] == "slower than p95"]
    new = [row["name"] for row in facts["forecast"] if row["judged"] == "no history"]
    if new:
        items.append(_item("Practise it, so that there is a forecast", f"There was no history to forecast {', '.join(new)} from", "P2"))
    for loss in facts["losses"]:
        if loss["newest"] and loss["seconds"] != 0:
            items.append(_item(f"Recover what {loss['target']} lost, or tell whom it concerns",
                               f"{loss['target']} lost {span(loss['seconds'])}: {'; '.join(loss['rows']) or 'rows not known'}", "P0"))
        if loss["judged"] == "missed":
            items.append(_item(f"Back {loss['target']} up more often, or declare another RPO",
                               f"{loss['target']} lost {span(loss['seconds'])}, the RPO is {span(loss['rpo'])}", "P1"))
    return items


def _of_people(facts: Facts) -> list[Facts]:
    items = [_item(f"Review the override of {one['id']}", f"{one['by']} went on against {one['id']}: {one['reason']}", "P1")
             for one in facts["overrides"]]
    newest = {(told["stage"], told["channel"]): told for told in facts["communications"]}
    items += [_item(f"Tell {told['channel']} by hand, and find out why it could not be told",
                    f"{told['channel']} was not told of {told['stage'].replace('_', ' ')}: {told['state']}", "P1")
              for told in newest.values() if told["state"] in ("failed", "queued")]
    held = [row["target"] for row in facts["holds"] if row["now"] and row["before"] is not True]
    if held and not facts["ending"]["state"]:
        items.append(_item(f"Commit or undo: new pushes to {', '.join(held)} are held back until then",
                           f"New pushes to {', '.join(held)} are held back", "P1", bad=False))
    return items


def _of_checklists(facts: Facts) -> list[Facts]:
    items = []
    for checklist in facts["checklists"]:
        for item in checklist["items"]:
            if item["state"] != "done":
                failed = item["state"] == "failed"
                why = f", {item['why']}" if item["why"] else ""
                because = f"{checklist['name']}: {item['text']} {'failed' if failed else 'is open'}{why}"
                items.append(_item(item["text"], because, "P1" if failed else "P2", bad=failed))
    return items
