"""moto's server in a process of its own, for what ministack lacks: `python -m sandbox.aws.others PORT`.

It ends when its standard input does: however the sandbox ended.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
    server.start()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
