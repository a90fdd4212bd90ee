"""The keys under which a population's runs are, or will be, in the store."""

from collections.abc import Mapping
from dataclasses import asdict

from netspaces.recipe import Recipe
from netspaces.records import run_key
from netspaces.spaces import Sample


def run_keys(drawn: Sample, recipe: Mapping, seed: int, dataset: str, digest: str) -> list[str]:
    """The key of each sampled network's run, as `training.train_network` names it.

    `recipe` is the configuration's, `seed` the training's, `dataset` the prepared dataset's checksum, `digest` that of
    the training code.
    """
    settings = asdict(Recipe.from_dict(recipe))
    rows = map(drawn.architectures.row, range(len(drawn.indices)))
    return [run_key(architecture, settings, seed, dataset, digest) for architecture in rows]
