"""The engine's scheduler in long runs: one timer that makes it look for jobs again, and not one more for every job.

Snakemake 9.27, for which this is written, looks for jobs to start when one has ended, and again a second later, since
its limit on jobs per second may allow more by then. The second look asks for a third, and so on: every job that ends
leaves a chain of looks, one a second, each with a thread that waits for it. After some hundred jobs that costs a fifth
of a core.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakSet

from netspaces.workflow.versions import fits

if TYPE_CHECKING:
    from snakemake.scheduling.job_scheduler import JobScheduler

SERIES = "9.27"


def look_again_once(say: Callable[[str], object]) -> None:
    """Have a scheduler that already waits for a timer not start another one; for all schedulers of this process.

    With another series of the engine nothing is changed, and `say` says so.
    """
    if not fits("snakemake", SERIES, "one timer for the scheduler", say):
        return
    from snakemake.scheduling.job_scheduler import JobScheduler

    waiting: WeakSet[JobScheduler] = WeakSet()

    def schedule_reevaluation(scheduler: "JobScheduler", delay: float) -> None:
        def look() -> None:
            waiting.discard(scheduler)
            scheduler._open_jobs.release()

        if scheduler not in waiting:
            waiting.add(scheduler)
            timer = threading.Timer(delay, look)
            timer.daemon = True  # the engine does not stay for it when all is done
            timer.start()

    JobScheduler._schedule_reevalutation = schedule_reevaluation  # the engine's own spelling
