"""Workers that need not load Keras: one process loads it and forks a real worker for everybody who asks.

    forkable_worker.py serve SOCKET      load Keras, then fork
    forkable_worker.py SOCKET            be the worker's parent: hand over the pipes, end as the worker ended

Loading Keras takes 5 to 15 s of the processor; a test that kills twenty workers has better uses for them.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import traceback


def serve(path: str) -> None:
    """Fork a worker for each connection and tell how it ended."""
    from exptool_ml_plugin.learn import worker

    version = worker._load_keras(1)
    worker._load_keras = lambda _threads: version
    children: dict[int, socket.socket] = {}
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while os.getppid() != 1:
            if select.select([listening], [], [], 0.05)[0]:
                connection, _ = listening.accept()
                _, pipes, _, _ = socket.recv_fds(connection, 1, 3)
                child = os.fork()
                if child == 0:
                    _be_worker(pipes, worker.main)
                for pipe in pipes:
                    os.close(pipe)
                children[child] = connection
            _tell_ends(children)


def _be_worker(pipes: list[int], main: object) -> None:
    try:
        for number, pipe in enumerate(pipes):
            os.dup2(pipe, number)
            os.close(pipe)
        main()  # type: ignore[operator]
    except BaseException:  # noqa: BLE001 - a fork must never come back into the server's loop
        traceback.print_exc()
    os._exit(1)


def _tell_ends(children: dict[int, socket.socket]) -> None:
    for child in list(children):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            with children.pop(child) as connection:
                connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def be_parent(path: str) -> None:
    """Have a worker forked with these pipes, and end as it ends."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [b"."], [0, 1, 2])
        code = int(connection.recv(16) or b"1")
    if code < 0:
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        be_parent(sys.argv[1])
