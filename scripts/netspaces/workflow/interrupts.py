"""Ctrl-C: a line, and no traceback, whenever it comes and however often.

A terminal sends SIGINT to the engine and to its jobs at the same time. The engine waits for its jobs, which write their
checkpoints; a second Ctrl-C would end that with tracebacks of its own. A job that is still starting, and so has nothing
to keep, just ends.
"""

import math
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from netspaces.workflow.versions import fits

SERIES = "9.27"
AGAIN = b"interrupted before: waiting for the jobs, which write their checkpoints\n"
SILENT_UNTIL_THE_JOB_BEGINS = (
    "import signal; signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    " and signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
)

AT_ONCE = 1.0  # seconds in which further signals are the same Ctrl-C

_last = -math.inf  # when SIGINT came, by the monotonic clock
_waiting = False


def interrupted(seconds: float = math.inf) -> bool:
    """Whether this process has got SIGINT in the last so many seconds, or ever since `catch_interrupts`."""
    return _last > -math.inf and time.monotonic() - _last <= seconds


def wait_for_jobs() -> None:
    """From now on SIGINT is only a line: the engine has got it, and waits for its jobs to end."""
    global _waiting
    _waiting = True


def catch_interrupts() -> None:
    """From now on SIGINT ends what this process does in one line.

    One that the engine or a library has swallowed is found again by `interrupted`, before jobs start. A process that
    ignores SIGINT, as those that a shell started in the background, still does.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end_once)


def _end_once(number: int, frame: object) -> None:
    global _last
    before, _last = interrupted(AT_ONCE), time.monotonic()
    if before or _waiting:
        with suppress(OSError):  # a terminal that has gone
            os.write(2, AGAIN)
        return
    raise SystemExit("interrupted")


def let_starting_jobs_end(say: Callable[[str], object]) -> None:
    """Have SIGINT end a job without a traceback while it imports what it needs (`netspaces.workflow.jobs` takes over).

    With another series of the engine nothing is changed, and `say` says so.
    """
    if not fits("snakemake", SERIES, "the silent end of jobs that are interrupted while they start", say):
        return
    from snakemake.script import PythonScript

    get_preamble = PythonScript.get_preamble

    def with_default_action(script: PythonScript) -> str:
        return SILENT_UNTIL_THE_JOB_BEGINS + get_preamble(script)

    PythonScript.get_preamble = with_default_action
