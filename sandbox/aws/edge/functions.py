"""Lambda@Edge: the version that is associated, fetched from Lambda once and really run, for each event."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_SECONDS = {"viewer-request": 5, "viewer-response": 5, "origin-request": 30, "origin-response": 30}
_LONGEST = 1 << 22


class FunctionError(Exception):
    """The function did not give an answer that CloudFront takes; `kind` is what `x-cache` says, the message is for the function's log."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class _Version:
    """One version in a process of its own, one event after the other."""

    def __init__(self, process: asyncio.subprocess.Process, folder: tempfile.TemporaryDirectory[str]) -> None:
        self._process, self._folder = process, folder
        self._free = asyncio.Lock()

    async def call(self, event: Row) -> Row:
        async with self._free:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(event).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        if not line:
            return {"failed": "the function's process ended"}
        told: Row = json.loads(line)
        return told

    def leave(self) -> None:
        """It ends by itself, with its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._folder.cleanup()

    async def end(self) -> None:
        self.leave()
        try:
            await asyncio.wait_for(self._process.wait(), 1)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Functions:
    """Every version that was called, by its ARN."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._running: dict[str, _Version] = {}
        self._starting = asyncio.Lock()

    async def run(self, arn: str, event: Row, kind: str) -> Any:
        """What the function returns; FunctionError."""
        try:
            told = await asyncio.wait_for((await self._version(arn)).call(event), _SECONDS[kind])
        except TimeoutError:
            await self.forget(arn)
            raise FunctionError(503, "LambdaLimitExceeded", f"{arn} took longer than {_SECONDS[kind]} s") from None
        if "failed" in told:
            raise FunctionError(503, "LambdaExecutionError", told["failed"])
        return told["answer"]

    async def _version(self, arn: str) -> _Version:
        async with self._starting:
            if arn not in self._running:
                self._running[arn] = await self._start(arn)
            return self._running[arn]

    async def _start(self, arn: str) -> _Version:
        from sandbox.aws import signed

        name, number = arn.split(":")[6:8]
        path = f"/2015-03-31/functions/{name}?Qualifier={number}"
        async with self._aws.http.get(self._aws.kept.url + path, headers=signed("lambda")) as answer:
            if answer.status != 200:
                raise FunctionError(503, "LambdaExecutionError", f"{arn} is not there")
            told = await answer.json(content_type=None)
        async with self._aws.http.get(f"{self._aws.kept.url}/_sandbox/code/{name}/{number}") as answer:
            packed = await answer.read()
        folder = tempfile.TemporaryDirectory(prefix="lastgood-edge-")
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(folder.name)
        runner = str(Path(__file__).with_name("runner.py"))
        command = [sys.executable, "-S", runner, folder.name, told["Configuration"]["Handler"], name, number]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST, start_new_session=True
        )
        return _Version(process, folder)

    async def forget(self, arn: str) -> None:
        if version := self._running.pop(arn, None):
            await version.end()

    def leave(self) -> None:
        """What has the same name from now on may be another function."""
        while self._running:
            self._running.popitem()[1].leave()

    async def end(self) -> None:
        for arn in list(self._running):
            await self.forget(arn)
