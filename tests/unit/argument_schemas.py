"""What C(argument_spec) says, as JSON Schema: the inventory's schema has the options of the modules from the modules."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import any_flag, http_check, json_schema, logs_check
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts import detect
from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import RULE
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import VENDORS
from ansible_collections.lastgood.recovery.plugins.module_utils.aws import access
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import going_back
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudwatch import check as cloudwatch
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.failure import FAILURE
from ansible_collections.lastgood.recovery.plugins.module_utils.edge import check as edge
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.steps import EXERCISE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.objectives import DURATIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import KINDS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.wording import AUDIENCES, STAGES
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics import options as metrics
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import operation as objects
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import integrity, slow_queries
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import telling as prisma
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.expectation import RULES
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages import look
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.known import KNOWN
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe import check as stripe
from ansible_collections.lastgood.recovery.plugins.module_utils.trigger.beginning import ANSWER
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

PUBLISHED = Path(json_schema.__file__).resolve().parents[2] / "schemas/inventory.schema.json"
ALSO_REACHED = ("cloudfront", "flagsmith", "launchdarkly", "neon", "postgres", "rds", "s3", "unleash")
"""What C(reach) lists besides the vendors that targets have."""
EXPRESSION = {"$ref": "#/$defs/expression"}
SIMPLE = {"str": "text", "path": "text", "int": "whole", "float": "number", "bool": "truth"}

Spec = Mapping[str, Mapping[str, Any]]


def of_option(option: Mapping[str, Any]) -> dict[str, Any]:
    """What the option may be given as; any may be an expression."""
    kind = option.get("type", "str")
    if choices := option.get("choices"):
        one: dict[str, Any] = {"anyOf": [{"enum": list(choices)}, EXPRESSION]}
        return one if kind != "list" else _or_expression({"type": "array", "items": one})
    if kind == "raw":
        return {}
    if kind == "dict":
        return of_options(option["options"]) if "options" in option else _or_expression({"type": "object"})
    if kind == "list":
        return _or_expression({"type": "array", "items": of_option({**option, "type": option.get("elements", "raw")})})
    return {"$ref": f"#/$defs/{SIMPLE[kind]}"}


def of_options(spec: Spec, only: Collection[str] = (), required: bool = True) -> dict[str, Any]:
    """A mapping with these options. What may come from the environment instead is not required."""
    chosen = {name: option for name, option in spec.items() if not only or name in only}
    assert set(only) <= set(chosen)
    must = sorted(name for name, option in chosen.items() if option.get("required") and "fallback" not in option) if required else []
    properties = {alias: of_option(option) for name, option in chosen.items() for alias in (name, *option.get("aliases", []))}
    needs = {"required": must} if must else {}
    return _or_expression({"type": "object", **needs, "additionalProperties": False, "properties": dict(sorted(properties.items()))})


def of_service(vendor: Vendor) -> dict[str, Any]:
    """What C(service) may say. C(x-place) are the options that name the target, C(x-environment) what may be given there instead."""
    spec = _all_of(vendor)
    schema = of_options(spec)["anyOf"][0]
    either = {name: option for name, option in sorted(spec.items()) if option.get("required") and "fallback" in option}
    elsewhere = {name: list(option["fallback"][1]) for name, option in either.items()}
    return {**schema, "x-place": vendor.place, "x-environment": elsewhere}


def generated() -> dict[str, Any]:
    """The part of C($defs) that comes from argument specifications and the like."""
    rules = {
        "anyOf": [
            {"type": "object", "additionalProperties": False, "properties": {rule: {} for rule in RULES}},
            *({"type": kind} for kind in ("string", "number", "boolean", "array")),
        ]
    }
    reached = {vendor.name: of_options(_all_of(vendor), required=False) for vendor in VENDORS.values() if vendor.name != "lambda_edge"}
    flow = of_options(http_check.FLOW)
    for expect in _named(flow, "expect"):
        expect["anyOf"][0]["properties"]["json"] = _or_expression({"type": "object", "additionalProperties": rules})
        numbers = expect["anyOf"][0]["properties"]["status"]["anyOf"]
        expect["anyOf"][0]["properties"]["status"] = {"anyOf": [*numbers, {"type": "integer"}]}  # Ansible makes a list of one
    stripe_named = ("account", "api_url", "status_url", "webhooks", "payment", "stuck")
    data_named = ("url", "tables", "queries", "relations", "checks", "statement_timeout")
    return {
        "vendor": {"anyOf": [{"enum": sorted(VENDORS)}, EXPRESSION]},
        "reaching": {"enum": sorted([*VENDORS, *ALSO_REACHED])},
        **{f"service_{vendor.name}": of_service(vendor) for vendor in VENDORS.values()},
        **{f"reached_{vendor}": schema for vendor, schema in reached.items()},
        "reached_aws": of_options(access.OPTIONS, required=False),
        "alert_options": of_options(RULE),
        "trigger_answer_options": of_options(ANSWER),
        "alert_source_options": of_options(detect.ARGUMENTS["source"]["options"]),
        "channel_kind": {"anyOf": [{"enum": sorted(KINDS)}, EXPRESSION]},
        "channel_audience": {"anyOf": [{"enum": sorted(AUDIENCES)}, EXPRESSION]},
        "channel_stage": {"anyOf": [{"enum": list(STAGES)}, EXPRESSION]},
        "cloudwatch_options": of_options(cloudwatch.METRIC),
        "configuration_options": of_options(going_back.operation(cloudfront.VENDOR).arguments, ("distribution", "captures", "aws_config")),
        "data_options": of_options(integrity.ARGUMENTS, data_named),
        "duration_options": of_options({name: {"type": "float"} for name in DURATIONS}),
        "flag_options": of_options(any_flag.ARGUMENTS, ("provider", "options")),
        "exercise_options": of_options(EXERCISE),
        "failure_options": of_options(FAILURE),
        "flow_options": flow,
        "logs_options": of_options(logs_check.ARGUMENTS, ("window", "ignore", "patterns", "at_most", "min_lines")),
        "metric_options": of_options(metrics.METRIC),
        "metric_source_options": of_options(metrics.ARGUMENTS["sources"]["options"]),
        "object_options": of_options({**objects.ARGUMENTS, "region": {"type": "str", "required": True}}, ("bucket", "prefix", "region")),
        "prisma_options": of_options(prisma.ARGUMENTS, ("url", "schema", "migrations")),
        "probe_options": of_options(edge.QUESTION),
        "slow_query_options": of_options(slow_queries.ARGUMENTS, ("url", "slow_seconds", "limit")),
        "status_page_options": of_options(look.ARGUMENTS["pages"]["options"]),
        "status_vendor": {"anyOf": [{"enum": sorted(KNOWN)}, EXPRESSION]},
        "stripe_options": of_options(stripe.ARGUMENTS, stripe_named),
    }


def published() -> dict[str, Any]:
    """The schema as it is in the collection."""
    document: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return document


def _all_of(vendor: Vendor) -> Spec:
    return {name: option for options in (vendor.options, *vendor.also.values()) for name, option in options.items()}


def _or_expression(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, EXPRESSION]}


def _named(schema: Any, name: str) -> list[dict[str, Any]]:
    """Every schema that a property of this name has, however deep."""
    if isinstance(schema, list):
        return [found for one in schema for found in _named(one, name)]
    if not isinstance(schema, dict):
        return []
    here = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    return here + [found for one in schema.values() for found in _named(one, name)]
