"""What no schema can check of the populations that are drawn in two phases."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.files.suggestions import did_you_mean
from netspaces.populations.population import TWO_PHASE


def check_two_phase(configuration: Configuration, layers: Layers) -> None:
    """Check that populations drawn in two phases are there, and their strata in order; raises ConfigError."""
    ordinary = [name for name, population in configuration.populations.items() if not population.strata]
    for name, strata in configuration.settings.get(TWO_PHASE, {}).items():
        source = layers.source(TWO_PHASE, name)
        if name not in ordinary:
            suggested = did_you_mean(name, ordinary)
            raise ConfigError(f"{source}: {TWO_PHASE}: {name!r} is the name of no population{suggested}")
        if wrong := _fault(strata):
            raise ConfigError(f"{source}: {TWO_PHASE}.{name}: {wrong}")


def _fault(strata: Sequence[Mapping]) -> str:
    """What is wrong with some strata; empty if nothing is."""
    for one, other in pairwise(strata):
        if one["from"] >= other["from"]:
            return f"got a stratum from {other['from']:g} after one from {one['from']:g}, expected them ascending"
    for stratum in strata:
        if len(stratum["indices"]) > stratum["free"]:
            n = len(stratum["indices"])
            return f"from {stratum['from']:g}: got {n} indices of {stratum['free']} free draws, expected no more"
    counts = Counter(index for stratum in strata for index in stratum["indices"])
    if twice := [index for index, times in counts.items() if times > 1]:
        return f"got network {twice[0]} twice, expected each index once"
    return ""
