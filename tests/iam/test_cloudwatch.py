from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import cloudwatch_check
from moto.server import ThreadedMotoServer

from tests.contract.bench import printed_by
from tests.iam.policies import agrees
from tests.vendor_proxy import Proxy


@pytest.fixture
def aws() -> Iterator[Proxy]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with Proxy(f"http://{host}:{port}") as proxy:
        yield proxy
    server.stop()


def test_alarms_and_metrics(aws: Proxy) -> None:
    metric = {"name": "errors", "namespace": "AWS/CloudFront", "metric_name": "5xxErrorRate", "max": 1}
    keys = {"region": "us-east-1", "access_key": "a", "secret_key": "b"}
    wanted = {"alarms": ["a"], "alarm_prefix": "b", "alarm_tags": {"c": "d"}, "metrics": [metric]}
    told = printed_by(cloudwatch_check.main, False, endpoint_url=aws.url, **keys, **wanted)
    assert all("no" in check["got"] for check in told["checks"]), told
    agrees("cloudwatch-check", aws.log)
