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
_MOST_AT_ONCE = 8


class FunctionError(Exception):
    """The function did not give an answer that CloudFront takes; `kind` is what `x-cache` says, the message is for the function's log."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class _Version:
    """One version in processes of its own: another one whenever all are busy, as Lambda does."""

    def __init__(self, command: list[str], folder: tempfile.TemporaryDirectory[str]) -> None:
        self._command, self._folder = command, folder
        self._all: list[asyncio.subprocess.Process] = []
        self._idle: list[asyncio.subprocess.Process] = []
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)

    async def call(self, event: Row) -> Row:
        async with self._room:
            process = self._idle.pop() if self._idle else await self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(event).encode() + b"\n")
            line = await process.stdout.readline()
            if not line:
                return {"failed": "the function's process ended"}
            self._idle.append(process)
        told: Row = json.loads(line)
        return told

    async def _start(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, limit=_LONGEST, start_new_session=True)
        self._all.append(process)
        return process

    def leave(self) -> None:
        """They end by themselves, with their standard input."""
        for process in self._all:
            assert process.stdin is not None
            process.stdin.close()
        self._folder.cleanup()

    async def end(self) -> None:
        self.leave()
        for process in self._all:
            try:
                await asyncio.wait_for(process.wait(), 1)
            except TimeoutError:
                process.kill()
                await process.wait()


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
        return _Version([sys.executable, "-S", runner, folder.name, told["Configuration"]["Handler"], name, number], folder)

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
