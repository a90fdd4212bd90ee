"""What rules tell their scripts, and which entries of registries a job uses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import FIRST
from netspaces.populations.population import Population
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.limits import definition_with_limits
from netspaces.training.store import plugin_digests


def deciding(population: Population) -> dict:
    """All that decides a population's records. What populations did not have at first goes without saying."""
    without = {"dataset": FIRST, "strata": ()}
    return {key: value for key, value in vars(population).items() if key not in without or value != without[key]}


def networks_of(population: Population) -> int | list[int]:
    """How many networks of a stream a population has, from the first one on; those of two phases are named."""
    return list(population.indices) if population.strata else population.n


def run_populations(configuration: Configuration, limits: str | None) -> dict[str, Population]:
    """The populations of the default target that are our own, by name, with the limits of a file if it is there."""
    return _limited(configuration, configuration.run_populations, limits)


def trained_populations(configuration: Configuration, limits: str | None) -> dict[str, Population]:
    """The same, and the populations that are drawn in two phases, by name."""
    chosen = [curve["population"] for curve in configuration.two_phase_curves]
    return _limited(configuration, [*configuration.run_populations, *chosen], limits)


def _limited(configuration: Configuration, names: Sequence[str], limits: str | None) -> dict[str, Population]:
    """Those of some populations that are our own, with the limits of a file if it is there."""
    own = [configuration.populations[name] for name in names if name in configuration.populations]
    return {of.name: replace(of, definition=definition_with_limits(of.definition, limits)) for of in own}


def run_imported(configuration: Configuration) -> dict[str, dict]:
    """What is declared of the imported populations of the default target, by name."""
    imported = configuration.imported_populations
    return {name: dict(imported[name]) for name in configuration.run_populations if name in imported}


def plugins_of(definition: Mapping, recipe: Mapping) -> dict[str, str]:
    """The digests of those files of the user's that sampling and training some networks rest on, by name.

    Rules that carry a version instead of a digest carry these too: an edited plug-in runs its jobs again.
    """
    return FAMILIES.plugin_digests([definition["family"]]) | plugin_digests(definition["block"], recipe)


def entries_of(definitions: Sequence[Mapping]) -> dict[str, list[str]]:
    """The blocks and families of some design spaces, by kind of registry."""
    return {kind: sorted({definition[kind] for definition in definitions}) for kind in ("block", "family")}
