"""Looking at growing samples: the level at each look that keeps the promised level over all of them.

Who looks at 95 % intervals after 32, 64, 128, 256 and 512 networks calls one in six pairs of equal spaces different.
With Pocock's boundaries (1977) all looks have the same level, chosen so that the chance of any false decision stays
within 5 %. Of boundaries with doubling samples they need the fewest networks where differences are worth finding.
"""

from collections.abc import Sequence

import numpy as np
from scipy import optimize, stats

from netspaces.statistics.intervals import check_level

POINTS = 2001  # of the grid on which the sums of a random walk are followed
REACH = 8.0  # standard deviations to both sides


def pocock_level(sizes: Sequence[int], level: float = 0.95) -> float:
    """The level of the interval at each look so that all looks together hold `level`.

    Parameters
    ----------
    sizes : networks per population at each look, ascending; one look has the level itself.
    level : that all looks hold together, in (0, 1).

    Raises
    ------
    ValueError : for sizes that do not grow, or none.

    Examples
    --------
    >>> round(pocock_level([32, 64, 128, 256, 512]), 4)
    0.987
    """
    check_level(level)
    counts = np.asarray(sizes, float)
    if counts.ndim != 1 or counts.size == 0 or counts[0] <= 0 or (np.diff(counts) <= 0).any():
        raise ValueError(f"sizes: got {list(sizes)}, expected numbers of networks that grow from look to look")
    shares = counts / counts[-1]

    def excess(z: float) -> float:
        return chance_of_a_crossing(shares, z) - (1 - level)

    lowest = stats.norm.ppf((1 + level) / 2)
    highest = stats.norm.ppf(1 - (1 - level) / (2 * counts.size))  # Bonferroni
    z = lowest if counts.size == 1 else optimize.brentq(excess, lowest, highest, xtol=1e-6)
    return float(2 * stats.norm.cdf(z) - 1)


def chance_of_a_crossing(shares: np.ndarray, z: float) -> float:
    """The probability that a mean of zero is ever called different, at looks (k,) after shares of all networks.

    The sum of all terms so far is a random walk; its density within the boundaries is carried from look to look by
    numerical integration (Armitage, McPherson and Rowe 1969).
    """
    grid = np.linspace(-REACH, REACH, POINTS)  # in standard deviations of the last look
    step = grid[1] - grid[0]
    density = stats.norm.pdf(grid, scale=np.sqrt(shares[0]))
    crossed = 0.0
    for look, share in enumerate(shares):
        if look:
            between = np.sqrt(share - shares[look - 1])
            reach = min(POINTS // 2, int(np.ceil(REACH * between / step)))
            kernel = stats.norm.pdf(step * np.arange(-reach, reach + 1), scale=between)
            density = np.convolve(density, kernel, mode="same") * step
        inside = _share_inside(grid, z * np.sqrt(share))
        crossed += float(((1 - inside) * density).sum() * step)
        density = density * inside
    return crossed


def _share_inside(grid: np.ndarray, boundary: float) -> np.ndarray:
    """Which share of the cell around each point of a grid lies within a boundary to both sides."""
    step = grid[1] - grid[0]
    return np.clip((boundary - np.abs(grid)) / step + 0.5, 0, 1)
