"""What is really there, asked of the shop's addresses and of the vendors, and never of the code under test."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import boto3
import psycopg
import requests

from sandbox.addresses import SERVED, STOREFRONT
from sandbox.aws.contents import ASSETS, REGION, UPLOADS
from sandbox.aws.seed import PICTURES
from sandbox.testing import Box

SHOPPER = {"email": "shopper@rachelfoods.test", "password": "sandbox-password"}
ADDRESSES = {"storefront": STOREFRONT, "backoffice": ("backoffice.rachelfoods.test",), "api": ("api",), "payments": ("payments",)}
"""Where each target is served."""
STANDING = {
    "vercel": ("projects", "aliases", "edgeConfigs"),
    "render": ("services", "databases"),
    "netlify": ("sites", "account_env"),
    "heroku": ("apps", "addons", "attachments"),
    "railway": ("environments", "services", "instances"),
    "convex": ("deployment",),
    "launchdarkly": ("flags", "delivered"),
    "flagsmith": ("states", "delivered"),
    "neon": ("branches", "endpoints"),
}
"""By vendor, what it has now; the rest is its record of how that came about."""
RECORDED = {"updatedAt", "updated_at", "released_at", "served", "history", "lastAliasRequest", "aliasStatus", "rollbackDescription"} | {
    "version",
    "lastModified",
    "current",
    "purges",
}
"""The same inside of what it has now, and what a vendor that rolls forward calls the same content anew."""


def served(box: Box) -> dict[str, str]:
    """By address, the commit that it shows."""
    return {address: requests.get(f"{box.served_url(address)}/version", timeout=5).json()["commit"] for address in SERVED}


def pushes_go_live(box: Box) -> dict[str, bool]:
    """By target, whether the next push goes live."""
    state = box.state()
    vercel = {row["name"]: row["autoAssignCustomDomains"] for row in state["vercel"]["projects"].values()}
    render = {row["name"]: row["autoDeploy"] == "yes" for row in state["render"]["services"].values()}
    return vercel | render


def world(box: Box) -> dict[str, Any]:
    """What customers get, and what the next push would do."""
    return {"served": served(box), "pushes go live": pushes_go_live(box)}


def remembered(box: Box) -> dict[str, Any]:
    """All that the vendors remember, but for what customers have paid meanwhile."""
    return {name: part for name, part in box.state().items() if name != "stripe"}


def everything(box: Box) -> dict[str, Any]:
    """All that a rollback may touch, as it is now: what is served, variables, holds, objects, the edge and its cache, flags, data."""
    state = box.state()
    serving = {address: {key: value for key, value in row.items() if key != "release"} for address, row in state["serving"].items()}
    built = {id: [row["commit"], row["env"]] for id, row in state["vercel"]["deployments"].items()}
    standing = {f"{vendor} {part}": _now(state[vendor][part], built) for vendor, parts in STANDING.items() for part in parts}
    amazon = {"objects": objects(box), "edge": edge(box), "cloudfront": distributions(state)} if box.read()["aws"] else {}
    return {"serving": serving, **standing, **amazon, "served": {} if amazon else served(box), "data": data(box)}


def data(box: Box) -> dict[str, str]:
    """By table of the database that serves the shop: a hash of its rows. Each look at the flows orders something, which does not
    count; nor does when a migration was marked as rolled back."""
    dsn = box.read("addresses").get("postgres")
    if not dsn:
        return {}
    with psycopg.connect(dsn) as connection:
        mine = f"(SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE email = '{SHOPPER['email']}'))"
        rows = {
            "orders": f"SELECT * FROM orders WHERE id NOT IN {mine}",
            "order_items": f"SELECT * FROM order_items WHERE order_id NOT IN {mine}",
            "_prisma_migrations": "SELECT migration_name, checksum, finished_at, rolled_back_at IS NULL FROM _prisma_migrations",
        }
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        hashed = "SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '') FROM ({}) t"
        found = {name: hashed.format(rows.get(name, f"TABLE {name}")).encode() for (name,) in names}
        connection.execute("SET lock_timeout = '1s'")
        try:
            return {name: connection.execute(query).fetchall()[0][0] for name, query in found.items()}
        except psycopg.errors.LockNotAvailable:
            return {"all tables": "somebody holds a lock"}


def state_hash(found: dict[str, Any]) -> str:
    """One word for everything, to the last byte."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _now(value: Any, built: dict[str, Any]) -> Any:
    """C(built) is by id what is in a deployment: one that is built again with the variables of before is as good."""
    if isinstance(value, dict):
        return {key: _now(inner, built) for key, inner in value.items() if key not in RECORDED}
    if isinstance(value, list):
        return [_now(inner, built) for inner in value]
    return built.get(value, value) if isinstance(value, str) else value


def objects(box: Box) -> dict[str, Any]:
    """What the buckets show, by key: content, headers, metadata and tags."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": REGION}
    s3, found = boto3.client("s3", endpoint_url=box.aws_url, **keys), {}
    for bucket in (ASSETS, UPLOADS):
        for row in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            got = s3.get_object(Bucket=bucket, Key=row["Key"])
            tags = s3.get_object_tagging(Bucket=bucket, Key=row["Key"])["TagSet"]
            shown = [got["Body"].read().hex(), *(got.get(name) for name in ("ContentType", "CacheControl", "ContentEncoding", "Metadata"))]
            found[f"{bucket}/{row['Key']}"] = [*shown, sorted((tag["Key"], tag["Value"]) for tag in tags)]
    return json.loads(json.dumps(found))


def edge(box: Box) -> dict[str, dict[str, Any]]:
    """What visitors of each point of presence get: the function's version, and whether all is well."""
    found = {}
    for pop, url in box.edge_urls.items():
        checkout = requests.get(f"{url}/checkout", timeout=10)
        pictures = {path: words in requests.get(url + path, timeout=10).text for path, words in PICTURES.items()}
        found[pop] = {
            "version": checkout.headers.get("x-edge-version"),
            "checkout": checkout.status_code,
            "pictures": pictures,
        }
    return found


def distributions(state: dict[str, Any]) -> dict[str, Any]:
    """By id: the configuration, and whether every point of presence has it."""
    rows = state["aws"]["distributions"]
    return {id: {"config": row["config"], "everywhere": set(row["at"].values()) == {row["etag"]}} for id, row in rows.items()}


def moves(box: Box) -> dict[str, int]:
    """By target, how often production has moved in its vendor's own record: pushes that went live, rollbacks, redeploys; not restarts."""
    state = box.state()
    vercel = {row["name"]: len(row["served"]) for row in state["vercel"]["projects"].values()}
    names = {id: row["name"] for id, row in state["render"]["services"].items()}
    moved = [row for row in state["render"]["deploys"].values() if row["status"] in ("live", "deactivated")]
    went_live = [names[row["serviceId"]] for row in moved if row["trigger"] != "service_resumed"]
    return vercel | {name: went_live.count(name) for name in names.values()}


def checkout_works(box: Box) -> bool:
    """Whether a customer can buy something on every domain of the shop."""
    pages = [requests.get(f"{box.served_url(domain)}/checkout", timeout=5) for domain in STOREFRONT]
    api = box.served_url("api")
    token = requests.post(f"{api}/api/auth/login", json=SHOPPER, timeout=5).json()["token"]
    order = requests.post(
        f"{api}/api/orders",
        json={"items": [{"product_id": 1, "quantity": 1}], "card": "4242424242424242"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    return all("Pay now" in page.text for page in pages) and order.status_code == 201
