"""Releases: list, read, create from a slug, roll back, and their variables and output; builds and slugs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku import rollout
from sandbox.heroku.book import STACK, USER, stream_url, string
from sandbox.heroku.ranges import ranged
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku

def _sdk(call: Call) -> bool:
    return "version=3.sdk" in call.headers.get("Accept", "")


def list_releases(heroku: Heroku, call: Call) -> Reply:
    rows = heroku.book.of_app("releases", heroku.book.app(call.match["app"]))
    host = call.headers["Host"]
    return ranged(rows, call, lambda row: heroku.book.release_row(row, host, _sdk(call)), "version", "id")


def get_release(heroku: Heroku, call: Call) -> Row:
    app = heroku.book.app(call.match["app"])
    return heroku.book.release_row(heroku.book.release(app, call.match["release"]), call.headers["Host"], _sdk(call))


def create_release(heroku: Heroku, call: Call) -> Reply:
    """`{"slug"}` is code with today's variables; `{"release"}` goes back to the variables of that release as well."""
    app = heroku.book.app(call.match["app"])
    if wanted := string(call.body, "oci_image" if app["generation"] == "fir" else "slug"):
        slug = heroku.book.find("slugs", app, wanted, "slug")
        if slug["deleted_at"]:
            raise Refusal(422, "Slug has been deleted and can no longer be released.", "invalid_params")
        description = string(call.body, "description") or f"Deploy {slug['commit'][:8]}"
        row = rollout.release(heroku, app, slug, description)
    elif wanted := string(call.body, "release"):
        old = heroku.book.find("releases", app, wanted, "release")  # the id: a version is not accepted here
        if not heroku.book.can_roll_back_to(old):
            raise Refusal(422, f"Cannot roll back to v{old['version']}.", "invalid_params")
        slug = heroku.book.slugs[old["slug"]]
        row = rollout.release(heroku, app, slug, f"Rollback to v{old['version']}", config=old["config"])
    else:
        raise Refusal(422, "Requires a `slug` or a `release`.", "invalid_params")
    heroku.state.run_due()
    return Reply(201, heroku.book.release_row(row, call.headers["Host"], _sdk(call)))


def get_image(heroku: Heroku, call: Call) -> list[Row]:
    """What a Fir app has instead of slugs; the vendor describes one image as a list."""
    app = heroku.book.app(call.match["app"])
    if app["generation"] != "fir":
        raise Refusal(422, "App does not have OCI images.", "invalid_params")
    image = heroku.book.find("slugs", app, call.match["image"], "image")
    row = {
        "id": image["id"],
        "architecture": "amd64",
        "base_image_name": "heroku/heroku:24",
        "base_top_layer": "sha256:ea36ae5fbc1e7230e0a782bf216fb46500e210382703baa6bab8acf2c6a23f78",
        "buildpacks": [],
        "commit": image["commit"],
        "commit_description": image["message"],
        "digest": f"sha256:{image['commit']}{'0' * 24}",
        "image_repo": "registry.lastgood.test/accounts",
        "process_types": {},
        "stack": dict(STACK),
        "deleted_at": heroku.book.instant(image["deleted_at"]),
        **heroku.book.times(image),
    }
    return [row]


def get_slug(heroku: Heroku, call: Call) -> Row:
    app = heroku.book.app(call.match["app"])
    slug = heroku.book.find("slugs", app, call.match["slug"], "slug")
    if app["generation"] == "fir":
        raise Refusal(404, "Couldn't find that slug.", "not_found", resource="slug")
    return {
        "id": slug["id"],
        "blob": {"method": "get", "url": f"https://slugs.lastgood.test/{slug['id']}.tgz"},
        "buildpack_provided_description": "Node.js",
        "checksum": None,
        "commit": slug["commit"],
        "commit_description": slug["message"],
        "process_types": slug["process_types"],
        "size": 41_500_000,
        "stack": dict(STACK),
        "deleted_at": heroku.book.instant(slug["deleted_at"]),
        **heroku.book.times(slug),
    }


def list_builds(heroku: Heroku, call: Call) -> Reply:
    rows = heroku.book.of_app("builds", heroku.book.app(call.match["app"]))
    return ranged(rows, call, lambda row: _build_row(heroku, row, call.headers["Host"]), "id", "created_at")


def get_build(heroku: Heroku, call: Call) -> Row:
    return _build_row(heroku, _build(heroku, call), call.headers["Host"])


def cancel_build(heroku: Heroku, call: Call) -> Row:
    """Only for those who ask for the variant `3.cancel-build`, as the CLI does."""
    build = _build(heroku, call)
    if "version=3.cancel-build" not in call.headers.get("Accept", ""):
        raise Refusal(404, "The requested API endpoint was not found.", "not_found")
    if build["status"] != "pending":
        raise Refusal(422, f"Build is {build['status']} and cannot be canceled.", "invalid_params")
    heroku.state.forget_steps(build=build["id"])
    build.update(status="failed", output=build["output"] + " !     Build canceled\n")
    return _build_row(heroku, build, call.headers["Host"])


def _build(heroku: Heroku, call: Call) -> Row:
    return heroku.book.find("builds", heroku.book.app(call.match["app"]), call.match["build"], "build")


def _build_row(heroku: Heroku, build: Row, host: str) -> Row:
    app = heroku.book.apps[build["app"]]
    source = {
        "url": "https://sources.lastgood.test/accounts.tgz",
        "version": build["commit"],
        "version_description": build["message"],
        "checksum": None,
    }
    return {
        "id": build["id"],
        "app": {"id": build["app"]},
        "buildpacks": [{"url": "https://github.com/heroku/heroku-buildpack-nodejs", "name": "heroku/nodejs"}],
        "generation": app["generation"],
        "output_stream_url": stream_url(host, build["id"]),
        "source_blob": source,
        "release": build["release"] and {"id": build["release"]},
        "slug": {"id": build["slug"]} if build["slug"] and app["generation"] == "cedar" else None,
        "stack": STACK["name"],
        "status": build["status"],
        "user": dict(USER),
        **heroku.book.times(build),
    }


def read_stream(heroku: Heroku, call: Call) -> Reply:
    """What a build or a release phase has said so far."""
    row = heroku.book.builds.get(call.match["id"]) or heroku.book.releases.get(call.match["id"])
    if row is None:
        raise Refusal(404, "Stream not found", "not_found")
    return Reply(200, row["output"])


_APP = "/apps/{app}"
ROUTES: list[Route] = [
    ("GET", _APP + "/releases", list_releases),
    ("POST", _APP + "/releases", create_release),
    ("GET", _APP + "/releases/{release}", get_release),
    ("GET", _APP + "/slugs/{slug}", get_slug),
    ("GET", _APP + "/oci-images/{image}", get_image),
    ("GET", _APP + "/builds", list_builds),
    ("GET", _APP + "/builds/{build}", get_build),
    ("DELETE", _APP + "/builds/{build}", cancel_build),
]
STREAMS: list[Route] = [("GET", "/streams/{id}", read_stream)]
