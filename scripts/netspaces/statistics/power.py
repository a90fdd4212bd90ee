"""How many networks per design space a difference of mean errors takes to be found.

Before a run, or after a pilot: the spreads of both spaces are known roughly, and the difference is the observed one or
one that would matter.
"""

import math

from scipy import stats

from netspaces.statistics.intervals import check_level

POWER = 0.8
MOST = 1_000_000  # networks: more than anybody trains


def networks_wanted(
    difference: float, deviations: tuple[float, float], level: float = 0.95, power: float = POWER
) -> float:
    """Networks of each of two spaces with which Welch's test finds a difference of means; infinite beyond `MOST`.

    Parameters
    ----------
    difference : true difference of means, percentage points.
    deviations : standard deviations of errors in both spaces, percentage points.
    level : 1 minus the two-sided error of the test; that of a family of k pairs has (1 - level) / k.
    power : probability with which it is found.

    Raises
    ------
    ValueError : for deviations below 0, or a level or power outside (0, 1).

    Examples
    --------
    >>> networks_wanted(1.0, (2.0, 2.0))
    64
    """
    check_level(level)
    if not 0 < power < 1 or min(deviations) < 0:
        raise ValueError(f"deviations, power: expected 0 or more and (0, 1), got {deviations}, {power}")
    variance = deviations[0] ** 2 + deviations[1] ** 2
    if variance == 0:
        return 2 if difference else math.inf
    if abs(difference) * math.sqrt(MOST) < math.sqrt(variance):
        return math.inf
    reach = stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power)
    n = max(2, math.floor(variance * (reach / difference) ** 2) - 2)
    share = variance**2 / (deviations[0] ** 4 + deviations[1] ** 4)  # Satterthwaite: freedom is (n - 1) times it
    while chance_to_find(difference, variance, share, n, level) < power:
        n += max(1, n // 1000)
    return n if n <= MOST else math.inf


def chance_to_find(difference: float, variance: float, share: float, n: int, level: float) -> float:
    """The probability that a two-sided Welch test with n networks of each finds a difference in its direction.

    `variance` is the sum of both variances, `share` what n - 1 is multiplied by for degrees of freedom.
    """
    freedom = share * (n - 1)
    critical = stats.t.ppf((1 + level) / 2, freedom)
    return float(stats.nct.sf(critical, freedom, abs(difference) / math.sqrt(variance / n)))
