"""All that is changed of the engine, in the process that schedules: each change says which series it is written for."""

from collections.abc import Callable

from netspaces.workflow.report import make_texts_harmless
from netspaces.workflow.scheduling import look_again_once
from netspaces.workflow.slurm import end_endless_waits


def mend_engine(say: Callable[[str], object]) -> None:
    """Mend the faults of the engine and its plug-ins that this workflow runs into; `say` says what is left as it is."""
    look_again_once(say)
    end_endless_waits(say)
    make_texts_harmless(say)
