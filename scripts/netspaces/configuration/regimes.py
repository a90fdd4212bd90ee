"""Regimes: intervals of complexity that some network can lie in.

4.1 where 4.1e+9 was meant is a number like any other. That no network is so small tells it.
"""

from collections.abc import Mapping

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.networks.stems import STEMS
from netspaces.spaces.distributions import Distribution


def check_regimes(configuration: Configuration, layers: Layers) -> None:
    """Raise ConfigError for a bound below what any network has; a lower bound of at most 1 stands for none."""
    least = least_complexity(configuration)
    for name, regime in layers.settings["regimes"].items():
        for metric, bounds in regime.items():
            for i, bound in enumerate(bounds):
                if bound < least[metric] and (i or bound > 1):
                    where = f"{layers.source('regimes', name, metric)}: regimes.{name}.{metric}.{i}"
                    or_none = "" if i else ", or 1 for no lower bound"
                    expected = f"more than the {least[metric]:,} that every network has{or_none} (4.1 G is 4.1e+9)"
                    raise ConfigError(f"{where}: got {bound:g}, expected {expected}")


def least_complexity(configuration: Configuration) -> dict[str, int]:
    """What every network of the preset has at least, by metric.

    Its stem multiplies each value of an image and has an output for each of its steps, whatever its width, and the last
    layer has a weight and a bias for each class.
    """
    dataset = configuration.settings["dataset"]
    side = min(map(_smallest_resolution, configuration.spaces.values()), default=dataset["resolution"])
    outputs = (side // max(stem.stride for stem in STEMS.values())) ** 2
    multiply_adds, parameters = dataset["channels"] * side**2, 2 * dataset["classes"]
    return {"flops": multiply_adds, "params": parameters, "activations": outputs, "activations_all": outputs}


def _smallest_resolution(definition: Mapping) -> int:
    """The side of the smallest images that a design space has."""
    values = Distribution.from_config("resolution", definition["parameters"]["resolution"])
    return int(min(values.values, default=values.low))
