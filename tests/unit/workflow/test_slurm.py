"""What the SLURM executor is told, so that it waits for no job that does not come back."""

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.workflow import slurm, versions
from netspaces.workflow.slurm import (
    ENDED,
    FAILURE,
    NO_RETURN,
    PLUGIN,
    Patience,
    Queue,
    end_endless_waits,
    other_runs,
    pending_reasons,
)


class Listener(list):
    """Keeps what is said."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def said() -> Listener:
    return Listener()


@pytest.mark.parametrize("state", NO_RETURN)
def test_a_job_that_stays_in_a_state_without_return_has_failed(said, state):
    patience = Patience(said)
    assert patience.read({"7": state, "8": "RUNNING"}) == {"7": state, "8": "RUNNING"}  # SLURM may queue it again
    assert patience.read({"7": state, "8": "RUNNING"}) == {"7": FAILURE, "8": "RUNNING"}
    assert patience.read({"7": state}) == {"7": FAILURE}
    assert len(said) == 1 and "job 7" in said[0] and state in said[0]


@pytest.mark.parametrize("state", NO_RETURN)
def test_a_job_that_slurm_queues_again_is_waited_for(said, state):
    patience = Patience(said)
    for now in (state, "PENDING", "RUNNING", state, "PENDING", "COMPLETED"):
        assert patience.read({"7": now}) == {"7": now}
    assert said == []


def test_a_job_that_slurm_forgot_has_failed(said):
    patience = Patience(said)
    assert patience.read({"7": "RUNNING", "8": "PENDING"}) == {"7": "RUNNING", "8": "PENDING"}
    assert patience.read({"8": "PENDING"}) == {"8": "PENDING"}
    assert patience.read({"8": "PENDING"}) == {"8": "PENDING", "7": FAILURE}
    assert len(said) == 1 and "job 7" in said[0]


def test_a_job_that_ended_may_be_forgotten(said):
    patience = Patience(said)
    patience.read({"7": "RUNNING"})
    patience.read({"7": "COMPLETED"})
    assert patience.read({}) == patience.read({}) == patience.read({}) == {}
    assert said == []


def test_the_name_of_who_cancelled_a_job_is_left_out(said):
    assert Patience(said).read({"7": "CANCELLED by 1000"}) == {"7": "CANCELLED"}


def test_an_outage_is_said_once_and_no_job_is_lost_by_it(said):
    patience = Patience(said)
    patience.read({"7": "RUNNING"})
    assert [patience.read(None) for _ in range(5)] == [None] * 5
    assert len(said) == 1 and "does not answer" in said[0]
    assert patience.read({"7": "RUNNING"}) == {"7": "RUNNING"}
    patience.read(None)
    assert len(said) == 2


STATES = ["PENDING", "RUNNING", "COMPLETING", "SUSPENDED", *ENDED, *NO_RETURN]


@given(st.lists(st.dictionaries(st.sampled_from("123"), st.sampled_from(STATES))))
def test_states_that_the_executor_understands_are_left_as_they_are(queries):
    patience = Patience(lambda text: None)
    for states in queries:
        read = patience.read(states)
        assert {job: read[job] for job, state in states.items() if state not in NO_RETURN} == {
            job: state for job, state in states.items() if state not in NO_RETURN
        }


REASONS = {"7": "QOSMaxJobsPerUserLimit", "8": "Priority", "9": "Priority", "10": "None"}


def test_jobs_that_stay_in_the_queue_have_slurms_reason_said_once(said):
    asked = []
    queue = Queue(said, lambda: asked.append(1) or REASONS)
    for seconds in range(0, 3600, 20):
        queue.look(dict.fromkeys(REASONS, "PENDING"), float(seconds))
    assert said == [
        "1 SLURM jobs wait for 5 minutes or more; SLURM's reason: QOSMaxJobsPerUserLimit",
        "2 SLURM jobs wait for 5 minutes or more; SLURM's reason: Priority",
    ]
    assert len(asked) == 11


def test_jobs_that_start_in_time_or_wait_again_are_not_spoken_of(said):
    queue = Queue(said, lambda: pytest.fail("SLURM was asked"))
    for seconds, state in ((0, "PENDING"), (280, "RUNNING"), (300, "PENDING"), (580, "PENDING"), (590, "COMPLETED")):
        queue.look({"7": state}, float(seconds))
    assert said == []


def test_slurms_reasons_are_read(monkeypatch):
    answer(monkeypatch, "7|Resources\n8|ReqNodeNotAvail, Reserved for maintenance\n")
    assert pending_reasons("lab_a") == {"7": "Resources", "8": "ReqNodeNotAvail, Reserved for maintenance"}


def answer(monkeypatch, text: str) -> None:
    """Let every command print a text."""
    monkeypatch.setattr(slurm.subprocess, "run", lambda *a, **k: SimpleNamespace(stdout=text))


def test_runs_left_behind_in_this_folder_are_counted_by_name(monkeypatch):
    listed = "lab_a|/here\nlab_b|/here\nlab_b|/here\nlab_c|/elsewhere\nother_d|/here\ninteractive|/here\n"
    answer(monkeypatch, listed)
    assert other_runs("lab_a", Path("/here")) == {"lab_b": 2}


def test_a_machine_without_squeue_has_no_other_runs(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert other_runs("lab_a", Path("/here")) == {}


def test_the_executors_queries_are_read(monkeypatch, said):
    async def query(command, logger):
        return {"7": "PREEMPTED"}, 0.1

    plugin = SimpleNamespace(query_job_status=query)
    monkeypatch.setitem(sys.modules, PLUGIN, plugin)
    answer(monkeypatch, f"lab_b|{Path.cwd()}\n")
    end_endless_waits(said)
    answers = [asyncio.run(plugin.query_job_status("squeue --name lab_a", None)) for _ in range(2)]
    assert answers == [({"7": "PREEMPTED"}, 0.1), ({"7": FAILURE}, 0.1)]
    assert said[0].endswith("scancel --name lab_b") and "job 7" in said[1] and len(said) == 2


def test_the_executor_has_the_query_that_is_read():
    plugin = pytest.importorskip(PLUGIN)
    assert asyncio.iscoroutinefunction(plugin.query_job_status)
    names = plugin.Executor.check_active_jobs.__code__.co_names
    assert "query_job_status" in names


def test_another_series_of_the_executor_is_left_as_it_is(monkeypatch, said):
    plugin = SimpleNamespace(query_job_status="as it was")
    monkeypatch.setitem(sys.modules, PLUGIN, plugin)
    monkeypatch.setattr(versions, "version", lambda package: "2.10.0")
    end_endless_waits(said)
    assert plugin.query_job_status == "as it was"
    assert said == ["snakemake-executor-plugin-slurm 2.10.0: an end to endless waits is written for 2.8 and left out"]


def test_without_the_executor_nothing_happens(monkeypatch, said):
    monkeypatch.delitem(sys.modules, PLUGIN, raising=False)
    end_endless_waits(said)
    assert said == []
