"""A population as it is planned: which networks are drawn from which design space, and how they are trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

TWO_PHASE = "two_phase"  # ends the name of a population that is drawn in two phases, and is the settings' key of them


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
    strata : of a population that is drawn in two phases: by stratum the predicted error `from` which on networks belong
        to it, how many `free` draws do, and the `indices` of those that are trained; empty for the first n networks.
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
    strata: Sequence[Mapping] = ()

    @property
    def training_seed(self) -> int:
        """The seed of weights, order and augmentation: another for each repetition of the same networks."""
        return self.seed + self.repeat

    @property
    def indices(self) -> Sequence[int]:
        """The numbers of its networks in the stream of its design space, ascending."""
        return sorted(index for stratum in self.strata for index in stratum["indices"]) or range(self.n)

    def in_two_phases(self, strata: Sequence[Mapping]) -> "Population":
        """The population of other networks of the same stream, those of some strata, trained in the same way."""
        n = sum(len(stratum["indices"]) for stratum in strata)
        return replace(self, name=f"{self.name}-{TWO_PHASE}", n=n, strata=tuple(strata))
