"""How many draws from a design space are networks of a regime: a first look, before a population is trained."""

from collections.abc import Mapping

from netspaces.spaces.sampling import sample

NETWORKS = 16  # whatever the population's size, so that growing it changes nothing here


def measure_acceptance(population: str, definition: Mapping, regime: Mapping, seed: int) -> dict:
    """What it took to draw the first networks of a population of this name.

    Returns the name as `population`, the numbers of `networks` and of `draws`, their ratio `acceptance`, and
    `rejections` by reason. Raises SamplingError, which says why draws were rejected, if the design space has no network
    in the regime.
    """
    drawn = sample(definition, regime, seed, range(NETWORKS))
    draws = int(drawn.draws.sum())
    return {
        "population": population,
        "networks": NETWORKS,
        "draws": draws,
        "acceptance": NETWORKS / draws,
        "rejections": drawn.rejections,
    }
