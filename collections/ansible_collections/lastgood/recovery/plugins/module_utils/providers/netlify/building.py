# SPDX-License-Identifier: GPL-3.0-or-later
"""The code that serves, built once more: Netlify builds the newest push and nothing else, and a locked site publishes by hand only."""
from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.commits import built_of, newest_push
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.releases import FINISHED, WORKING, Netlify, translated
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

INSTEAD = "Push a commit with the code that is to serve (git_release makes one); redeploy: never changes the variables alone."


class Building:
    """One build of one site. Its lock, if it has one, is on the new deploy afterwards."""

    def __init__(self, releases: Netlify) -> None:
        self.releases = releases
        self._before = ""
        self._locked = False
        self._asked = False

    def ready(self) -> None:
        """Refused where a build would not be of the code that serves; asks for nothing."""
        site = self.releases.site()
        serving = site.get("published_deploy")
        if not serving:
            return
        self.releases.ready_for(translated(serving))
        if (site.get("build_settings") or {}).get("stop_builds"):
            raise errors.Refused("builds are stopped at Netlify", "Activate them there; redeploy: never changes the variables alone.")
        rows = self.releases.rows()
        runs, newest = built_of(rows).get(serving["id"], serving["id"]), newest_push(rows)
        if runs == serving["id"]:
            raise errors.Refused(f"deploy {runs} was not built by Netlify from a commit, so Netlify cannot build it again", INSTEAD)
        if runs != newest:
            raise errors.Refused(f"Netlify builds nothing but the newest push, {newest[:7]}, and {runs[:7]} serves", INSTEAD)

    def start(self, serving: Release, since: datetime | None) -> Release:
        """A build of it. One that was started after C(since), and has not served yet, is taken up."""
        self.ready()
        published = self.releases.published()
        self._before, self._locked = published["id"], bool(published.get("locked"))
        rows = self.releases.rows()
        commits = built_of(rows)
        # On a site that is not locked a finished one was not published because it was locked then: nobody publishes it now.
        takes = (*WORKING, *FINISHED) if self._locked else WORKING
        for row in rows:
            started = translated(row)
            fresh = started.created_at > max(since or serving.created_at, serving.created_at) and not started.live_from
            if fresh and row["state"] in takes and row.get("build_id") and commits[row["id"]] == serving.artifact:
                return replace(started, artifact=serving.artifact)
        build = self.releases.api.send("POST", f"{self.releases.path}/builds", title=f"{serving} with changed variables")
        return replace(translated(self.releases.api.get(f"{self.releases.path}/deploys/{build['deploy_id']}")), artifact=serving.artifact)

    def serves(self, release: Release) -> bool:
        """Whether it is published, and locked if the site was; ActivationFailed when it never will be, or is of another commit."""
        row = self.releases.deploy(release)
        state, commit = row.get("state"), row.get("commit_ref")
        if state not in (*WORKING, *FINISHED):
            raise errors.ActivationFailed(
                f"Netlify's build {release.id} ended as {state} ({row.get('error_message') or 'without a word'}), "
                "the release before it keeps serving",
                "Look at its build log, correct the variables, then run the same command again.",
            )
        if state in WORKING and not commit:
            return False
        self._same_code(release, commit or newest_push(self.releases.rows()), state in WORKING)
        return state not in WORKING and (self._published(release) if self._locked else self.releases.settled(release))

    def _same_code(self, release: Release, commit: str, working: bool) -> None:
        """What is built is the newest push at the time of building, which may be a while after it was asked for."""
        if commit == release.artifact:
            return
        if working:
            with suppress(errors.VendorError):  # it may have ended meanwhile
                self.releases.api.send("POST", f"/deploys/{release.id}/cancel")
        raise errors.ActivationFailed(
            f"a push came in between: Netlify's build {release.id} may be of {commit[:7]}, not of {release}",
            f"The variables are written. {INSTEAD}",
        )

    def _published(self, release: Release) -> bool:
        """Publishing it takes the lock off, and answers may get lost: every look goes on from what there is."""
        if self.releases.settled(release):
            if self.releases.held():
                return True
            with suppress(errors.Unanswered):
                self.releases.hold()
        elif not self._asked and self.releases.published().get("id") == self._before:
            with suppress(errors.Unanswered):
                self.releases.activate(release)
                self._asked = True
        return False
