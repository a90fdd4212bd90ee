"""Results outlive a job that fails to replace them, and are made again by the next run."""

from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest
from helpers.engine import REPOSITORY, run_engine
from netspaces.workflow.kept import keep, restore


class Persistence:
    """A memory that notes which jobs were marked."""

    def __init__(self) -> None:
        self.marked = []

    def started(self, job) -> None:
        self.marked.append(job)


@pytest.fixture
def table(tmp_path):
    """A table that was kept, twice as after two runs."""
    path = tmp_path / "populations" / "RegNetX.csv"
    path.parent.mkdir()
    for content in ("old", "new"):
        path.unlink(missing_ok=True)  # as the engine does
        path.write_text(content)
        keep([path])
        keep([path])
    return path


def job(*outputs, is_norun=False):
    return SimpleNamespace(output=[str(path) for path in outputs], is_norun=is_norun)


def test_what_a_failed_job_lost_comes_back_and_is_marked(table):
    table.unlink()
    failed, memory = job(table), Persistence()
    assert restore([job(table, is_norun=True), failed], memory) == 1
    assert table.read_text() == "new" and memory.marked == [failed]
    assert [path.name for path in (table.parent / ".kept").iterdir()] == [table.name]
    assert restore([failed], memory) == 0


def test_half_of_the_outputs_of_a_job_is_nothing(table):
    other = table.with_suffix(".parquet")
    table.unlink()
    assert restore([job(table, other)], Persistence()) == 0 and not table.exists()


def test_outputs_of_training_jobs_are_not_kept(tmp_path):
    (tmp_path / "00000.json").write_text("{}")
    keep([tmp_path / "00000.json"])
    assert [path.name for path in tmp_path.iterdir()] == ["00000.json"]


SNAKEFILE = f"""
import sys
sys.path.insert(0, "{REPOSITORY / "scripts"}")
from netspaces.workflow.kept import keep, restore

rule collect:
    input: "runs.txt"
    output: "table.csv"
    run:
        text = open(input[0]).read()
        assert "damaged" not in text
        open(output[0], "w").write(text)
        keep(output)

onerror:
    restore(workflow.dag.jobs, workflow.persistence)
"""


def test_under_the_engine_a_good_table_stays_and_the_next_run_makes_it_again(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)

    def run(*arguments: str) -> CompletedProcess:
        return run_engine("--cores", "1", "--rerun-incomplete", *arguments, "table.csv", folder=tmp_path)

    (tmp_path / "runs.txt").write_text("good")
    assert run().returncode == 0
    (tmp_path / "runs.txt").write_text("damaged, and longer")
    assert run("--forcerun", "collect", "--").returncode == 1
    assert (tmp_path / "table.csv").read_text() == "good"
    assert "collect" in run("-n").stdout
    (tmp_path / "runs.txt").write_text("better")
    assert run().returncode == 0
    assert (tmp_path / "table.csv").read_text() == "better"
    assert "Nothing to be done" in run("-n").stdout
