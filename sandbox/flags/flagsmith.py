"""Flagsmith: a flag's state is a row for each environment, user and segment; with versioning rows are only ever added."""

from __future__ import annotations

import copy
import uuid
from typing import ClassVar

from sandbox.clock import iso, now_ms
from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.flags import FlagVendor
from sandbox.state import Row

PROJECT = 12
# Key -> id, whether it has feature versioning, how many must approve a change.
ENVIRONMENTS: dict[str, tuple[int, bool, int | None]] = {
    "sandboxProduction": (31, False, None),
    "sandboxVersioned": (32, True, None),
    "sandboxRegulated": (33, False, 1),
}
FEATURES = {"new_checkout": 7, "gift_cards": 8, "legacy_payments": 9}
OVERRIDDEN = 9  # on for one segment and two users whatever the environment's default is
_PAGE = 10


def _state(id: int, environment: str, feature: int, at: int, version: str | None = None) -> Row:
    return {
        "id": id,
        "uuid": str(uuid.uuid4()),
        "feature": feature,
        "environment": ENVIRONMENTS[environment][0],
        "enabled": True,
        "value": {"type": "unicode", "string_value": "v2", "integer_value": None, "boolean_value": None},
        "feature_segment": None,
        "identity": None,
        "environment_feature_version": version,
        "created_at": at,
        "updated_at": at,
    }


def _rows(at: int) -> list[Row]:
    rows: list[Row] = []
    for environment, (_, versioned, _approvals) in ENVIRONMENTS.items():
        for feature in FEATURES.values():
            version = str(uuid.uuid4()) if versioned else None
            default = _state(100 + len(rows), environment, feature, at, version)
            rows.append(default)
            if feature == OVERRIDDEN:
                users = [{"identity": {"id": n, "identifier": f"user-{n}"}} for n in (1, 2)]
                overrides: list[Row] = [{"feature_segment": 5}, *users]
                rows += [{**default, "id": 100 + len(rows) + n, **override} for n, override in enumerate(overrides)]
    return rows


def _is_default(row: Row) -> bool:
    return row["feature_segment"] is None and row["identity"] is None


def _both(row: Row) -> Row:
    return {
        **{name: value for name, value in row.items() if name != "value"},
        "multivariate_feature_state_values": [],
        "deleted_at": None,
        "live_from": iso(row["created_at"]),
        "change_request": None,
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }


def _listed(row: Row) -> Row:
    return {**_both(row), "feature_state_value": row["value"]["string_value"], "version": 1}


def _nested(row: Row) -> Row:
    identity = row["identity"] and row["identity"]["id"]
    return {**_both(row), "feature_state_value": row["value"], "identity": identity}


def _page(rows: list[Row], call: Call) -> Row:
    start = (call.number("page", 1) - 1) * _PAGE
    more = f"http://127.0.0.1{call.path}?page={call.number('page', 1) + 1}" if start + _PAGE < len(rows) else None
    return {"count": len(rows), "next": more, "previous": None, "results": rows[start : start + _PAGE]}


def get_environment(vendor: Flagsmith, call: Call) -> Row:
    key = vendor.environment(call)
    id, versioned, approvals = ENVIRONMENTS[key]
    return {
        "id": id,
        "uuid": str(uuid.UUID(int=id)),
        "name": key.removeprefix("sandbox"),
        "api_key": key,
        "project": PROJECT,
        "minimum_change_request_approvals": approvals,
        "use_v2_feature_versioning": versioned,
        "total_segment_overrides": 1,
    }


def list_states(vendor: Flagsmith, call: Call) -> Row:
    """The environment's defaults, or with `anyIdentity` what differs for single users."""
    rows = vendor.live(ENVIRONMENTS[vendor.environment(call)][0])
    if "feature_name" in call.query:
        rows = [row for row in rows if row["feature"] == FEATURES.get(call.query["feature_name"])]
    if "feature" in call.query:
        rows = [row for row in rows if row["feature"] == call.number("feature", 0)]
    users = "anyIdentity" in call.query
    rows = [row for row in rows if (row["identity"] is not None if users else _is_default(row))]
    return _page([_listed(row) for row in rows], call)


def list_all_states(vendor: Flagsmith, call: Call) -> Row:
    """Defaults and overrides of one feature."""
    rows = [row for row in vendor.live(call.number("environment", 0)) if row["feature"] == call.number("feature", 0)]
    return _page([_nested(row) for row in rows], call)


def update_state(vendor: Flagsmith, call: Call) -> Row:
    """Flagsmith itself does not look at change requests here; its pages do."""
    key = vendor.environment(call)
    found = [row for row in vendor.live(ENVIRONMENTS[key][0]) if str(row["id"]) == call.match["id"]]
    if not found:
        raise Refusal(404, "No FeatureState matches the given query.")
    if found[0]["environment_feature_version"]:
        raise Refusal(400, "Cannot modify published version.")
    vendor.refuse_if_ordered()
    found[0].update(enabled=bool(call.body["enabled"]), updated_at=now_ms())
    vendor.deliver(key)
    return {"feature": found[0]["feature"], "enabled": found[0]["enabled"]}


