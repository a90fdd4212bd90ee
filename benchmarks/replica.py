"""How often each claim is confirmed on an exact replica of the paper: what a range would have to be fair to.

    python benchmarks/replica.py                              # all claims, 200 replicas each, minutes
    python benchmarks/replica.py order w_m_2 --replicas 50    # some claims
    python benchmarks/replica.py a_b_alike --factor 10        # with ten times as many networks as the paper

A replica (`replica_laws.py`) goes through the product's own code of claims, at the level that holds for all of them
together (Bonferroni). Each claim has populations of its own. Resamples are fewer than the workflow's. Claims that the
paper makes in words only are not simulated. docs/explanation/replica.md holds the table.
"""

import argparse
import math
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "scripts")]

from netspaces.statistics.intervals import Resampling  # noqa: E402
from netspaces.statistics.widths_fit import PAPER_GRID  # noqa: E402
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, Claim, Finding  # noqa: E402
from netspaces.studies.claims.models import measure_models  # noqa: E402
from netspaces.studies.claims.populations import measure  # noqa: E402
from netspaces.studies.claims.verdicts import alone  # noqa: E402
from replica_laws import CONFIG, in_words, replica_curves, replica_models, shipped  # noqa: E402

ENOUGH = 0.8  # the share of replicas in which a fair range is confirmed


def finding_of(claim: Claim, replica: int, resamples: int, factor: float = 1) -> Finding:
    """What one replica says of a claim."""
    rng = np.random.default_rng([replica, *claim.name.encode()])
    resampling = Resampling(resamples=resamples, seed=replica)
    if claim.models:
        published = pd.read_csv(CONFIG / "published" / "models.csv")
        return measure_models(claim, published, replica_models(rng))
    value = claim.value if claim.value == "error" or claim.values else "x"
    curves = replica_curves(claim, rng, factor)
    definitions = {curve.space: shipped().spaces[curve.space] for curve in curves}
    return measure(replace(claim, value=value), curves, PAPER_GRID, resampling, definitions)


def row_of(name: str, replicas: int, resamples: int, factor: float = 1) -> dict:
    """A claim with the shares of its verdicts, or why it is not simulated."""
    claim = Claim.from_settings(name, shipped().claims[name], shipped().settings["statistics"]["margin"])
    row = {"claim": name, "published": claim.published, "low": claim.low, "high": claim.high}
    if claim.unmeasured or in_words(claim):
        return row | {"why": "no run measures it" if claim.unmeasured else "in words only"}
    findings = [finding_of(claim, replica, resamples, factor) for replica in range(replicas)]
    error = 0.05 / len(shipped().claims)  # as if no other claim were decided
    verdicts = Counter(alone(claim, finding, error) for finding in findings)
    limits = [finding.confidence.limits(error) for finding in findings if finding.confidence]
    ends = np.array([[of.low, of.estimate, of.high] for of in limits])
    low, middle, high = np.median(ends, axis=0) if len(ends) else (math.nan,) * 3
    row |= {"confirmed": verdicts[CONFIRMED] / replicas, "contradicted": verdicts[CONTRADICTED] / replicas}
    return row | {"interval_low": low, "estimate": middle, "interval_high": high}


def main() -> None:
    """A line per claim as it is done, at the end those that are confirmed in too few replicas; with --csv a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("claims", nargs="*", help="names of claims; by default all")
    parser.add_argument("--replicas", type=int, default=200)
    parser.add_argument("--resamples", type=int, default=100, help="claims make 20 times as many")
    parser.add_argument("--factor", type=float, default=1, help="networks, in those that the paper trains")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    rows = []
    for name in options.claims or shipped().claims:
        row = row_of(name, options.replicas, options.resamples, options.factor)
        rows.append(row)
        seen = row.get("why") or f"confirmed {row['confirmed']:.0%}, contradicted {row['contradicted']:.0%}"
        inside = f"; {row['interval_low']:.3g} to {row['interval_high']:.3g}" if "estimate" in row else ""
        print(f"{name}: {seen}{inside} (range {row['low']:g} to {row['high']:g})", flush=True)
    table = pd.DataFrame(rows)
    if options.csv:
        table.to_csv(options.csv, index=False, float_format="%.6g")
    unfair = table[table["confirmed"] < ENOUGH]["claim"].tolist() if "confirmed" in table else []
    print(f"confirmed in fewer than {ENOUGH:.0%} of {options.replicas} replicas: {', '.join(unfair) or 'none'}")


if __name__ == "__main__":
    main()
