"""Claims on populations whose truth is known."""

import math

import numpy as np
import pandas as pd
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.widths_fit import PAPER_GRID
from netspaces.studies.claims.claim import (
    Claim,
    Finding,
)
from netspaces.studies.claims.populations import measure
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.claims.quantity import ModelQuantity, PopulationQuantity
from netspaces.studies.claims.verdicts import alone
from netspaces.studies.study import Curve

INFINITE = math.inf
FEW = Resampling(resamples=40)  # of which claims make twenty times as many
SAMPLED = [name for name, quantity in QUANTITIES.items() if isinstance(quantity, PopulationQuantity)]
OF_POPULATIONS = [name for name, quantity in QUANTITIES.items() if not isinstance(quantity, ModelQuantity)]
KEYS = {
    "contrast": {"weights": (1.0, -1.0)},
    "strongest_correlation": {"values": ("depth",)},
    "correlation": {"against": ("depth",)},
}


def claim(quantity: str, low: float = -INFINITE, high: float = INFINITE, **more) -> Claim:
    return Claim("name", "words", "figure", quantity, low, high, **more)


def curve(errors, name: str = "Space", planned: int | None = None, **columns) -> Curve:
    table = pd.DataFrame({"error_min": np.asarray(errors, float)} | columns).assign(status="finished")
    return Curve(name, name, f"{name}-base-short", table, len(table) if planned is None else planned)


def measured(claim: Claim, *curves: Curve, resampling: Resampling = FEW) -> Finding:
    return measure(claim, curves, PAPER_GRID, resampling)


def found(claim: Claim, *curves: Curve, claims: int = 1, resampling: Resampling = FEW) -> Interval:
    """The two-sided interval that holds for several claims at once."""
    confidence = measured(claim, *curves, resampling=resampling).confidence
    assert confidence is not None
    return confidence.interval(resampling.simultaneous(claims).level)


def verdict(claim: Claim, finding: Finding, claims: int = 1) -> str:
    return alone(claim, finding, 0.05 / claims)


def judged(claim: Claim, *curves: Curve, claims: int = 1, resampling: Resampling = FEW) -> str:
    return verdict(claim, measured(claim, *curves, resampling=resampling), claims)


def population(mean: float, n: int = 100, seed: int = 0, spread: float = 4.0) -> np.ndarray:
    return mean - 2 * spread + spread * np.random.default_rng(seed).gamma(2.0, 1.0, n)


def regimes(exponent: float, value: str = "depth", best: float = 20.0) -> list[Curve]:
    """Seven regimes in which the best networks have value = best * (flops / middle)^exponent, others half or double."""
    curves = []
    for i in range(7):
        rng, flops = np.random.default_rng(i), 1e6 * 2.0**i
        off = rng.uniform(-1, 1, 60)
        values = best * 2.0 ** (exponent * (i - 3)) * 2.0**off
        columns = {value: values, "flops": flops * rng.uniform(0.9, 1, 60)}
        curves.append(curve(30 + 20 * np.abs(off) + rng.normal(0, 0.1, 60), f"Space{i}", **columns))
    return curves
