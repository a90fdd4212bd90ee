"""Jobs that are forked from a process which has done their imports: a short job would mostly import.

There is a server for trainings, which has imported torch, and one for what makes tables and figures, which has not. The
engine starts each with the first of its jobs. The first line of a job's script asks it for a child, which runs the
script with the files, the environment and the folder of the job. The script's process passes signals on to the child
and ends as the child does. Nothing is left behind when one of them dies, even by SIGKILL:

- the script's process: the server kills the child.
- the child: the script's process ends by the same signal.
- the server: its children get SIGTERM, so that training writes checkpoints, and the scripts go on without it, from
  then on as those that were never forked: these outlive an engine that dies by SIGKILL.
- the engine: the same, and the scripts end; the server ends with the last child.

This is for Linux: elsewhere libraries have threads as soon as they are imported, which a child would lack.
"""

import atexit
import os
import select
import signal
import socket
import sys
import threading
from contextlib import suppress
from functools import cache
from typing import Any

SCRIPTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
ASKING = "import sys; sys.path.append({!r}); from netspaces.workflow import forks; forks.run_forked({!r}, __file__)\n"
SERVER = "import sys; sys.path.append(sys.argv[1]); from netspaces.workflow import forks; forks.serve(*sys.argv[2:])\n"
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # of pyarrow's allocator
STOPPING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)
SIZE = 2**20  # bytes of a message, at most

_of_child: socket.socket | None = None
"""In a child the connection with the script's process, which thus hears of the end when both server and child end."""


# ---- The engine ------------------------------------------------------------------------------------------------------


def fork_jobs(*groups: tuple[str, ...]) -> None:
    """Have jobs of one thread that run on this machine be forked, in the engine's own environment.

    `groups` are the names of scripts, a server for each, with the imports of the first; others are started as ever.
    """
    from snakemake.script import PythonScript

    get_preamble, starting = PythonScript.get_preamble, threading.Lock()
    first_of = {os.path.join(SCRIPTS, script): os.path.join(SCRIPTS, group[0]) for group in groups for script in group}

    def asking_first(script: Any) -> str:
        apart = (script.threads > 1, script.conda_env, script.container_img, script.env_modules, script.bench_record)
        first = first_of.get(os.path.realpath(script.path.get_path_or_uri(secret_free=True)))
        if first is None or any(apart):
            return get_preamble(script)
        with starting:
            return ASKING.format(SCRIPTS, start_server(first)) + get_preamble(script)

    PythonScript.get_preamble = asking_first


@cache
def start_server(script: str) -> bytes:
    """Start a server with the imports of a script, once, which ends with this process; returns its address."""
    from subprocess import PIPE, Popen

    from netspaces.workflow.interrupts import SILENT_UNTIL_THE_JOB_BEGINS

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind("")  # to a name that Linux chooses and keeps: there is no file
        listener.listen(1024)  # scripts that ask during the imports wait
        command = [sys.executable, "-c", SILENT_UNTIL_THE_JOB_BEGINS + SERVER, SCRIPTS, str(listener.fileno()), script]
        variables = os.environ | ONE_THREAD | NO_THREADS
        # In a session of its own: a terminal's signals come through the scripts, and once
        server = Popen(command, env=variables, stdin=PIPE, pass_fds=[listener.fileno()], start_new_session=True)
        atexit.register(server.communicate)
        return listener.getsockname()


# ---- The script's process --------------------------------------------------------------------------------------------


def run_forked(address: bytes, script: str) -> None:
    """Have the server at an address run a script in a child, and end as the child does.

    Returns if this process is to run the script itself: the child, or any where there is no server any more.
    """
    if _of_child:
        return
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    words = [os.fsencode(script), os.getcwdb(), *map(b"=".join, os.environb.items())]
    try:
        server.connect(address)
        if not _is_ours(server):
            return
        socket.send_fds(server, [b"\0".join(words)], [0, 1, 2])
    except OSError:
        return
    stopped = []

    def pass_on(number: int, frame: object) -> None:
        stopped.append(number)
        _send(server, bytes([number]))

    def suspend(number: int, frame: object) -> None:
        _send(server, bytes([signal.SIGSTOP]))
        os.kill(os.getpid(), signal.SIGSTOP)
        _send(server, bytes([signal.SIGCONT]))

    actions = dict.fromkeys(STOPPING, pass_on) | {signal.SIGTSTP: suspend}
    before = {one: signal.signal(one, act) for one, act in actions.items() if signal.getsignal(one) != signal.SIG_IGN}
    status = b""
    with suppress(OSError):
        status = server.recv(SIZE)
    for number, action in before.items():
        signal.signal(number, action)
    if status or stopped:
        code = os.waitstatus_to_exitcode(int(status or stopped[-1]))  # a signal is the status of what it has ended
        if code >= 0:
            os._exit(code)
        with suppress(OSError):  # of SIGKILL, which has no other action
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)


