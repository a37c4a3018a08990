# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source: messages of a queue at SQS. Whoever may read them has credentials; nothing listens here."""
from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

DOCUMENTATION = r"""
short_description: Messages of a queue at Amazon SQS
description:
  - Each message is JSON, and becomes an event. It is deleted once it is one; what is no JSON is deleted and logged.
  - Credentials and region as for any AWS program; C(AWS_URL) for another address of the API.
options:
  url:
    description: The address of the queue.
    type: str
    required: true
  wait:
    description: Seconds that SQS may take to answer when there is nothing.
    type: int
    default: 20
  pause:
    description: Seconds after which a queue is asked again that could not be read.
    type: float
    default: 10
"""

logger = logging.getLogger(__name__)


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Fetch until it is stopped."""
    import os

    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    client, url = boto3.client("sqs", endpoint_url=os.environ.get("AWS_URL")), args["url"]
    while True:
        try:
            answer = await asyncio.to_thread(
                client.receive_message, QueueUrl=url, WaitTimeSeconds=int(args.get("wait", 20)), MaxNumberOfMessages=10
            )
            for message in answer.get("Messages", []):
                await _take(queue, message)
                await asyncio.to_thread(client.delete_message, QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        except (BotoCoreError, ClientError) as error:
            logger.error("the queue cannot be read: %s", error)
            await asyncio.sleep(float(args.get("pause", 10)))


async def _take(queue: asyncio.Queue[Any], message: dict[str, Any]) -> None:
    try:
        payload = json.loads(message["Body"])
    except ValueError:
        logger.error("message %s is no JSON", message.get("MessageId"))
        return
    await queue.put({"payload": payload, "meta": {"endpoint": "sqs"}})
