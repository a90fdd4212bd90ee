"""What a job leaves behind when it fails, and what the terminal says while many run."""

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.records import make_record
from netspaces.files.safe import OneLineWarning, write_json
from netspaces.plugins.loading import forget_plugins
from netspaces.plugins.registry import Registry
from netspaces.populations.missing import last_error
from netspaces.workflow import progress
from netspaces.workflow.early_warnings import FirstNetworks
from netspaces.workflow.jobs import job, print_whatever_comes
from netspaces.workflow.progress import TrainingProgress, duration, show_progress
from netspaces.workflow.repeated import FOLDER
from snakemake_interface_logger_plugins.common import LogEvent

SCRIPTS = Path(__file__).parents[3] / "scripts"

# ---- Jobs ------------------------------------------------------------------------------------------------------------


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


# ---- Progress --------------------------------------------------------------------------------------------------------


class Engine:
    """Stands for the engine: logs its events through a real logger, at times the test sets."""

    def __init__(self, monkeypatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)
        self.logger = logging.Logger("engine")
        self.handler = TrainingProgress()
        self.logger.addHandler(self.handler)

    def log(self, event: LogEvent | None, **fields) -> None:
        self.logger.info(None, extra={"event": event, **fields})

    def plan(self, **stats: int) -> None:
        self.log(LogEvent.RUN_INFO, stats=stats | {"total": sum(stats.values())})

    def start(self, jobid: int, rule: str = "train", **wildcards: str) -> None:
        self.log(LogEvent.JOB_INFO, jobid=jobid, rule_name=rule, wildcards=wildcards)

    def finish(self, *jobids: int) -> None:
        for jobid in jobids:
            self.log(LogEvent.JOB_FINISHED, job_id=jobid)

    def fail(self, jobid: int, rule: str = "train", log=("logs/train.log",)) -> None:
        self.log(LogEvent.JOB_ERROR, jobid=jobid, rule_name=rule, log=list(log))


@pytest.fixture
def engine(monkeypatch):
    return Engine(monkeypatch)


def said(capsys) -> list[str]:
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_the_count_and_the_time_left(engine, capsys):
    engine.plan(train=100, collect=1)
    for jobid in range(4):
        engine.start(jobid)
    engine.now += 20
    engine.finish(0, 1)
    assert said(capsys) == ["training jobs: 1 of 100 done, about 33 min left"]  # the second follows too soon
    engine.now += 20
    engine.finish(2)
    assert said(capsys) == ["training jobs: 3 of 100 done, about 22 min left"]


def test_lines_come_at_most_every_fifteen_seconds_and_at_the_end(engine, capsys):
    engine.plan(train=61)
    for jobid in range(61):
        engine.start(jobid)
    for jobid in range(61):
        engine.now += 1
        engine.finish(jobid)
    lines = said(capsys)
    assert [line.split(" done")[0] for line in lines] == [
        f"training jobs: {done} of 61" for done in (1, 16, 31, 46, 61)
    ]
    assert lines[-1] == "training jobs: 61 of 61 done, about 0 s left"


def test_a_failed_job_is_a_line_with_its_log_and_counts_until_it_starts_again(engine, capsys):
    engine.plan(train=3)
    engine.start(7, population="RegNetX-base-short", shard="00007")
    engine.fail(7)
    assert said(capsys) == ["FAILED: train RegNetX-base-short 00007; see logs/train.log"]
    engine.start(8)
    engine.now += 30
    engine.finish(8)
    assert said(capsys) == ["training jobs: 1 of 3 done, 1 failed, about 30 s left"]
    engine.start(7)
    engine.now += 30
    engine.finish(7)
    assert said(capsys) == ["training jobs: 2 of 3 done, about 30 s left"]


def test_many_jobs_that_fail_alike_are_one_line_and_a_count(engine, capsys, tmp_path):
    engine.plan(train=100)
    for jobid in range(100):
        engine.start(jobid, population="A", shard=f"{jobid:05}")
        (tmp_path / f"{jobid}.log").write_text("network 3\nOSError: disk full\n" if jobid else "ValueError: odd\n")
        engine.fail(jobid, log=[str(tmp_path / f"{jobid}.log")])
    assert said(capsys) == [f"FAILED: train A 0000{i}; see {tmp_path / str(i)}.log" for i in (0, 1)]
    engine.handler.conclude()
    assert said(capsys) == ["FAILED: 98 more times like these; `snakemake failures` lists what is missing"]


@pytest.mark.parametrize(
    "message, cause",
    [
        (
            "SLURM-job '44' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable (no 'sacct').",
            "SLURM-job '44' failed, SLURM status is: 'TIMEOUT'",
        ),
        (
            "SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: gpus\n"
            "sbatch: error: Batch job submission failed'.\n    sbatch call:\n        sbatch --parsable\n",
            "SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: gpus "
            "sbatch: error: Batch job submission failed'",
        ),
    ],
)
def test_what_the_executor_says_of_a_failed_job_is_part_of_its_line(engine, capsys, message, cause):
    engine.plan(train=1)
    engine.start(7, population="A-base-short")
    engine.log(LogEvent.JOB_ERROR, jobid=7, rule_name="train", log=["a.log", "44.log"], rule_msg=message)
    assert said(capsys) == [f"FAILED: train A-base-short: {cause}; see a.log, 44.log"]


def test_a_job_that_never_succeeds_does_not_keep_the_others_waiting(engine, capsys):
    engine.plan(train=2, collect=1)
    for attempt in range(3):
        engine.start(1)
        engine.fail(1)
        engine.start(5, rule="collect", population=f"attempt-{attempt}")
    assert [line for line in said(capsys) if "FAILED" not in line] == []
    engine.start(2)
    engine.now += 10
    engine.finish(2)
    assert said(capsys) == ["training jobs: 1 of 2 done, 1 failed, about 0 s left"]
    engine.start(6, rule="collect", population="A-base-short")
    assert said(capsys) == ["collect A-base-short"]


