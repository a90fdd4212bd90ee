"""The keys under which a population's runs are, or will be, in the store."""

from collections.abc import Mapping
from dataclasses import asdict

from netspaces.spaces.sampling import Sample
from netspaces.training.recipe import Recipe
from netspaces.training.records import run_key


def run_keys(drawn: Sample, recipe: Mapping, seed: int, dataset: str, digest: str) -> list[str]:
    """The key of each sampled network's run, as `training.train_network` names it.

    `recipe` is the configuration's, to which sampled values are added, `seed` the training's, `dataset` the prepared
    dataset's checksum, `digest` that of the training code.
    """
    settings = lambda row: asdict(Recipe.from_dict({**recipe, **drawn.recipe(row)}))
    rows = range(len(drawn.indices))
    return [run_key(drawn.architectures.row(row), settings(row), seed, dataset, digest) for row in rows]
