"""Sum of means, each times its weight."""

from collections.abc import Sequence

from netspaces.statistics.bootstrap_tails import weighted_means
from netspaces.statistics.confidence import Confidence, student, wider
from netspaces.statistics.cross_fitting import Predicted
from netspaces.statistics.intervals import Resampling, satterthwaite
from netspaces.statistics.means import sum_of_means
from netspaces.statistics.regression_estimate import regression_mean
from netspaces.studies.claims.claim import Claim
from netspaces.studies.claims.quantity import MANY, Networks, PopulationQuantity


def contrast(samples: Sequence[Networks], weights: Sequence[float]) -> Confidence:
    """The wider of the bootstrap's limits, which are fair to skewed errors, and Welch's t, fair to few networks.

    Of networks with predictions it is the contrast of regression estimates.
    """
    predicted = [networks.predicted for networks in samples if networks.predicted is not None]
    if len(predicted) == len(samples):
        return regression_contrast(predicted, weights)
    return sum_of_means([networks.value for networks in samples], weights)


def regression_contrast(predicted: Sequence[Predicted], weights: Sequence[float]) -> Confidence:
    """The contrast of regression estimates: limits as of plain means, of what predictions got wrong.

    What the untrained sample adds to the variance, a hundredth of it or so, is in Welch's t.
    """
    means = [regression_mean(of) for of in predicted]
    estimate = sum(weight * mean.estimate for weight, mean in zip(weights, means, strict=True))
    left = [of.errors - mean.factor * of.fitted for of, mean in zip(predicted, means, strict=True)]
    bootstrap = weighted_means(left, weights)
    moved = estimate - bootstrap.estimate
    shifted = Confidence(estimate, lambda e: bootstrap.lower(e) + moved, lambda e: bootstrap.upper(e) + moved)
    variances = [weight**2 * mean.error**2 for weight, mean in zip(weights, means, strict=True)]
    if not any(variances):
        return Confidence.point(estimate)
    error, freedom = satterthwaite(variances, [mean.freedom for mean in means])
    return wider(student(estimate, error, freedom), shifted)


def differences(samples: Sequence[Networks]) -> list[Confidence]:
    """The means of the first half of the populations minus those of the second."""
    return [contrast(pair, (1.0, -1.0)) for pair in halves(samples)]


def halves(samples: Sequence[Networks]) -> list[tuple[Networks, Networks]]:
    """The populations of the first half, each with that of its place in the second half."""
    half = len(samples) // 2
    return list(zip(samples[:half], samples[half:], strict=True))


def measure(samples: Sequence[Networks], claim: Claim, resampling: Resampling) -> Confidence:
    """The contrast of the claim's weights."""
    return contrast(samples, claim.weights)


QUANTITY = PopulationQuantity(measure, fewest=2, most=MANY, needs={"weights": "one per population"}, resampled=False)
