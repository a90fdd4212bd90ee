"""Ctrl-C ends in a line, whenever it comes: while the engine plans, while it waits, while a job starts."""

import subprocess
import sys
from pathlib import Path

import pytest
import snakemake.api  # noqa: F401  (first, since the engine's modules import each other)
from netspaces.workflow.interrupts import let_starting_jobs_end
from snakemake.script import PythonScript

SCRIPTS = str(Path(__file__).parents[3] / "scripts")
CAUGHT = f"""
import os, signal, sys, time
sys.path.insert(0, {SCRIPTS!r})
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background process starts without
from netspaces.workflow import interrupts
from netspaces.workflow.interrupts import catch_interrupts, interrupted, wait_for_jobs
catch_interrupts()
"""
CTRL_C = "os.kill(os.getpid(), signal.SIGINT)\n"


def ended(code: str) -> tuple[int, str]:
    """The exit code of a process that runs some code, and what it said."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.returncode, done.stderr + done.stdout


def test_the_first_ends_a_process_in_one_line():
    assert ended(CAUGHT + CTRL_C + "time.sleep(9)") == (1, "interrupted\n")


def test_further_ones_do_not_disturb_the_wait_for_jobs():
    wait = f"try:\n    {CTRL_C}except SystemExit:\n    wait_for_jobs()\n    {CTRL_C}    print(interrupted())\n"
    code, said = ended(CAUGHT + wait)
    assert code == 0 and said.splitlines() == [
        "interrupted before: waiting for the jobs, which write their checkpoints",
        "True",
    ]


def test_one_that_was_swallowed_is_remembered_and_the_next_one_ends_the_process():
    swallowed = f"interrupts.AT_ONCE = 0\ntry:\n    {CTRL_C}except:\n    print(interrupted(), interrupted(-1))\n"
    assert ended(CAUGHT + "print(interrupted())\n" + swallowed + CTRL_C + "time.sleep(9)") == (
        1,
        "interrupted\nFalse\nTrue False\n",
    )


def test_a_process_in_the_background_of_a_shell_goes_on_ignoring_it():
    ignored = CAUGHT.replace("signal.default_int_handler)", "signal.SIG_IGN)")
    assert ended(ignored + CTRL_C + "print('went on')") == (0, "went on\n")


@pytest.mark.parametrize(
    "moment, said",
    [("{interrupt}with job(told): pass", ""), ("with job(told):\n    {interrupt}    time.sleep(9)", "interrupted\n")],
)
def test_a_job_says_nothing_before_it_has_begun_and_one_line_then(monkeypatch, tmp_path, moment, said):
    monkeypatch.setattr(PythonScript, "get_preamble", lambda script: "import os, sys, time\n")
    let_starting_jobs_end(print)
    begin = f"""
sys.path.insert(0, {SCRIPTS!r})
from types import SimpleNamespace
from netspaces.workflow.jobs import job
told = SimpleNamespace(log=[{str(tmp_path / "log")!r}], config={{}})
"""
    preamble = PythonScript.get_preamble(None)
    as_a_terminal_starts_it = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code, heard = ended(as_a_terminal_starts_it + preamble + begin + moment.format(interrupt=CTRL_C))
    assert (code != 0, heard) == (True, said)
