"""The random numbers of a run: every one comes from a generator that is seeded by (seed of the run, purpose, ...).

So a run is a pure function of its architecture, recipe, seed and dataset, and one that is killed and resumed ends in
the same numbers.
"""

import numpy as np
import torch

from netspaces.networks.architecture import Architecture, architecture_key

WEIGHTS, ORDER, AUGMENTATION, TARGET, MIXING, DROPPING = range(6)
"""Purposes. Beside them a generator is seeded by: nothing; the epoch; epoch and place of the operation; the epoch; the
epoch; epoch and step."""


def run_seed(architecture: Architecture, seed: int) -> int:
    """The seed of one run: it differs between networks of a population and not between populations."""
    return int(architecture_key(architecture), 16) ^ seed


def generator(seed: int, *purpose: int) -> torch.Generator:
    """A CPU generator of its own for each purpose of a run."""
    state = np.random.SeedSequence(seed, spawn_key=purpose).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def numpy_generator(seed: int, *purpose: int) -> np.random.Generator:
    """As `generator`, for distributions that torch cannot draw from a generator of its own."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=purpose))
