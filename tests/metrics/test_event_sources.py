"""What rulebooks listen to: a queue of SQS, which moto is, as ansible-rulebook runs it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.once
SOURCE = Path(__file__).resolve().parents[2] / "rulebooks/sources/sqs.py"


def source() -> Any:
    spec = importlib.util.spec_from_file_location("sqs", SOURCE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def first(main: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The first event, and nothing of what comes before it."""
    queue: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(main(queue, arguments))
    try:
        event: dict[str, Any] = await asyncio.wait_for(queue.get(), 20)
        await asyncio.sleep(0.5)  # until it is deleted
    finally:
        task.cancel()
    assert queue.empty()
    return event


def test_a_message_of_the_queue_is_an_event_once_and_what_is_no_json_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in {"AWS_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        sqs = boto3.client("sqs", endpoint_url=f"http://{host}:{port}")
        url = sqs.create_queue(QueueName="alarms")["QueueUrl"]
        alarm = {"Type": "Notification", "Message": json.dumps({"AlarmName": "memory", "NewStateValue": "ALARM"})}
        for body in ("no json", json.dumps(alarm)):
            sqs.send_message(QueueUrl=url, MessageBody=body)

        event = asyncio.run(first(source().main, {"url": url, "wait": 1}))

        assert (event["payload"], event["meta"]) == (alarm, {"endpoint": "sqs"})
        counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert {counted["ApproximateNumberOfMessages"], counted["ApproximateNumberOfMessagesNotVisible"]} == {"0"}
    finally:
        server.stop()
