"""A population as it is planned: which networks are drawn from which design space, and how they are trained."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Population:
    """n architectures of one design space in one regime, to be trained with one recipe on one dataset of the preset.

    The module imports nothing heavy, so that the configuration, the rules and every kind of job hold the same object.
    As a param of a rule it belongs inside a dict: the engine compares what it knows how to write down, and a bare
    object is not among that.

    Parameters
    ----------
    name : space, regime, recipe and, if not zero, repeat: `RegNetX-base-short-r1`.
    space : name of the design space.
    definition : the design space, resolved and complete.
    regime : interval by complexity metric.
    recipe : how its networks are trained.
    n : number of networks.
    seed : decides which networks are drawn.
    repeat : number of the repetition: the same networks, trained with another seed.
    dataset : the configuration's key for the dataset, which is the name of its folder too.
    """

    name: str
    space: str
    definition: Mapping
    regime: Mapping
    recipe: Mapping
    n: int
    seed: int
    repeat: int = 0
    dataset: str = "dataset"

    @property
    def training_seed(self) -> int:
        """The seed of weights, order and augmentation: another for each repetition of the same networks."""
        return self.seed + self.repeat
