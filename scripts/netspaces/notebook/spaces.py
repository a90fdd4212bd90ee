"""Design spaces in a notebook: declared ones by name, samples of them, what networks cost."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from netspaces.configuration.loading import load
from netspaces.files.suggestions import one_of
from netspaces.networks import complexity as counting
from netspaces.networks.architecture import Architecture, Architectures
from netspaces.networks.numbers import is_number, whole_number
from netspaces.spaces import sampling
from netspaces.spaces.sampling import Sample

CONFIG = Path(__file__).parents[3] / "config"


def space(name: str, preset: str = "digits", folder: str | Path = CONFIG) -> dict:
    """The complete definition of a declared design space: what `sample` draws from.

    Parameters
    ----------
    name : a design space of config/design_spaces.yaml.
    preset : whose skeleton, images and ranges it gets.
    folder : of the configuration; by default the one beside the library.

    Raises
    ------
    ValueError : for an unknown space, and for a configuration that is wrong, in one line.

    Examples
    --------
    >>> import netspaces
    >>> netspaces.space("RegNetX")["family"]
    'regnet'
    """
    spaces = load({"preset": preset}, folder).spaces
    if name not in spaces:
        raise ValueError(f"design space: got {name!r}, expected {one_of(name, spaces)}")
    return dict(spaces[name])


def sample(
    definition: Mapping, regime: Mapping[str, Sequence[float]], n: int = 32, seed: int = 0, first: int = 0
) -> Sample:
    """Draw n networks of a design space in a regime; the same ones as the workflow draws.

    Parameters
    ----------
    definition : as `space` gives it.
    regime : an interval by metric, such as {"flops": [0.8e6, 1.0e6]}, both ends included.
    n : networks. Network i depends on the other arguments and i only, so that a larger n keeps the first ones.
    first : the index of the first network.

    Raises
    ------
    ValueError : naming the wrong key; SamplingError where nothing lies in the regime.

    Examples
    --------
    >>> import netspaces
    >>> networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.8e6, 1.0e6]}, n=4)
    >>> len(networks.architectures), bool((networks.complexity.flops >= 0.8e6).all())
    (4, True)
    """
    if not isinstance(definition, Mapping):
        raise ValueError(f"sample: got the design space {definition!r}, expected a definition: netspaces.space(NAME)")
    if not isinstance(regime, Mapping):
        raise ValueError(f"sample: got the regime {regime!r}, expected intervals by metric: {{'flops': [8e5, 1e6]}}")
    for metric, limits in regime.items():
        if not isinstance(limits, Sequence) or len(limits) != 2 or not all(map(is_number, limits)):
            raise ValueError(f"sample: got the regime {metric}: {limits!r}, expected [low, high], two finite numbers")
    n, first = whole_number("sample: n", n), whole_number("sample: first", first)
    return sampling.sample(definition, regime, whole_number("sample: seed", seed), range(first, first + n))


def complexity(
    networks: Architecture | Architectures | Sample, channels: int = 3, classes: int = 1000
) -> "dict[str, int] | counting.Complexity":
    """Multiply-adds, parameters and activations (paper section 4): whole numbers of one network, arrays of many.

    Parameters
    ----------
    networks : one architecture, a table of n of them, or a sample.
    channels, classes : of the images; those of ImageNet unless stated (the complexity that comes with a sample is that
        for the images of its preset).

    Raises
    ------
    ValueError : for anything else.

    Examples
    --------
    >>> import netspaces
    >>> network = netspaces.regnet(22, 24, 24.48, 2.54, group_width=16)  # RegNetX-400MF
    >>> netspaces.complexity(network)["params"]
    5157512
    """
    channels, classes = (
        whole_number("complexity: channels", channels, 1),
        whole_number("complexity: classes", classes, 1),
    )
    if isinstance(networks, Sample):
        networks = networks.architectures
    if isinstance(networks, Architectures):
        return counting.complexity(networks, channels, classes)
    if not isinstance(networks, Architecture):
        raise ValueError(f"complexity: got {type(networks).__name__}, expected an architecture, a table or a sample")
    return counts_of(networks, channels, classes)


def counts_of(network: Architecture, channels: int, classes: int) -> dict[str, int]:
    """The complexity of one network, by metric."""
    columns = counting.complexity(Architectures.from_rows([network]), channels, classes).columns()
    return {name: int(values[0]) for name, values in columns.items()}
