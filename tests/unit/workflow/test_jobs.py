"""What a job leaves behind when it fails."""

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from netspaces.files.safe import OneLineWarning
from netspaces.plugins.loading import forget_plugins
from netspaces.plugins.registry import Registry
from netspaces.populations.missing import last_error
from netspaces.workflow.jobs import job, print_whatever_comes

SCRIPTS = Path(__file__).parents[3] / "scripts"


def snakemake(log: Path, **config) -> SimpleNamespace:
    """What a script knows of its job."""
    return SimpleNamespace(log=[str(log)], config=config)


def test_what_a_job_prints_goes_to_its_log(tmp_path, capsys):
    log = tmp_path / "logs" / "job.log"
    with job(snakemake(log)):
        print("to stdout")
        print("to stderr", file=sys.stderr)
        assert "to stdout" in log.read_text()  # at once: a killed job's log says how far it came
    assert log.read_text() == "to stdout\nto stderr\n"
    assert capsys.readouterr() == ("", "")


def test_a_job_that_runs_again_starts_a_new_log(tmp_path):
    for text in ("first", "second"):
        with job(snakemake(tmp_path / "job.log")):
            print(text)
    assert (tmp_path / "job.log").read_text() == "second\n"


@pytest.mark.parametrize(
    "error, line",
    [
        (ValueError("config.yaml: epochs is 0, expected more"), "error: config.yaml: epochs is 0, expected more"),
        (FileNotFoundError(2, "No such file or directory", "table.csv"), "error: [Errno 2] No such file"),
        (ValueError("first line\nsecond line"), "error: first line"),
        (ValueError(), "error: ValueError"),
    ],
)
def test_an_expected_error_is_one_line_and_exit_code_1(tmp_path, capsys, error, line):
    log = tmp_path / "job.log"
    with pytest.raises(SystemExit) as stop, job(snakemake(log)):
        print("before")
        raise error
    assert stop.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line) and err.count("\n") == 1
    text = log.read_text()
    assert text.startswith("before\nTraceback (most recent call last):\n")
    assert f"{type(error).__name__}" in text


def test_a_job_knows_the_plug_ins_of_its_configuration(tmp_path):
    (tmp_path / "ghost.py").write_text("BLOCK = 'a ghost'\n")
    with job(snakemake(tmp_path / "job.log", plugins=[str(tmp_path / "ghost.py")])):
        assert Registry("block", "BLOCK", "netspaces.networks.blocks")["ghost"] == "a ghost"
    forget_plugins()


def test_a_plug_in_that_cannot_be_loaded_ends_the_job_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit), job(snakemake(tmp_path / "job.log", plugins=["nowhere/ghost.py"])):
        raise AssertionError("the job has begun")
    assert capsys.readouterr().err.startswith("error: plugins: nowhere/ghost.py: no such file")


@pytest.mark.parametrize(
    "error, line",
    [
        (RuntimeError("broken\nand more"), "error: RuntimeError: broken (not expected; where: "),
        (KeyError("flops"), "error: KeyError: 'flops' (not expected; where: "),
        (MemoryError(), "error: MemoryError (not expected; where: "),
    ],
)
def test_an_unexpected_error_is_one_line_with_its_kind_and_the_log_and_its_traceback_is_there(
    tmp_path, capsys, error, line
):
    log = tmp_path / "job.log"
    with pytest.raises(SystemExit) as stop, job(snakemake(log)):
        raise error
    assert stop.value.code == 1
    assert capsys.readouterr() == ("", f"{line}{log})\n")
    assert "Traceback (most recent call last):" in log.read_text()
    assert type(error).__name__ in log.read_text()


def test_a_warning_for_users_is_a_line_on_the_terminal_and_in_the_log(tmp_path, capsys):
    log = tmp_path / "job.log"
    with job(snakemake(log)):
        for _ in range(2):  # every time, also from the same place
            warnings.warn(OneLineWarning("runs/a.json is damaged\n(empty)"), stacklevel=1)
    assert capsys.readouterr() == ("", 2 * "warning: runs/a.json is damaged (empty)\n")
    assert log.read_text() == 2 * "warning: runs/a.json is damaged (empty)\n"


def test_what_an_encoding_lacks_is_written_as_its_number_also_by_the_engine(tmp_path):
    handler = logging.FileHandler(tmp_path / "log", encoding="ascii")
    print_whatever_comes(handler.stream, None)
    handler.emit(logging.makeLogRecord({"msg": "results in gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n"}))
    handler.close()
    assert (tmp_path / "log").read_bytes() == b"results in gr\\xfcn\n"


SCRIPT = """
import os, signal, sys, time
sys.path.insert(0, {scripts!r})
from types import SimpleNamespace
from netspaces.workflow.jobs import job
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background process starts without
with job(SimpleNamespace(log=[{log!r}], config={{}})):
    {body}
"""


def script(log: Path, body: str) -> subprocess.CompletedProcess:
    """A script of the workflow in a process of its own."""
    code = SCRIPT.format(scripts=str(SCRIPTS), log=str(log), body=body)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


@pytest.mark.parametrize(
    "body, line, code",
    [
        ('raise ValueError("wrong")', "error: wrong\n", 1),
        ('raise SystemExit("interrupted in epoch 3")', "interrupted in epoch 3\n", 1),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(9)", "interrupted\n", 130),
    ],
)
def test_a_script_that_fails_or_is_interrupted_ends_in_one_line(tmp_path, body, line, code):
    log = tmp_path / "job.log"
    done = script(log, body)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", line)
    assert "Traceback" in log.read_text()
    if code != 1:
        assert last_error(log.read_text()).startswith("Interrupted: ")  # which `failures` says


@pytest.mark.parametrize("body, code", [("print('done')", 0), ("print('done'); raise ValueError('wrong')", 1)])
@pytest.mark.parametrize("full", [True, False])
def test_a_log_that_cannot_be_written_is_one_line_and_ends_no_job(tmp_path, body, code, full):
    if full:
        log, reason = Path("/dev/full"), "No space left on device"
    else:
        (tmp_path / "file").touch()
        log, reason = tmp_path / "file" / "job.log", "File exists"
    done = script(log, body)
    lines = ["error: wrong"] if code else []
    expected = [f"warning: {log}: {reason}; what this job prints is not kept", *lines]
    assert (done.returncode, done.stdout, sorted(done.stderr.splitlines())) == (code, "", sorted(expected))


def test_a_name_that_is_not_text_is_no_reason_for_another_error(tmp_path):
    log = tmp_path / "job.log"
    done = script(log, "open(os.fsdecode(b'images/caf\\xe9.png'))")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: [Errno 2] No such file or directory: ") and done.stderr.count("\n") == 1
    assert "caf" in done.stderr and "FileNotFoundError" in log.read_text() and done.stderr.count("Traceback") == 0


def test_the_error_is_said_before_the_log_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("traceback.print_exc", lambda: print(capsys.readouterr().err))
    with pytest.raises(SystemExit), job(snakemake(tmp_path / "job.log")):
        raise ValueError("wrong")
    assert (tmp_path / "job.log").read_text() == "error: wrong\n\n"