def list_version_states(vendor: Flagsmith, call: Call) -> list[Row]:
    version = call.match["environment_feature_version_pk"]
    return [_nested(row) for row in vendor.rows["states"] if row["environment_feature_version"] == version]


def create_version(vendor: Flagsmith, call: Call) -> Reply:
    """The live version copied, the copy's default changed, and published."""
    environment, feature = int(call.match["environment_pk"]), int(call.match["feature_pk"])
    key = next(key for key, (id, *_) in ENVIRONMENTS.items() if id == environment)
    if not ENVIRONMENTS[key][1]:
        raise Refusal(400, "Environment must use v2 feature versioning.")
    if not call.body.get("publish_immediately"):
        raise Refusal(400, "The sandbox keeps no drafts.")
    vendor.refuse_if_ordered()
    version, now = str(uuid.uuid4()), now_ms()
    for row in [copy.deepcopy(row) for row in vendor.live(environment) if row["feature"] == feature]:
        row.update(id=len(vendor.rows["states"]) + 100, environment_feature_version=version, created_at=now, updated_at=now)
        for change in call.body.get("feature_states_to_update", []):
            if _is_default(row) and change["feature_segment"] is None:
                row.update(enabled=change["enabled"], value=change["feature_state_value"])
        vendor.rows["states"].append(row)
    vendor.deliver(key)
    about = {"uuid": version, "created_at": iso(now), "updated_at": iso(now), "live_from": iso(now), "description": None}
    return Reply(201, {**about, "published": True, "is_live": True, "published_by": None, "created_by": None})


def flags(vendor: Flagsmith, call: Call) -> list[Row]:
    """What SDKs get."""
    delivered: list[Row] = vendor.rows["delivered"][call.headers["X-Environment-Key"]]
    return delivered


def deliver(vendor: Flagsmith, key: str) -> None:
    vendor.rows["delivered"][key] = _delivered(vendor.live(ENVIRONMENTS[key][0]))


def _delivered(rows: list[Row]) -> list[Row]:
    names = {id: name for name, id in FEATURES.items()}
    return [
        {
            "id": row["id"],
            "feature": {"id": row["feature"], "name": names[row["feature"]], "type": "STANDARD"},
            "enabled": row["enabled"],
            "feature_state_value": row["value"]["string_value"],
        }
        for row in rows
        if _is_default(row)
    ]


def _live(rows: list[Row], environment: int) -> list[Row]:
    """The rows of an environment that count: of each feature those of its newest version."""
    mine = [row for row in rows if row["environment"] == environment]
    newest = {row["feature"]: row["environment_feature_version"] for row in mine}  # the last one wins
    return [row for row in mine if row["environment_feature_version"] == newest[row["feature"]]]


_API = "/api/v1"
_VERSIONS = f"{_API}/environments/{{environment_pk}}/features/{{feature_pk}}/versions/"


class Flagsmith(FlagVendor):
    """The API of api.flagsmith.com as far as switching goes, and `/api/v1/flags/` of edge.api.flagsmith.com."""

    name = "flagsmith"
    tokens = ("sandbox-flagsmith-token",)
    routes: ClassVar[list[Route]] = [
        ("GET", f"{_API}/flags/", flags),
        ("GET", f"{_API}/features/featurestates/", list_all_states),
        ("GET", f"{_API}/environments/{{api_key}}/", get_environment),
        ("GET", f"{_API}/environments/{{api_key}}/featurestates/", list_states),
        ("PATCH", f"{_API}/environments/{{api_key}}/featurestates/{{id}}/", update_state),
        ("POST", _VERSIONS, create_version),
        ("GET", f"{_VERSIONS}{{environment_feature_version_pk}}/featurestates/", list_version_states),
    ]
    steps: ClassVar = {"deliver": deliver}

    @staticmethod
    def is_sdk(call: Call) -> bool:
        return call.path == f"{_API}/flags/"

    def authorize(self, call: Call) -> None:
        if self.is_sdk(call):
            if call.headers.get("X-Environment-Key") not in ENVIRONMENTS:
                raise Refusal(401, "Invalid or missing Environment Key")
        elif call.headers.get("Authorization", "").removeprefix("Api-Key ") not in self.tokens:
            raise Refusal(401, "Authentication credentials were not provided.")

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {} if bucket.remaining else {"Retry-After": str(max(1, round(bucket.seconds)))}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Request was throttled.")

    def error_body(self, refusal: Refusal) -> Row:
        return {"detail": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        rows = _rows(friday)
        return {"states": rows, "delivered": {key: _delivered(_live(rows, id)) for key, (id, *_) in ENVIRONMENTS.items()}}

    def environment(self, call: Call) -> str:
        """The key of the environment, or the vendor's 404."""
        if call.match["api_key"] not in ENVIRONMENTS:
            raise Refusal(404, "Environment not found.")
        return call.match["api_key"]

    def live(self, environment: int) -> list[Row]:
        """The rows of that environment that count."""
        return _live(self.rows["states"], environment)

    def refuse_if_ordered(self) -> None:
        if self.state.fails_now(self.name):
            raise Refusal(409, "The request could not be completed due to a conflict.")
