"""A stand-in of receptor's control socket: whatever kind of work is submitted, `ansible-runner worker` does it here.

AWX believes that it runs each job in a container of its own; the job's files are at /runner there, and in a mount namespace here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
from pathlib import Path

HOME = Path(sys.argv[1])
RUNNER = Path(sys.executable).parent
INSIDE = 'mount --bind "$1" /runner && exec ansible-runner worker --private-data-dir=/runner'
PENDING, RUNNING, SUCCEEDED, FAILED, CANCELED = range(5)
NAMES = ("Pending", "Running", "Succeeded", "Failed", "Canceled")


class Unit:
    """One piece of work: what it was given, what it printed, how it went."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(4)
        self.folder = HOME / "work" / self.id
        self.state = PENDING
        self.process: asyncio.subprocess.Process | None = None
        (self.folder / "private").mkdir(parents=True)

    async def run(self) -> None:
        self.state = RUNNING
        sandbox = {name: value for name, value in os.environ.items() if name.startswith("LASTGOOD_SANDBOX_")}
        environment = {"PATH": f"{RUNNER}:/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8", **sandbox}
        with (self.folder / "stdin").open("rb") as given, (self.folder / "stdout").open("wb") as said:
            self.process = await asyncio.create_subprocess_exec(
                "unshare", "--mount", "sh", "-c", INSIDE, "sh", str(self.folder / "private"),
                stdin=given, stdout=said, stderr=said, env=environment, start_new_session=True,
            )
            code = await self.process.wait()
        if self.state == RUNNING:
            self.state = FAILED if code else SUCCEEDED

    def status(self) -> dict[str, object]:
        said = self.folder / "stdout"
        return {"State": self.state, "StateName": NAMES[self.state], "Detail": "", "WorkType": "local", "ExtraData": None,
                "StdoutSize": said.stat().st_size if said.exists() else 0}

    def cancel(self) -> None:
        self.state = CANCELED
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 15)

    def release(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


UNITS: dict[str, Unit] = {}
TASKS: set[asyncio.Task[None]] = set()


async def submit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    unit = Unit()
    UNITS[unit.id] = unit
    writer.write(f"Work unit created with ID {unit.id}. Send stdin data and EOF.\n".encode())
    await writer.drain()
    with (unit.folder / "stdin").open("wb") as file:
        while part := await reader.read(1 << 16):
            file.write(part)
    task = asyncio.create_task(unit.run())
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)
    writer.write(json.dumps({"unitid": unit.id, "result": "Job Started"}).encode() + b"\n")


async def results(unit: Unit, start: int, writer: asyncio.StreamWriter) -> None:
    writer.write(f"Streaming results for work unit {unit.id}\n".encode())
    while unit.state == PENDING or not (unit.folder / "stdout").exists():
        await asyncio.sleep(0.05)
    with (unit.folder / "stdout").open("rb") as file:
        file.seek(start)
        while True:
            over = unit.state > RUNNING
            if part := file.read(1 << 16):
                writer.write(part)
                await writer.drain()
            elif over:
                return
            else:
                await asyncio.sleep(0.05)


async def answer(line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether the conversation goes on."""
    if line.startswith("{"):
        await submit(reader, writer)
        return False
    words = line.split()
    said: object = {"NodeID": "awx", "Advertisements": [{"NodeID": "awx", "ConnType": 1}], "Version": "stand-in"}
    if words[0] == "work":
        verb = words[1]
        if verb == "list":
            said = {unit.id: unit.status() for unit in UNITS.values()}
        elif words[2] not in UNITS:
            writer.write(f"ERROR: unknown work unit {words[2]}\n".encode())
            return True
        elif verb == "results":
            await results(UNITS[words[2]], int(words[3]), writer)
            return False
        elif verb == "status":
            said = UNITS[words[2]].status()
        else:
            unit = UNITS[words[2]] if verb == "cancel" else UNITS.pop(words[2])
            unit.cancel() if verb == "cancel" else unit.release()
            said = {verb + "ed": unit.id}
    writer.write(json.dumps(said).encode() + b"\n")
    return True


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"Receptor Control, node awx\n")
    with contextlib.suppress(ConnectionError):
        while line := (await reader.readline()).decode().strip():
            if not await answer(line, reader, writer):
                break
            await writer.drain()
        await writer.drain()
    writer.close()


async def main() -> None:
    socket = HOME / "receptor.sock"
    socket.unlink(missing_ok=True)
    Path("/runner").mkdir(exist_ok=True)
    async with await asyncio.start_unix_server(converse, socket) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
