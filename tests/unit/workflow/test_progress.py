"""What the terminal says while many jobs run."""

import logging

import pytest
from helpers.records import make_record
from netspaces.files.safe import write_json
from netspaces.workflow import progress
from netspaces.workflow.early_warnings import FirstNetworks
from netspaces.workflow.progress import TERMINAL, TrainingProgress, duration, rate, show_progress
from netspaces.workflow.repeated import FOLDER
from snakemake_interface_logger_plugins.common import LogEvent


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
    assert said(capsys) == [
        "training jobs: 1 of 100 done, 3.0 a minute, about 33 min left"
    ]  # the second follows too soon
    engine.now += 20
    engine.finish(2)
    assert said(capsys) == ["training jobs: 3 of 100 done, 4.5 a minute, about 22 min left"]


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
    assert lines[-1] == "training jobs: 61 of 61 done, 60 a minute, about 0 s left"


def test_a_failed_job_is_a_line_with_its_log_and_counts_until_it_starts_again(engine, capsys):
    engine.plan(train=3)
    engine.start(7, population="RegNetX-base-short", shard="00007")
    engine.fail(7)
    assert said(capsys) == ["FAILED: train RegNetX-base-short 00007; see logs/train.log"]
    engine.start(8)
    engine.now += 30
    engine.finish(8)
    assert said(capsys) == ["training jobs: 1 of 3 done, 1 failed, 120 an hour, about 30 s left"]
    engine.start(7)
    engine.now += 30
    engine.finish(7)
    assert said(capsys) == ["training jobs: 2 of 3 done, 120 an hour, about 30 s left"]


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
    assert said(capsys) == ["training jobs: 1 of 2 done, 1 failed, 6.0 a minute, about 0 s left"]
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
    assert said(capsys) == ["training jobs: 1 of 1 done, 60000 a minute, about 0 s left", "figure fig09"]


def test_pictures_are_named_while_networks_train(engine, capsys):
    engine.plan(train=2, fig09_regnet=1, populations=1)
    engine.start(0)
    said(capsys)
    for jobid, rule, files in ((5, "fig09_regnet", ["f/fig09.svg", "f/fig09.png"]), (6, "populations", ["t/p.csv"])):
        engine.log(LogEvent.JOB_INFO, jobid=jobid, rule_name=rule, wildcards={}, output=files)
        engine.finish(jobid)
    assert said(capsys) == ["drawn: f/fig09.png"]


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
    """Whether the engine was said to wait for its jobs; this, and where lines are counted, outlasts a test."""
    calls: list = []
    monkeypatch.setenv(FOLDER, "")
    monkeypatch.setattr(progress, "wait_for_jobs", lambda: calls.append("waiting"))
    return calls


def progress_of_an_engine() -> tuple[logging.Logger, list[str]]:
    """A logger as the engine has one, with our progress, and the list of what it still shows."""
    return progress_beside(TERMINAL)


def progress_beside(name: str) -> tuple[logging.Logger, list[str]]:
    """The same where the engine's handler has a name."""
    logger, shown, handler = logging.Logger("engine"), [], logging.Handler()
    handler.emit = lambda record: shown.append(record.msg)
    handler.name = name
    logger.addHandler(handler)
    show_progress(logger, 10)
    return logger, shown


def test_the_engines_lines_per_job_are_replaced_and_others_stay():
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


def test_a_plug_in_that_writes_to_the_terminal_is_told_all_and_alone_there(capsys, waiting):
    logger, shown = progress_beside("rich")
    training = {"jobid": 1, "job_id": 1, "rule_name": "train", "wildcards": {}, "log": []}
    told = [
        (LogEvent.RUN_INFO, "Job stats", {"stats": {"train": 2}}),
        (LogEvent.JOB_INFO, "rule train", training),
        (LogEvent.JOB_FINISHED, "Finished jobid: 1", training),
        (LogEvent.PROGRESS, "1 of 2 steps (50%) done", {}),
        (LogEvent.JOB_ERROR, "Error in rule train", training),
        (None, "Terminating processes on user request, this might take some time.", {}),
    ]
    for event, text, fields in told:
        logger.info(text, extra={"event": event, **fields})
    assert shown == [text for _, text, _ in told]
    assert capsys.readouterr().err == "" and waiting == ["waiting"]


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


@pytest.mark.parametrize(
    "seconds, text",
    [(0.05, "1200 a minute"), (2.06, "29 a minute"), (7, "8.6 a minute"), (30, "120 an hour"), (1125, "3.2 an hour")],
)
def test_rates_as_people_say_them(seconds, text):
    assert rate(seconds) == text
