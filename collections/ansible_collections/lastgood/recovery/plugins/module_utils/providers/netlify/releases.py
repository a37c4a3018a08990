# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlify: a rollback publishes an old deploy again, and the lock that keeps pushes away has to move with it."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.access import api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.commits import built_of
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.history import as_served
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

PAGE, PAGES = 100, 5
"""Deploys a page, and pages read at most: the newest 500."""
FINISHED = ("ready", "old", "current")
"""What a deploy is called whose files are there; users meet C(old), which the vendor's description does not know."""
WORKING = ("new", "accepted", "enqueued", "building", "uploading", "uploaded", "preparing", "prepared", "processing", "processed")
LOOKS = 10
"""How often a deploy may be found finished and not published: Netlify publishes at once, so it never will be."""
NOT_REFUSALS = (errors.NotAuthorised, errors.NotFound, errors.RateLimited, errors.Unavailable)


class Netlify(Provider):
    """A deploy keeps its id for ever; the lock belongs to the published deploy alone, and publishing another by hand takes it off."""

    name = "Netlify"
    pins = False
    holds = True
    comes_back = ("code", "functions", "redirects and headers", "build-time variables")
    stays = ("site variables", "build settings", "database")

    def __init__(self, options: Options, run: Run) -> None:
        self.path = f"/sites/{options['site']}"
        self.api = api(options, run)
        self._looks = 0
        self._seen = ""
        self._settled = ""

    def releases(self) -> list[Release]:
        published = self.published().get("id")
        return self._releases(published if self._seen in ("", published) else None)

    def current(self) -> Release | None:
        published = self.published()
        if not published:
            return None
        self._seen = published["id"]
        return next((release for release in self._releases(self._seen) if release.id == self._seen), translated(published))

    def retention(self) -> dict[str, Any] | None:
        return {"days": 30, "sure": False}  # of the free plan; the API does not tell the plan

    def ready_for(self, release: Release) -> None:
        if self.site().get("disabled"):
            raise errors.Refused("the site is disabled at Netlify", "Enable it there, then run the same command again.")

    def underway(self, release: Release) -> Release | None:
        return release if self.deploy(release).get("state") in WORKING else None

    def activate(self, release: Release) -> Release:
        """The lock is left on until the vendor takes it off, and put on the target before anything else is looked at."""
        before = self.published()
        try:
            self._restore(release)
        except errors.RecoveryError as refusal:
            before = self.published()
            if not before.get("locked") or isinstance(refusal, NOT_REFUSALS):
                raise
            self._restore_unlocked(release, before["id"])
        if before.get("locked"):
            self._lock(release.id, True)
        return release

    def settled(self, release: Release) -> bool:
        published = self.published().get("id")
        if published == release.id:
            self._settled = release.id
            return True
        if self.deploy(release).get("state") in WORKING:
            return False
        self._looks += 1
        if self._looks < LOOKS:
            return False
        raise errors.ActivationFailed(
            f"Netlify did not publish {release.id}, or published another after it: {published or 'nothing'} is serving",
            "Run the same command again, or name another release.",
        )

    def held(self) -> bool:
        return {True: True, False: False, None: False}[self.published().get("locked")]

    def hold(self) -> None:
        published = self.published()
        if self._settled and published.get("id") != self._settled:
            raise errors.HoldLost(
                f"deploy {published.get('id')} went live before {self._settled} could be locked",
                "Run the same command again.",
            )
        if published and not published.get("locked"):
            self._lock(published["id"], True)

    def release_hold(self, trigger: str = "") -> None:
        """What was built meanwhile stays unpublished; the next push goes live."""
        published = self.published()
        if published:
            self._lock(published["id"], False)

    def rows(self) -> list[dict[str, Any]]:
        """Production's deploys, as the API writes them."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(1, PAGES + 1):
            # Not state=ready, which leaves out the old ones.
            rows, headers = self.api.page(f"{self.path}/deploys", {}, production="true", page=page, per_page=PAGE)
            every = [(row["context"], translated(row).id, row) for row in rows]  # all of them, so that what cannot be read is not left out
            found.update((deploy, row) for context, deploy, row in every if context == "production")
            if not rows or (len(rows) < PAGE and 'rel="next"' not in headers.get("Link", "")):
                break
        return list(found.values())

    def _releases(self, serving: str | None) -> list[Release]:
        """C(serving) is None where two answers disagree about it: an old one would make a rollback of the newest push."""
        rows = self.rows()
        commits = built_of(rows)
        return as_served([replace(translated(row), artifact=commits[row["id"]]) for row in rows], serving)

    def _restore(self, release: Release) -> None:
        self.api.send("POST", f"{self.path}/deploys/{release.id}/restore")

    def _restore_unlocked(self, release: Release, locked: str) -> None:
        """For a site that publishes nothing by hand while it is locked; refused again, it is locked as it was."""
        self._lock(locked, False)
        try:
            self._restore(release)
        except errors.RecoveryError:
            self._lock(locked, True)
            raise

    def _lock(self, deploy_id: str, locked: bool) -> None:
        self.api.send("POST", f"/deploys/{deploy_id}/{'lock' if locked else 'unlock'}")

    def site(self) -> dict[str, Any]:
        """The site as it is now."""
        site: dict[str, Any] = self.api.get(self.path)
        if not site["id"]:
            raise ValueError("an answer without a site would be read as a site that serves and holds nothing")
        return site

    def published(self) -> dict[str, Any]:
        """The deploy that the site serves now, empty when there is none."""
        return self.site().get("published_deploy") or {}

    def deploy(self, release: Release) -> dict[str, Any]:
        """The same deploy as it is now."""
        return self.api.get(f"{self.path}/deploys/{release.id}")


def translated(row: dict[str, Any]) -> Release:
    """A deploy; C(live_from) is when it was published last."""
    state, published = row.get("state") or "unknown", row.get("published_at")
    servable = state in FINISHED or state in WORKING  # one that is being published again is at work
    return Release(
        id=row["id"],
        artifact=row.get("commit_ref") or row["id"],  # what came from a command line or was dropped has no commit
        created_at=moment.parse(row["created_at"]),
        live_from=moment.parse(published) if published else None,
        good=bool(published) and servable and not row.get("draft") and not row.get("skipped"),
        title=row.get("title") or "",
        state=state if published or state not in FINISHED else f"{state}, never published",
    )