def test_other_jobs_show_only_when_no_training_is_left(engine, capsys):
    engine.plan(prepare_dataset=1, train=1, figure=1)
    engine.start(1, rule="prepare_dataset")
    engine.finish(1)
    engine.start(2)
    engine.finish(2)
    engine.start(3, rule="figure", study="fig09")
    engine.finish(3)
    assert said(capsys) == ["training jobs: 1 of 1 done, about 0 s left", "figure fig09"]


def test_a_run_without_training_shows_its_jobs(engine, capsys):
    engine.plan(figure=1)
    engine.start(1, rule="figure", study="fig09")
    engine.finish(1)
    engine.start(2, rule="table")
    engine.fail(2, rule="table", log=())
    assert said(capsys) == ["figure fig09", "table", "FAILED: table"]


def test_networks_that_learn_nothing_are_a_line_while_others_train(engine, capsys, tmp_path):
    engine.handler.first = FirstNetworks(classes=10)
    engine.plan(train=20)
    for jobid in range(8):
        path = tmp_path / f"{jobid}.json"
        write_json(path, {"networks": [{"index": jobid, "record": make_record(errors=(90.0, 89.0))}]})
        fields = {"wildcards": {"population": "A"}, "output": [str(path)]}
        engine.log(LogEvent.JOB_INFO, jobid=jobid, rule_name="train", **fields)
        engine.finish(jobid)
    warned = [line for line in said(capsys) if line.startswith("warning")]
    assert len(warned) == 1 and warned[0].startswith(
        "warning: the first 5 networks of A are at chance error (0 diverged"
    )


def test_trouble_in_the_handler_does_not_stop_the_engine(engine, capsys):
    engine.log(LogEvent.RUN_INFO)
    engine.log(LogEvent.JOB_INFO, jobid=3)
    engine.log(None)
    engine.logger.info("an ordinary message")
    assert "AttributeError" in capsys.readouterr().err


@pytest.fixture(autouse=True)
def waiting(monkeypatch) -> list:
    """Whether the engine was said to wait for its jobs, which lasts for the rest of a process."""
    calls: list = []
    monkeypatch.setattr(progress, "wait_for_jobs", lambda: calls.append("waiting"))
    return calls


def progress_of_an_engine() -> tuple[logging.Logger, list[str]]:
    """A logger as the engine has one, with our progress, and the list of what it still shows."""
    logger, shown, handler = logging.Logger("engine"), [], logging.Handler()
    handler.emit = lambda record: shown.append(record.msg)
    logger.addHandler(handler)
    show_progress(logger, 10)
    return logger, shown


def test_the_engines_lines_per_job_are_replaced_and_others_stay(monkeypatch):
    monkeypatch.setenv(FOLDER, "")  # this process is no run of the engine
    logger, shown = progress_of_an_engine()
    for event, text in [
        (None, "Building DAG of jobs..."),
        (None, "Select jobs to execute..."),
        (None, "Execute 2 jobs..."),
        (LogEvent.PROGRESS, "1 of 2 steps (50%) done"),
        (LogEvent.JOB_FINISHED, "Finished jobid: 1"),
        (LogEvent.ERROR, "WorkflowError"),
    ]:
        logger.info(text, extra={"event": event, "job_id": 1})
    assert shown == ["Building DAG of jobs...", "WorkflowError"]
    assert sum(isinstance(handler, TrainingProgress) for handler in logger.handlers) == 1


@pytest.mark.parametrize(
    "notice",
    [
        "Terminating processes on user request, this might take some time.",
        "Will exit after finishing currently running jobs (scheduler).",
    ],
)
def test_after_ctrl_c_and_sigterm_jobs_that_end_early_are_not_called_failed(capsys, notice):
    logger, shown = progress_of_an_engine()
    said_by_the_engine = [
        (LogEvent.RUN_INFO, None, {"stats": {"train": 2}}),
        (LogEvent.JOB_INFO, None, {"jobid": 1, "rule_name": "train", "wildcards": {}}),
        (None, notice, {}),
        (LogEvent.ERROR, "RuleException:\nCalledProcessError in file train.smk", {}),
        (LogEvent.JOB_ERROR, "Error in rule train", {"jobid": 1, "rule_name": "train", "log": ["a.log"]}),
        (None, "WorkflowError:\nAt least one job did not complete successfully.", {}),
        (None, "Complete log(s): x.log", {}),
    ]
    for event, text, fields in said_by_the_engine:
        logger.info(text, extra={"event": event, **fields})
    assert "FAILED" not in capsys.readouterr().err
    texts = [text for text in shown if text]
    assert texts[0] == notice and texts[-1].startswith("Complete log")
    assert not any("Exception" in text or "WorkflowError" in text for text in texts)


def test_a_job_that_ctrl_c_reached_before_the_engine_is_not_called_failed(capsys, monkeypatch):
    came = []
    monkeypatch.setattr(progress.time, "sleep", came.append)
    monkeypatch.setattr(progress, "interrupted", lambda seconds: bool(came))
    logger, _ = progress_of_an_engine()
    failed = {"event": LogEvent.JOB_ERROR, "jobid": 1, "job_id": 1, "rule_name": "train", "log": ["a.log"]}
    logger.info("Error in rule train", extra=failed)
    assert came and "FAILED" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0 s"), (89.4, "89 s"), (90, "2 min"), (600, "10 min"), (5399, "90 min"), (5400, "1.5 h"), (36_000, "10.0 h")],
)
def test_durations_as_people_say_them(seconds, text):
    assert duration(seconds) == text
