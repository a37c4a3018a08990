"""Attachments: what an app calls an add-on, and the variable that goes with it; each change of one is a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.heroku import rollout
from sandbox.heroku.book import new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


def attachment_row(heroku: Heroku, app: Row, attachment: Row, call: Call) -> Row:
    """With the add-on's plan and the variable where the call asks for them, as the CLI does."""
    addon = heroku.book.addons[attachment["addon"]]
    payer = heroku.book.apps[addon["app"]]
    asked = "config_vars" in call.headers.get("Accept-Inclusion", "")
    plan = {"plan": {"id": addon["plan_id"], "name": addon["plan"]}} if asked else {}
    return {
        "id": attachment["id"],
        "name": attachment["name"],
        "addon": {"id": addon["id"], "name": addon["name"], "app": {"id": payer["id"], "name": payer["name"]}, **plan},
        "app": {"id": app["id"], "name": app["name"]},
        "namespace": None,
        "web_url": f"https://addons-sso.heroku.com/apps/{app['name']}/addons/{addon['name']}",
        "log_input_url": None,
        **heroku.book.times(attachment),
        **({"config_vars": [f"{attachment['name']}_URL"]} if asked else {}),
    }


def attached(heroku: Heroku, app: Row, addon: Row, name: str) -> Row:
    row = {"id": new_id(), "app": app["id"], "addon": addon["id"], "name": name, "created_at": now_ms(), "updated_at": now_ms()}
    heroku.book.attachments[row["id"]] = row
    return row


def released(heroku: Heroku, attachment: Row, verb: str) -> None:
    """A release with or without the attachment's variable."""
    app, addon = heroku.book.apps[attachment["app"]], heroku.book.addons[attachment["addon"]]
    variable = f"{attachment['name']}_URL"
    config = {name: value for name, value in app["config"].items() if name != variable}
    if verb == "Attach":
        config[variable] = addon.get("url") or _as_attached_before(heroku, app, addon)
    slug = heroku.book.slugs[heroku.book.current(app)["slug"]]
    rollout.release(heroku, app, slug, f"{verb} {attachment['name']} ({addon['name']})", config=config)


def _as_attached_before(heroku: Heroku, app: Row, addon: Row) -> str:
    """The seeded add-on's address is known by the variables that it has."""
    names = [f"{row['name']}_URL" for row in heroku.book.of_app("attachments", app) if row["addon"] == addon["id"]]
    known = [app["config"][name] for name in names if name in app["config"]]
    if known:
        addon["url"] = known[0]
    url: str = addon["url"]
    return url


def create_attachment(heroku: Heroku, call: Call) -> Reply:
    """A name that another add-on has goes over to this one when the app's name confirms it."""
    body = call.body or {}
    app, addon = heroku.book.app(identity(body.get("app"))), _addon(heroku, identity(body.get("addon")))
    name = body.get("name") or next(
        name
        for number in range(1, 99)
        if (name := f"HEROKU_POSTGRESQL_SPARE_{number}") not in {row["name"] for row in heroku.book.of_app("attachments", app)}
    )
    there = next((row for row in heroku.book.of_app("attachments", app) if row["name"] == name), None)
    if there and there["addon"] == addon["id"]:
        raise Refusal(422, f"The add-on is already attached to the app as {name}", "invalid_params")
    if there and body.get("confirm") not in (app["name"], app["id"]):
        raise Refusal(423, "Overwriting an attachment has to be confirmed", "confirmation_required")
    row = attached(heroku, app, addon, name)
    value = addon.get("url") or _as_attached_before(heroku, app, addon)
    addon["url"] = value
    if there:
        del heroku.book.attachments[there["id"]]
        released(heroku, there, "Detach")
    released(heroku, row, "Attach")
    heroku.state.run_due()
    return Reply(201, attachment_row(heroku, app, row, call))


def resolve(heroku: Heroku, call: Call) -> list[Row]:
    """By the name of the attachment, of its variable, or of the add-on; or of none at all, the vendor's 404."""
    body = call.body or {}
    app, wanted = heroku.book.app(body.get("app", "")), body.get("addon_attachment")
    found = []
    for row in heroku.book.of_app("attachments", app):
        addon = heroku.book.addons[row["addon"]]
        if wanted in (row["name"], f"{row['name']}_URL", row["id"], addon["name"], addon["id"]):
            found.append(attachment_row(heroku, app, row, call))
    if not found:
        raise Refusal(404, "Couldn't find that add on attachment.", "not_found", resource="add_on attachment")
    return found


def identity(given: Any) -> str:
    """The CLI names it in an object, others by a text."""
    return str(given.get("name") or given.get("id")) if isinstance(given, dict) else str(given)


def _addon(heroku: Heroku, id_or_name: str) -> Row:
    for row in heroku.book.addons.values():
        if id_or_name in (row["id"], row["name"]):
            return row
    raise Refusal(404, "Couldn't find that add-on.", "not_found", resource="addon")


ROUTES: list[Route] = [
    ("POST", "/addon-attachments", create_attachment),
    ("POST", "/actions/addon-attachments/resolve", resolve),
]
