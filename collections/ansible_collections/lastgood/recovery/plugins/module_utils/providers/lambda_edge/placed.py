# SPDX-License-Identifier: GPL-3.0-or-later
"""The behaviours of a distribution that a release is about, and the versions that they name."""
from __future__ import annotations

import copy
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import functions
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Config
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.functions import parsed
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options


class Placed:
    """One behaviour, if C(path_pattern) names one; else each that runs the function on the event."""

    def __init__(self, options: Options) -> None:
        self.event, self.pattern, self.function = options["event"], options["path_pattern"], options["function"]

    def named(self, config: Config) -> dict[str, str | None]:
        """By path pattern, the ARN that is named there; Refused when nobody can tell which behaviours are meant."""
        found = {pattern: functions.associated(behaviour, self.event) for pattern, behaviour in functions.behaviours(config)}
        if self.pattern is not None:
            if self.pattern not in found:
                there = ", ".join(found)
                raise errors.NotFound(f"there is no behaviour {self.pattern}", f"Correct path_pattern. There are: {there}.")
            return {self.pattern: found[self.pattern]}
        running = {pattern: arn for pattern, arn in found.items() if arn and self.function in (None, parsed(arn).name)}
        names = {parsed(arn).name for arn in running.values() if arn}
        if len(names) > 1:
            raise errors.Refused(
                f"behaviours run several functions on {self.event}: {', '.join(sorted(names))}",
                "Name one with function, or a path_pattern.",
            )
        if not names:
            raise errors.Refused(
                f"no behaviour runs {self.function or 'a function'} on {self.event}",
                "Name a path_pattern, and the function that it is to run.",
            )
        return dict(running)

    def function_in(self, named: dict[str, str | None]) -> str:
        """The function whose versions can be gone back to, by name or ARN."""
        arn = next((arn for arn in named.values() if arn), None)
        if self.function:
            return str(self.function)
        if arn:
            return parsed(arn).arn
        raise errors.Refused(f"{self.pattern} runs no function on {self.event}", "Name the function that it is to run with function.")

    def naming(self, config: Config, patterns: list[str], arn: str) -> Config:
        """The configuration with that version in these behaviours."""
        changed = copy.deepcopy(config)
        for pattern, behaviour in functions.behaviours(changed):
            if pattern in patterns:
                self._name(behaviour, arn)
        return changed

    def _name(self, behaviour: dict[str, Any], arn: str) -> None:
        there = functions.associations(behaviour)
        for one in there:
            if one["EventType"] == self.event:
                one["LambdaFunctionARN"] = arn
                return
        items = [*there, {"EventType": self.event, "LambdaFunctionARN": arn, "IncludeBody": False}]
        behaviour["LambdaFunctionAssociations"] = {"Quantity": len(items), "Items": items}
