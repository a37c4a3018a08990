"""Variables: a change is a release of its own and restarts everything; those of add-ons belong to the add-on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Route
from sandbox.heroku import addons, databases, rollout
from sandbox.heroku.book import config_of
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.heroku import Heroku


def get_config(heroku: Heroku, call: Call) -> Row:
    app = heroku.book.app(call.match["app"])
    return config_of(app) | databases.addresses(heroku, app)


def get_config_of_release(heroku: Heroku, call: Call) -> Row:
    app = heroku.book.app(call.match["app"])
    config: Row = heroku.book.release(app, call.match["release"])["config"]
    return config


def update_config(heroku: Heroku, call: Call) -> Row:
    """`null` removes a variable; what changes nothing makes no release."""
    app = heroku.book.app(call.match["app"])
    wanted = call.body
    if not isinstance(wanted, dict) or not all(re.fullmatch(r"\w+", name) for name in wanted):
        raise Refusal(422, "Invalid config var names.", "invalid_params")
    if not all(value is None or isinstance(value, str) for value in wanted.values()):
        raise Refusal(422, "Config vars must be strings or null.", "invalid_params")
    if taken := sorted(addons.variables(heroku.book, app) & set(wanted)):
        raise Refusal(422, f"Cannot overwrite attachment values {', '.join(taken)}.", "invalid_params")
    config = {name: value for name, value in {**app["config"], **wanted}.items() if value is not None}
    if config != app["config"]:
        changed = [name for name in wanted if config.get(name) != app["config"].get(name)]
        verb = "Set" if any(wanted[name] is not None for name in changed) else "Remove"
        slug = heroku.book.slugs[heroku.book.current(app)["slug"]]
        rollout.release(heroku, app, slug, f"{verb} {', '.join(changed)} config vars", config=config)
        heroku.state.run_due()
    return config_of(app)


ROUTES: list[Route] = [
    ("GET", "/apps/{app}/config-vars", get_config),
    ("PATCH", "/apps/{app}/config-vars", update_config),
    ("GET", "/apps/{app}/releases/{release}/config-vars", get_config_of_release),
]
