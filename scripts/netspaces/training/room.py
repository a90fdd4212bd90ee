"""Room on a device: which networks of a process train at the same time, by the memory that each is predicted to take.

A network that memory does not hold beside others is trained alone at the end of its job, after what it had done is
lost. So a network begins only when the predictions of all that train leave room for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

MIB = 2**20
FILLED = 0.9  # of the free memory, which predictions may fill: no prediction knows the workspaces of cuDNN and cuBLAS


@dataclass(frozen=True)
class Predicted:
    """MiB of a device's memory: of each task, by its name, and of the images that all share.

    `share` is that of the free memory up to which images lie there; more are streamed and take nothing.
    """

    tasks: Mapping[str, float]
    images: float = 0.0
    share: float = 1.0


class Room:
    """The memory of a device, and the tasks that have been let in. `free` asks for its free bytes, once."""

    def __init__(self, predicted: Predicted, free: Callable[[], int]) -> None:
        self.predicted, self.free = predicted, free
        self.inside: list[str] = []
        self.said: tuple[list[str], list[str]] = [], []  # those that train and wait, as the log has it

    @cached_property
    def size(self) -> float:
        """MiB for all tasks together, which may be none."""
        free = self.free() / MIB
        images = self.predicted.images if self.predicted.images <= self.predicted.share * free else 0.0
        return max(0.0, FILLED * free - images)

    def let_in(self, task: str) -> bool:
        """Let in a task if there is room for it beside the others; one alone always."""
        taken = sum(self.predicted.tasks[each] for each in [*self.inside, task])
        if self.inside and taken > self.size:
            return False
        self.inside.append(task)
        return True

    def leave(self, task: str) -> None:
        """A task has ended, whether it was let in or not."""
        if task in self.inside:
            self.inside.remove(task)

    def account(self, waiting: Sequence[str]) -> str:
        """Which tasks train and which wait, in one line; empty unless that is news: one waits or did, or more train."""
        now = list(self.inside), list(waiting)
        trained, waited = self.said
        if now == self.said or not (waiting or waited or len(self.inside) > len(trained)):
            return ""
        self.said = now
        train = f"{self._named(self.inside)} {'trains' if len(self.inside) == 1 else 'train'}"
        wait = f"; {self._named(waiting)} {'waits' if len(waiting) == 1 else 'wait'}" if waiting else ""
        return f"memory for {self.size:,.0f} MiB of networks: {train}{wait}"

    def _named(self, tasks: Sequence[str]) -> str:
        return ", ".join(f"{task} ({self.predicted.tasks[task]:,.0f})" for task in tasks)
