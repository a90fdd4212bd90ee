"""The engine's scheduler: one pending timer, whatever the number of jobs that ended."""

import threading

import pytest
from netspaces.workflow import versions
from netspaces.workflow.scheduling import look_again_once
from snakemake.scheduling.job_scheduler import JobScheduler

JOBS = 10


class Timer:
    """A timer that goes off when told to."""

    pending: list["Timer"] = []

    def __init__(self, delay: float, function) -> None:
        self.delay, self.function, self.daemon = delay, function, False

    def start(self) -> None:
        self.pending.append(self)


class Scheduler:
    """What the method needs of a scheduler, and the engine's loop: every look for jobs asks for another one."""

    def __init__(self) -> None:
        self._open_jobs = threading.Semaphore(0)

    def look_again(self) -> None:
        JobScheduler._schedule_reevalutation(self, 1)

    def looks(self) -> int:
        """Looks for jobs after all pending timers have gone off."""
        due, Timer.pending[:] = list(Timer.pending), []
        for timer in due:
            timer.function()
        looks = 0
        while self._open_jobs.acquire(blocking=False):
            looks += 1
            self.look_again()
        return looks


@pytest.fixture(autouse=True)
def _timers(monkeypatch):
    monkeypatch.setattr(threading, "Timer", Timer)
    monkeypatch.setattr(Timer, "pending", [])


@pytest.fixture
def _mended(monkeypatch):
    monkeypatch.setattr(JobScheduler, "_schedule_reevalutation", JobScheduler._schedule_reevalutation)
    look_again_once(pytest.fail)


def after_jobs() -> tuple[int, ...]:
    """Timers after some jobs have ended, then looks and timers in each of two further rounds."""
    scheduler = Scheduler()
    for _ in range(JOBS):
        scheduler.look_again()
    return len(Timer.pending), scheduler.looks(), len(Timer.pending), scheduler.looks(), len(Timer.pending)


def test_the_engine_alone_keeps_a_timer_and_a_look_per_job():
    """If this fails, the engine was mended, and the module can go."""
    assert after_jobs() == (JOBS, JOBS, JOBS, JOBS, JOBS)


@pytest.mark.usefixtures("_mended")
def test_one_timer_however_many_jobs_end():
    assert after_jobs() == (1, 1, 1, 1, 1)


@pytest.mark.usefixtures("_mended")
def test_every_scheduler_has_a_timer_of_its_own_and_the_engine_does_not_stay_for_it():
    for scheduler in (Scheduler(), Scheduler()):
        scheduler.look_again()
    assert len(Timer.pending) == 2 and all(timer.daemon for timer in Timer.pending)


def test_another_series_of_the_engine_is_left_as_it_is(monkeypatch):
    said: list[str] = []
    before = JobScheduler._schedule_reevalutation
    monkeypatch.setattr(versions, "version", lambda package: "9.31.2")
    look_again_once(said.append)
    assert JobScheduler._schedule_reevalutation is before
    assert said == ["snakemake 9.31.2: one timer for the scheduler is written for 9.27 and left out"]