# ---- The server ------------------------------------------------------------------------------------------------------


def serve(listening: str, script: str) -> None:
    """Do the imports of a script; then, while there is an engine, fork a child for each request at a socket.

    `listening` is the number of the socket. The children run what they are asked to. If the imports have started
    threads, the server ends, and scripts run without it.
    """
    import gc
    import runpy
    from weakref import finalize

    from snakemake import iocontainers, logging  # noqa: F401 - which the engine lets each script import

    with open(script, encoding="utf-8") as file:
        exec(file.read().partition("\nwith job(snakemake)")[0], {})
    gc.freeze()  # children need not walk through what is imported
    finalize._registry.clear()  # type: ignore[attr-defined]  # nor undo it at their end
    if len(os.listdir("/proc/self/task")) == 1 and (begun := _fork_on_request(socket.socket(fileno=int(listening)))):
        runpy.run_path(begun, run_name="__main__")
        # What the interpreter's end does, but for taking down all that is imported, 0.2 seconds of each job
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _fork_on_request(listener: socket.socket) -> str:
    """In a child, the script that it is to run; in the server nothing, when the engine and all children have ended."""
    children: dict[int, tuple[int, socket.socket]] = {}  # number and connection, by a pipe that ends with the child
    scripts: dict[socket.socket, int] = {}  # number of the child, by the connection with a process that lives
    doors: list[Any] = [sys.stdin, listener]  # standard input ends when the engine does
    server = os.getpid()
    while doors or children:
        ready = set(select.select([*doors, *scripts, *children], [], [])[0])
        for script in ready & scripts.keys():
            signals = script.recv(SIZE)
            for number in signals or [signal.SIGKILL]:
                os.kill(scripts[script], number)
            if not signals:
                del scripts[script]
        for pipe in ready & children.keys():
            child, script = children.pop(pipe)
            os.close(pipe)
            _send(script, b"%d" % os.waitpid(child, 0)[1])
            scripts.pop(script, None)
        if listener in ready:
            script, _ = listener.accept()
            request, files, *_ = socket.recv_fds(script, SIZE, 3) if _is_ours(script) else (b"", [])
            if request:
                pipe, held = os.pipe()
                if (child := os.fork()) == 0:
                    listener.close()
                    return _begin_job(script, request, files, server)
                for file in (*files, held):
                    os.close(file)
                children[pipe], scripts[script] = (child, script), child
        elif sys.stdin in ready:
            doors.clear()
            for child in scripts.values():
                os.kill(child, signal.SIGTERM)
    return ""


def _begin_job(script: socket.socket, request: bytes, files: list[int], server: int) -> str:
    """Make this process, a child, that of a job; returns the script that it is to run."""
    import ctypes

    global _of_child
    _of_child = script
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: the signal when the server dies
    if os.getppid() != server:
        os._exit(1)
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        os.dup2(files[number], number)
        # opened again, as it may be of another kind
        again = open(number, stream.mode, 1, encoding=stream.encoding, errors=stream.errors, closefd=False)
        setattr(sys, stream.name.strip("<>"), again)
    path, folder, *variables = request.split(b"\0")
    os.environb.clear()
    os.environb.update(dict(variable.split(b"=", 1) for variable in variables))  # type: ignore[misc]
    os.chdir(folder)
    sys.argv, sys.path[0] = [os.fsdecode(path)], os.fsdecode(os.path.dirname(path))
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # the children of a server would share its numbers
    return sys.argv[0]


# ---- Connections -----------------------------------------------------------------------------------------------------


def _is_ours(connection: socket.socket) -> bool:
    """Whether the process at the other end is of the same user: names that Linux keeps are open to all."""
    return memoryview(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)).cast("I")[1] == os.getuid()


def _send(connection: socket.socket, message: bytes) -> None:
    with suppress(OSError):  # the other end has gone
        connection.send(message)
