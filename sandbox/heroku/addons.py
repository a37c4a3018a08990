"""Add-ons, and what they are attached to: an app may use an add-on that another one pays for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import real_database
from sandbox.emulator import Call, Reply, Route
from sandbox.heroku import rollout
from sandbox.heroku.attachments import attachment_row
from sandbox.heroku.book import Book
from sandbox.heroku.ranges import ranged
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


def variables(book: Book, app: Row) -> set[str]:
    """Names of the variables that the app's attachments keep."""
    return {f"{attachment['name']}_URL" for attachment in book.of_app("attachments", app)}


def list_addons(heroku: Heroku, call: Call) -> Reply:
    app = heroku.book.app(call.match["app"])
    return ranged(heroku.book.of_app("addons", app), call, lambda row: addon_row(heroku, app, row), "name", "id")


def addon_row(heroku: Heroku, app: Row, addon: Row) -> Row:
    service, _, plan = addon["plan"].partition(":")
    known_as = {"id": app["id"], "name": app["name"]}
    return {
        "id": addon["id"],
        "name": addon["name"],
        "actions": [],
        "addon_service": {"id": addon["service_id"], "name": service},
        "app": known_as,
        "billing_entity": {**known_as, "type": "app"},
        "billed_price": {"cents": 5000, "contract": False, "unit": "month"},
        "config_vars": addon["config_vars"],
        "plan": {"id": addon["plan_id"], "name": f"{service}:{plan}"},
        "provider_id": addon["name"],
        "state": addon.get("state", "provisioned"),
        "web_url": f"https://addons-sso.heroku.com/apps/{app['name']}/addons/{addon['name']}",
        **heroku.book.times(addon),
    }


def remove_addon(heroku: Heroku, call: Call) -> Row:
    """Gone at once, with its attachments; each app that it was attached to gets a release without its variables."""
    app = heroku.book.app(call.match["app"])
    addon = heroku.book.find("addons", app, call.match["addon"], "add-on")
    row = addon_row(heroku, app, addon)
    attachments = [one for one in heroku.book.attachments.values() if one["addon"] == addon["id"]]
    real_database.drop(heroku.state, addon["name"])
    del heroku.book.addons[addon["id"]]
    for attachment in attachments:
        del heroku.book.attachments[attachment["id"]]
        user = heroku.book.apps[attachment["app"]]
        config = {name: value for name, value in user["config"].items() if name != f"{attachment['name']}_URL"}
        slug = heroku.book.slugs[heroku.book.current(user)["slug"]]
        rollout.release(heroku, user, slug, f"Detach {attachment['name']} ({addon['name']})", config=config)
    heroku.state.run_due()
    return row


def list_attachments(heroku: Heroku, call: Call) -> Reply:
    app = heroku.book.app(call.match["app"])
    return ranged(heroku.book.of_app("attachments", app), call, lambda row: attachment_row(heroku, app, row, call), "name", "id")


ROUTES: list[Route] = [
    ("GET", "/apps/{app}/addons", list_addons),
    ("DELETE", "/apps/{app}/addons/{addon}", remove_addon),
    ("GET", "/apps/{app}/addon-attachments", list_attachments),
]
