"""The engine's scheduler: one pending timer, whatever the number of jobs that ended."""

import threading
import time

import pytest
from netspaces.scheduling import look_again_once
from snakemake.scheduling.job_scheduler import JobScheduler

DELAY = 0.2


class Scheduler:
    """What the method needs of a scheduler."""

    def __init__(self) -> None:
        self._open_jobs = threading.Semaphore(0)

    def look_again(self) -> None:
        JobScheduler._schedule_reevalutation(self, DELAY)

    def looks(self, seconds: float) -> int:
        """Looks for jobs within so many seconds, each of which asks for another, as the engine's loop does."""
        end, seen = time.monotonic() + seconds, 0
        while self._open_jobs.acquire(timeout=max(end - time.monotonic(), 0.001)):
            seen += 1
            self.look_again()
        return seen


@pytest.fixture
def _patched(monkeypatch):
    monkeypatch.setattr(JobScheduler, "_schedule_reevalutation", JobScheduler._schedule_reevalutation)
    look_again_once()


def after_jobs(jobs: int) -> tuple[int, int]:
    """Threads, and looks in four delays, after so many jobs have ended."""
    scheduler, before = Scheduler(), threading.active_count()
    for _ in range(jobs):
        scheduler.look_again()
    threads = threading.active_count() - before
    return threads, scheduler.looks(4.5 * DELAY)


def test_the_engine_alone_adds_a_thread_and_a_chain_of_looks_per_job():
    """If this fails, the engine was mended, and the module can go."""
    threads, looks = after_jobs(10)
    assert threads == 10 and looks >= 30


@pytest.mark.usefixtures("_patched")
def test_one_timer_however_many_jobs_end():
    threads, looks = after_jobs(10)
    assert threads == 1 and 2 <= looks <= 5


@pytest.mark.usefixtures("_patched")
def test_every_scheduler_has_a_timer_of_its_own():
    first, second = Scheduler(), Scheduler()
    first.look_again()
    second.look_again()
    assert first.looks(1.5 * DELAY) and second.looks(1.5 * DELAY)
