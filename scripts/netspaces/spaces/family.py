"""What a family of design spaces declares: its parameters, and how drawn values of them become stages.

A family is one file of `netspaces.spaces.families`, or a user's plug-in, that holds an instance as `FAMILY`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

STAGE_PARAMETERS = ("bottleneck", "group_width", "kernel")
"""Those of the blocks of a stage: every family has them, if the block of the space does."""

NETWORK_PARAMETERS = ("resolution", "stem_width", "se_ratio", "head_width")
"""Those of the whole network, which every family has."""


@dataclass(frozen=True)
class Stages:
    """The stages that n draws became, m of which are valid.

    `valid` (n,) says which draws have a structure at all. `depths`, `widths` and `strides` (m, stages) are those of the
    valid draws, in their order; a stage of depth 0 does not exist, and its width and stride are 0.
    """

    valid: np.ndarray
    depths: np.ndarray
    widths: np.ndarray
    strides: np.ndarray


class Family(ABC):
    """The rule that turns drawn parameters into stages.

    Attributes
    ----------
    description : one sentence for the documentation.
    rule : names of the parameters that decide depths and widths, in the order in which they are drawn.
    per_stage : names of those parameters, of `rule` and STAGE_PARAMETERS, that have a value for each stage.
    recorded : names of the parameters of `rule` that tables keep beside the structure, because it does not show them.
    restriction : what table 1 of the paper says of the rule; empty if depths and widths are free.
    """

    description: str
    rule: tuple[str, ...]
    per_stage: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    restriction: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """All parameters, in the order in which they are drawn."""
        return (*self.rule, *STAGE_PARAMETERS, *NETWORK_PARAMETERS)

    @abstractmethod
    def stages(self, values: Mapping[str, np.ndarray], count: int, strides: Sequence[int]) -> Stages:
        """The stages of n draws.

        Parameters: `values` of the parameters in `rule`, (n,) or, for one with a value for each stage, (n, count), or
        (n, 1) if stages share it; `count`, the number of stages that the space declares, and their `strides`. A family
        may return more stages than `count`.
        """


def for_each_stage(column: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A parameter's values (n,), (n, 1) or (n, stages), or (1, 1) for one value of all, as (n, stages)."""
    return np.broadcast_to(column if column.ndim == 2 else column[:, None], shape)


def recorded_parameters(families: Iterable[Family]) -> tuple[str, ...]:
    """The parameters that tables keep beside the structure of networks of some families, each once."""
    return tuple(dict.fromkeys(name for family in families for name in family.recorded))


def stage_parameters(families: Iterable[Family]) -> tuple[str, ...]:
    """The parameters that have a value for each stage in any of some families, each once."""
    return tuple(dict.fromkeys(name for family in families for name in family.per_stage))
