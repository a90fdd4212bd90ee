"""Design spaces to test with: a small one that may be changed, and the declared ones on the paper's skeleton."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import settings
from netspaces.configuration.design_spaces import complete, resolve
from netspaces.configuration.loading import load
from netspaces.configuration.yaml_files import read_yaml
from netspaces.networks.architecture import Architectures
from netspaces.networks.complexity import complexity
from netspaces.spaces.sampling import Sample, sample
from netspaces.spaces.space import Space

CONFIG = Path(__file__).parents[2] / "config"
DECLARED = read_yaml(CONFIG / "design_spaces.yaml")
IMAGENET = {
    "skeleton": {"stem": "simple", "stem_width": 32, "strides": [2, 2, 2, 2, 2]},
    "dataset": {"resolution": 224, "channels": 3, "classes": 1000},
}
MOBILE = {"flops": [360.0e6, 400.0e6]}
DIGITS = load({"preset": "digits"}, CONFIG)
OWN_REGIMES = {"EfficientNet_B2_recipe": "efficientnet_b2", "EfficientNet_B4_recipe": "efficientnet_b4"}
"""The regimes of spaces that are one network, which no other regime holds."""
laws = settings(deadline=None, derandomize=True, max_examples=50)
SMALL = {
    "family": "anynet",
    "block": "x",
    "stages": 3,
    "stem": "cifar",
    "strides": [1, 2, 2],
    "channels": 1,
    "classes": 10,
    "parameters": {
        "depth": {"distribution": "log_uniform", "low": 1, "high": 16},
        "width": {"choice": [32, 64, 128]},
        "bottleneck": {"choice": [1, 2, 4]},
        "group_width": {"choice": [1, 2, 4, 8]},
        "resolution": 8,
        "stem_width": 16,
        "se_ratio": 0,
    },
}


@cache
def imagenet(name: str) -> dict:
    """A declared design space on the paper's skeleton."""
    return complete(resolve(name, DECLARED, "design_spaces.yaml"), IMAGENET)


def small(**changes) -> dict:
    """The small design space, changed; parameters are merged."""
    return SMALL | changes | {"parameters": SMALL["parameters"] | changes.get("parameters", {})}


def drawn(definition: dict, n: int = 2000) -> dict[str, np.ndarray]:
    """Parameter values of n draws."""
    space = Space.from_definition(definition)
    return space.draw(np.random.default_rng(3).random((n, space.uniforms_per_draw)))


def networks(population: Sample) -> list[tuple]:
    """All there is to know of each network."""
    columns = population.columns()
    return list(zip(*(columns[name].tolist() for name in columns), strict=True))


@cache
def population(name: str, n: int, seed: int = 0) -> Sample:
    return sample(imagenet(name), MOBILE, seed, range(n))


N = 4000


@cache
def unordered() -> Sample:
    """A sample of the small space; without a regime every draw is accepted."""
    return sample(SMALL, {}, 0, range(N))


def every_setting(definition: dict) -> tuple[Architectures, np.ndarray]:
    """All settings of a space of choices, each as likely as any other: architectures and their flops."""
    space = Space.from_definition(definition)
    levels = [
        (np.arange(d.levels) + 0.5) / d.levels
        for name, d in space.parameters.items()
        for _ in range(space.values_per_draw(name))
    ]
    _, settings = space.build(space.draw(np.array(list(itertools.product(*levels)))))
    return settings, complexity(settings, space.channels, space.classes).flops
