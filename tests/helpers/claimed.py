"""The claims that ship, on invented populations."""

from collections.abc import Iterable
from functools import cache

import pandas as pd
from netspaces.configuration.configuration import Configuration
from netspaces.configuration.loading import load
from netspaces.studies.study import Study

from helpers.configurations import CONFIG
from helpers.invented import EPOCHS, REGIMES, curve, definition, times


@cache
def shipped() -> Configuration:
    """The configuration that ships, with all studies."""
    return load({"run_studies": "all"}, CONFIG)


MORE = ("c_fits_worse_than_d", "best_rate_times_decay", "long_third_stage", "resnet_50_by_activations", "w_m_2")


def one_per_quantity() -> list[str]:
    """The names of some claims that ship: one per quantity, one that is unmeasured, and some of other values."""
    claims = shipped().claims
    return [*{settings.get("quantity"): name for name, settings in reversed(claims.items())}.values(), *MORE]


def claims_study(names: Iterable[str], configuration: Configuration | None = None) -> Study:
    """The study of some claims, of those that ship or of another configuration, on invented populations."""
    configuration = configuration or shipped()
    claims = {name: configuration.claims[name] for name in names}
    panels = {
        name: [
            curve(of["space"], regime=of["regime"], recipe=of["recipe"], repeat=of["repeat"])
            for of in configuration.claimed_curves(name)
            if of["regime"] in REGIMES and of["recipe"] in EPOCHS  # as in a run: others are no part of it
        ]
        for name in claims
    }
    curves = {of.population: of for own in panels.values() for of in own}
    errors = {"ResNet-50": 23.8, "ResNet-101": 22.6, "ResNeXt-50": 22.2, "RegNetX-3.2GF": 21.7, "RegNetX-8.0GF": 20.7}
    evaluated = pd.DataFrame(
        {"model": list(errors), "imagenet_error": list(errors.values()), "imagenet_images": 50_000}
    ).assign(version="IMAGENET1K_V2")
    return Study(
        "paper_against_ours",
        "Claims",
        panels,
        resamples=100,
        definitions={space: definition(space) for space in {of.space for of in curves.values()}},
        preset={"dataset": {"resolution": 224}},
        inputs={name: times(of) for name, of in curves.items() if "sweep" in name} | {"evaluation": evaluated},
        claims=claims,
        published=pd.read_csv(CONFIG / "published" / "models.csv"),
    )
