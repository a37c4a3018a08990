from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.vendor_api import Api


@pytest.fixture
def vercel(box: Box) -> Api:
    return vendor_api.vercel(box)


@pytest.fixture
def render(box: Box) -> Api:
    return vendor_api.render(box)


@pytest.fixture
def netlify(box: Box) -> Api:
    return vendor_api.netlify(box)


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Ask until the answer is true, for ten seconds at most; the answer."""

    def ask(question: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 10
        while not (answer := question()):
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.02)
        return answer

    return ask


@pytest.fixture
def account(aws: Box) -> Callable[..., Any]:
    """Makes boto3's client of a service."""
    keys: dict[str, Any] = {"aws_access_key_id": "AKIASANDBOX", "aws_secret_access_key": "secret"}
    config = Config(retries={"total_max_attempts": 1})

    def client(service: str, region: str = "us-east-1", **more: str) -> Any:
        return boto3.client(service, endpoint_url=aws.aws_url, region_name=region, config=config, **keys | more)

    return client


@pytest.fixture
def cloudfront(account: Callable[..., Any]) -> Any:
    return account("cloudfront")
