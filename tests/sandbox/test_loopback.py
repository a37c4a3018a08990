"""Nobody else on the network reaches the sandbox."""

from __future__ import annotations

import psutil

from sandbox.testing import running


def test_nothing_listens_elsewhere() -> None:
    with running() as box:
        ours = [process for process in psutil.process_iter() if _is_of(process, str(box.state_dir))]
        places = [one.laddr for process in ours for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
    assert str(box.port) in {str(place.port) for place in places}
    assert {place.ip for place in places} == {"127.0.0.1"}


def _is_of(process: psutil.Process, directory: str) -> bool:
    """Whether it was started by the sandbox with that directory, or by one that was."""
    try:
        return any(directory in " ".join(one.cmdline()) for one in (process, *process.parents()))
    except psutil.NoSuchProcess:
        return False
