"""Replicas of the paper: some of the trials of `benchmarks/replica.py`, which does all of them."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

import replica
import replica_laws

FAIR = ["best_depth", "growing_widths", "size_of_regnet", "params_law", "constrained_on_average", "efficientnet_time"]


@pytest.mark.parametrize("name", FAIR)
def test_a_replica_of_the_paper_confirms_its_claims(name):
    row = replica.row_of(name, replicas=3, resamples=60)
    assert (row["confirmed"], row["contradicted"]) == (1, 0)


def test_what_the_papers_networks_cannot_tell_is_undecided_and_what_it_does_not_print_is_not_simulated():
    row = replica.row_of("a_b_alike", replicas=3, resamples=60)
    assert (row["confirmed"], row["contradicted"]) == (0, 0) and row["interval_low"] < -1 < 1 < row["interval_high"]
    assert replica.row_of("swish_small", 1, 60)["why"] == "in words only"
    assert replica.row_of("mobile_regime", 1, 60)["why"] == "no run measures it"


def test_populations_follow_the_legends_at_the_papers_numbers():
    rng = np.random.default_rng(0)
    for population, (least, mean) in replica_laws.legends().items():
        drawn = [replica_laws.errors_of(population, rng) for _ in range(40)]
        assert np.mean([errors.mean() for errors in drawn]) == pytest.approx(mean, abs=0.4), population
        assert np.mean([errors.min() for errors in drawn]) == pytest.approx(least, abs=0.4), population
