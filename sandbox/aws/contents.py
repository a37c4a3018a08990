"""What is in the shop's buckets, what can happen to it, and what CloudWatch watches."""

from __future__ import annotations

import json
from typing import Any

from sandbox.clock import DAY, iso
from sandbox.emulator import Refusal
from sandbox.state import Row

ASSETS, UPLOADS = "rachelfoods-assets", "rachelfoods-uploads"
REGION = "eu-west-1"
PHOTOS = ("bread", "cheese", "apples", "honey", "olives", "eggs")
_HOUR, _YEAR = "public, max-age=3600", "public, max-age=31536000, immutable"
NAMESPACE = "AWS/CloudFront"


def photo(name: str, state: str = "fresh") -> bytes:
    """A picture that says what it is."""
    return f'<svg xmlns="http://www.w3.org/2000/svg"><title>{name}</title><desc>{state}</desc></svg>'.encode()


def menu(*dishes: str) -> bytes:
    return json.dumps({"dishes": dishes}).encode()


def fill(s3: Any, friday: int) -> list[Row]:
    """Buckets with versions; how old each version is said to be."""
    dated = []

    def put(bucket: str, key: str, days: float, body: bytes, kind: str, cache: str) -> None:
        more = {"Metadata": {"shop": "rachelfoods"}, "Tagging": "team=checkout"}
        told = s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, CacheControl=cache, **more)
        dated.append({"bucket": bucket, "key": key, "version": told["VersionId"], "at": str(iso(int(friday - days * DAY)))[:23] + "Z"})

    for bucket in (ASSETS, UPLOADS):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(ASSETS, "assets/shop.css", 25, b"body { font: 1rem system-ui }\n", "text/css", _HOUR)
    put(ASSETS, "assets/shop.css", 6, b"body { font: 1.1rem system-ui }\n", "text/css", _HOUR)
    put(ASSETS, "assets/logo-5f21.svg", 25, photo("logo"), "image/svg+xml", _YEAR)
    for name in PHOTOS:
        put(UPLOADS, f"uploads/products/{name}.svg", 20, photo(name), "image/svg+xml", _HOUR)
    put(UPLOADS, "uploads/menu.json", 9, menu("Leek soup"), "application/json", _HOUR)
    put(UPLOADS, "uploads/menu.json", 1, menu("Leek soup", "Apple tart"), "application/json", _HOUR)
    return dated


def ship(s3: Any, kind: str) -> int:
    """`breaks-checkout`: half of the photos are overwritten, one is deleted, one is new; `good`: a menu. How many objects changed."""
    if kind == "good":
        _put(s3, "uploads/menu.json", menu("Leek soup", "Apple tart", "Fig salad"), "application/json")
        return 1
    if kind != "breaks-checkout":
        raise Refusal(400, f"uploads cannot be {kind}; they can be good or breaks-checkout", "bad_request")
    for name in PHOTOS[:3]:
        _put(s3, f"uploads/products/{name}.svg", b"", "application/octet-stream")
    _put(s3, "uploads/menu.json", b"null", "application/json")
    s3.delete_object(Bucket=UPLOADS, Key=f"uploads/products/{PHOTOS[3]}.svg")
    _put(s3, "uploads/products/placeholder.svg", photo("placeholder", "generated"), "image/svg+xml")
    return 6


def _put(s3: Any, key: str, body: bytes, kind: str) -> None:
    s3.put_object(Bucket=UPLOADS, Key=key, Body=body, ContentType=kind, CacheControl=_HOUR)


def dimensions(distribution: str) -> list[Row]:
    return [{"Name": "DistributionId", "Value": distribution}, {"Name": "Region", "Value": "Global"}]


def alarms(cloudwatch: Any, distribution: str) -> None:
    """The two that somebody set up long ago."""
    for name, metric, comparison, threshold in (
        ("edge-5xx", "5xxErrorRate", "GreaterThanThreshold", 5.0),
        ("edge-cache-hit-rate", "CacheHitRate", "LessThanThreshold", 30.0),
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace=NAMESPACE,
            MetricName=metric,
            Dimensions=dimensions(distribution),
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator=comparison,
            TreatMissingData="missing",
        )
