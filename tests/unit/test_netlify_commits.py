"""Which commit a deploy was built of, told from deploys that do not always name it: compared with what really happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.commits import built_of, newest_push
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 2, tzinfo=UTC)

happenings = st.lists(st.sampled_from(["push", "hook", "command line"]), max_size=12)


def deploys(happened: list[str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The rows as the vendor writes them, and what each was really built of."""
    rows, truth, head = [], {}, ""
    for number, what in enumerate(happened):
        id, at = f"d{number}", (START + timedelta(minutes=number)).isoformat()
        if what == "push":
            head = f"commit {number}"
        rows.append(
            {
                "id": id,
                "created_at": at,
                "build_id": None if what == "command line" else f"b{number}",
                "commit_ref": head if what == "push" else None,
            }
        )
        truth[id] = id if what == "command line" else head or id
    return rows, truth


@given(happenings, st.randoms())
def test_a_build_is_of_the_newest_push_in_whatever_order_deploys_are_listed(happened: list[str], random: Any) -> None:
    rows, truth = deploys(happened)
    random.shuffle(rows)

    assert built_of(rows) == truth


@given(happenings)
def test_the_next_build_would_be_of_the_newest_push(happened: list[str]) -> None:
    rows, truth = deploys([*happened, "hook"])

    assert newest_push(rows[:-1]) == (truth[rows[-1]["id"]] if "push" in happened else "")
