"""The engine in a process forked from one that has imported it: half of the time of a dry run are imports.

All else is as in a new process: the arguments, the folder, the environment, the output, and how it ends. Elsewhere than
on Linux, and where the imports start threads, it is a new process.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

from netspaces.workflow.forks import SIZE, start_server

from helpers.patience import PATIENCE

REPOSITORY = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("forked_engine.py")


def run_engine(
    *arguments: str, folder: Path = REPOSITORY, variables: Mapping[str, str] = os.environ, forked: bool = True
) -> subprocess.CompletedProcess:
    """`snakemake` with arguments in a folder; all that it prints is in stdout."""
    if forked and sys.platform == "linux":
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as engine:
            if engine.connect_ex(server()) == 0:
                return ask(engine, arguments, folder, variables)
    command = [sys.executable, "-m", "snakemake", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.run(command, cwd=folder, env=variables, **streams, timeout=PATIENCE)


@cache
def server() -> bytes:
    """The address of a process that has imported the engine, which ends with this one."""
    return start_server(str(SCRIPT))


def ask(
    engine: socket.socket, arguments: tuple[str, ...], folder: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess:
    """Have a child of the server run the engine, as `netspaces.workflow.forks.run_forked` asks for a script."""
    engine.settimeout(PATIENCE)
    variables = dict(variables) | {"ENGINE_ARGUMENTS": json.dumps(arguments)}
    words = [str(SCRIPT), str(folder), *(f"{name}={value}" for name, value in variables.items())]
    with TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        streams = [nothing.fileno(), output.fileno(), output.fileno()]
        socket.send_fds(engine, ["\0".join(words).encode()], streams)
        code = os.waitstatus_to_exitcode(int(engine.recv(SIZE)))
        output.seek(0)
        return subprocess.CompletedProcess(arguments, code, output.read().decode())
