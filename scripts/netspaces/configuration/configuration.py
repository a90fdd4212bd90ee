"""Configuration: design spaces, studies and a preset, read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
Nothing is sampled here: reading the configuration is cheap, since every job of the workflow repeats it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import numpy as np

from netspaces.configuration.datasets import dataset_of, fault, trained_recipe
from netspaces.configuration.settings import ConfigError, Layers, Schemas, merge, merge_space, merge_spaces, read_yaml
from netspaces.populations.population import Population
from netspaces.published.torchvision_weights import NAMES
from netspaces.spaces.limits import takes_limits
from netspaces.spaces.sampling import decide
from netspaces.spaces.space import Space

CURVE = {"regime": "base", "recipe": "short", "repeat": 0}
LIMITS = ("fig12_complexity", "best")  # the study and panel whose populations limits on complexity are derived from
IMPORTED = "imported"  # what stands for the regime in the name of a population that is read from a file
OWN = "own"  # the chapter of a study that names none: those that a user adds
COMMAND_LINE = "command line (--config, --configfile)"


@dataclass(frozen=True)
class Configuration:
    """The checked configuration of one preset."""

    settings: Mapping
    spaces: Mapping[str, Mapping]
    studies: Mapping[str, Mapping]
    claims: Mapping[str, Mapping] = field(default_factory=dict)

    @property
    def preset(self) -> str:
        """The name of the preset."""
        return self.settings["preset"]

    def curves(self, study: str) -> dict[str, list[dict]]:
        """The panels of a study; each curve with space, regime, recipe, repeat, label and population."""
        panels, imported = self.studies[study].get("panels", {}), self.settings.get("imported", {})
        return {panel: [complete_curve(curve, imported) for curve in curves] for panel, curves in panels.items()}

    def claimed_curves(self, claim: str) -> list[dict]:
        """The populations that a claim speaks of, as curves; its regime and recipe count for those that name none."""
        content = self.claims[claim]
        shared = {key: content[key] for key in ("regime", "recipe") if key in content}
        imported = self.settings.get("imported", {})
        return [complete_curve(curve, imported, shared) for curve in content.get("populations", [])]

    @cached_property
    def run_claims(self) -> dict[str, list[dict]]:
        """By claim, those of its populations that are part of the default target, as curves."""
        run, curves = set(self.run_populations), {claim: self.claimed_curves(claim) for claim in self.claims}
        return {claim: [curve for curve in own if curve["population"] in run] for claim, own in curves.items()}

    @cached_property
    def populations(self) -> dict[str, Population]:
        """Every population that a study of this preset asks for, by name."""
        return self._populations_of(self.available_studies)

    @cached_property
    def run_populations(self) -> list[str]:
        """The populations of the default target, imported ones too."""
        return list(dict.fromkeys(curve["population"] for curve in self._curves_of(self.run_studies)))

    @cached_property
    def imported_populations(self) -> dict[str, Mapping]:
        """By population, what is declared of those that are read from files."""
        curves = [curve for curve in self._curves_of(self.available_studies) if "imported" in curve]
        return {curve["population"]: self.settings["imported"][curve["imported"]] for curve in curves}

    def _curves_of(self, studies: Iterable[str]) -> list[dict]:
        return [curve for study in studies for curves in self.curves(study).values() for curve in curves]

    def _populations_of(self, studies: Iterable[str]) -> dict[str, Population]:
        found = {}
        for curve in self._curves_of(studies):
            if "imported" in curve:
                continue
            name, recipe = curve["population"], self.settings["recipes"][curve["recipe"]]
            found[name] = Population(
                name=name,
                space=curve["space"],
                definition={k: v for k, v in self.spaces[curve["space"]].items() if k != "description"},
                regime=self.settings["regimes"][curve["regime"]],
                recipe=trained_recipe(recipe),
                n=self.size_of(name),
                seed=self.settings["seed"],
                repeat=curve["repeat"],
                dataset=dataset_of(recipe),
            )
        return found

    def size_of(self, population: str) -> int:
        """Networks of a population: its own entry in `population_sizes`, or the last pattern there that fits it."""
        sizes = self.settings.get("population_sizes", {})
        fitting = [n for pattern, n in sizes.items() if fnmatchcase(population, pattern)]
        return sizes.get(population, [self.settings["population_size"], *fitting][-1])

    @cached_property
    def available_studies(self) -> list[str]:
        """The studies whose regimes and recipes this preset has, and the limits that their design spaces take."""
        return [s for s in self.studies if self._can_plan(s) and (self.limit_populations or not self.limited_spaces(s))]

    def limited_spaces(self, study: str) -> list[str]:
        """The design spaces of a study that take limits on complexity from other populations."""
        return sorted(space for space in self._used(study, "space") if takes_limits(self.spaces[space]))

    @cached_property
    def limit_populations(self) -> list[str]:
        """The populations that limits on complexity are derived from; none if this preset does not have them."""
        study, panel = LIMITS
        possible = study in self.studies and self._can_plan(study)
        return [curve["population"] for curve in self.curves(study)[panel]] if possible else []

    def _can_plan(self, study: str) -> bool:
        if self.studies[study].get("finals") and "final" not in self.settings["recipes"]:
            return False
        known = (("regime", self.settings["regimes"]), ("recipe", self.settings["recipes"]))
        return all(self._used(study, kind) <= set(names) for kind, names in known)

    def _used(self, study: str, kind: str) -> set[str]:
        """The spaces, regimes or recipes of a study's curves."""
        return {curve[kind] for curve in self._curves_of([study]) if IMPORTED not in curve}

    @cached_property
    def chapters(self) -> dict[str, list[str]]:
        """The available studies by chapter."""
        chapters: dict[str, list[str]] = {}
        for study in self.available_studies:
            chapters.setdefault(self.studies[study].get("chapter", OWN), []).append(study)
        return chapters

    @cached_property
    def run_studies(self) -> list[str]:
        """The studies of the default target, in the order of studies.yaml; `run_studies` names studies or chapters."""
        wanted = self.settings["run_studies"]
        chapters = {study: content.get("chapter", OWN) for study, content in self.studies.items()}
        return [study for study in self.studies if wanted == "all" or {study, chapters[study]}.intersection(wanted)]


def complete_curve(curve: str | Mapping, imported: Mapping[str, Mapping], shared: Mapping | None = None) -> dict:
    """A curve with all its keys, and the name of its population; `shared` holds keys of all curves beside it.

    An imported population (one of `imported`, by name) has a format where others have a recipe.
    """
    curve = {"space": curve} if isinstance(curve, str) else curve
    if "imported" in curve:
        name = curve["imported"]
        origin = {"space": name, "regime": IMPORTED, "recipe": imported.get(name, {}).get("format", "")}
        curve = origin | dict(curve)
    curve = CURVE | {"label": curve["space"]} | (shared or {}) | curve
    repeat = [f"r{curve['repeat']}"] if curve["repeat"] else []
    return curve | {"population": "-".join([*(curve[part] for part in ("space", "regime", "recipe")), *repeat])}


def resolve(name: str, declared: Mapping[str, Mapping], source: object) -> dict:
    """Follow `extends` from the root down; raises ConfigError for an unknown base or a circle."""
    chain, current = [], name
    while current is not None:
        if current not in declared:
            raise ConfigError(f"{source}: {chain[-1]}.extends: unknown design space {current!r}")
        if current in chain:
            raise ConfigError(f"{source}: {name}.extends: goes round in a circle ({' -> '.join([*chain, current])})")
        chain.append(current)
        current = declared[current].get("extends")
    resolved: dict = {}
    for ancestor in reversed(chain):
        resolved = merge_space(resolved, declared[ancestor])
    resolved.pop("extends", None)
    return resolved | {"name": name, "description": declared[name].get("description", "")}


def complete(definition: Mapping, settings: Mapping) -> dict:
    """Add to a design space what the preset says: skeleton, and the images' resolution, channels and classes."""
    skeleton, dataset = settings["skeleton"], settings["dataset"]
    defaults = {"resolution": dataset["resolution"], "stem_width": skeleton["stem_width"], "se_ratio": 0.0}
    whole = {
        "stem": skeleton["stem"],
        "strides": skeleton["strides"],
        "channels": dataset["channels"],
        "classes": dataset["classes"],
        "stages": 4,
        "block": "x",
    }
    return whole | dict(definition) | {"parameters": defaults | dict(definition.get("parameters", {}))}


def load(given: Mapping, folder: str | Path = "config") -> Configuration:
    """Read and check the configuration in `folder`; `given`, the command line's, wins. Raises ConfigError."""
    folder = Path(folder)
    schemas = Schemas(folder / "schemas")
    layers = _read_settings(given, folder, schemas)
    spaces = _read_spaces(layers, folder / "design_spaces.yaml", schemas)
    studies = read_yaml(folder / "studies.yaml")
    schemas.check(studies, "studies.schema.yaml", str(folder / "studies.yaml"))
    studies = merge(studies, layers.settings.get("studies", {}))
    schemas.check(studies, "studies.schema.yaml", f"{layers.source('studies')}: studies")
    claims = read_yaml(folder / "claims.yaml")
    schemas.check(claims, "claims.schema.yaml", str(folder / "claims.yaml"))
    claims = merge(claims, layers.settings.get("claims", {}))
    schemas.check(claims, "claims.schema.yaml", f"{layers.source('claims')}: claims")
    configuration = Configuration(layers.settings, spaces, studies, claims)
    _check_references(configuration, layers, folder / "studies.yaml")
    return configuration


def _read_settings(given: Mapping, folder: Path, schemas: Schemas) -> Layers:
    given = json.loads(json.dumps(given, default=str))  # keys are text, as in files
    general = read_yaml(folder / "config.yaml")
    preset = given.get("preset", general.get("preset"))
    path = folder / "presets" / f"{preset}.yaml"
    if not path.exists() and "dataset" not in given:
        source = COMMAND_LINE if "preset" in given else folder / "config.yaml"
        known = ", ".join(sorted(file.stem for file in (folder / "presets").glob("*.yaml")))
        raise ConfigError(f"{source}: preset: got {preset!r}, expected one of {known}")
    from_file, source = (read_yaml(path), str(path)) if path.exists() else ({}, f"{path} (no such file)")
    if from_file.get("preset", preset) != preset:
        raise ConfigError(f"{path}: preset: got {from_file['preset']!r}, expected the file's name {preset!r}")
    layers = {COMMAND_LINE: given, source: from_file, str(folder / "config.yaml"): general}
    for source, content in layers.items():
        schemas.check(content, "config.schema.yaml", source, partial=True)
    layers = Layers(layers)
    whole = {key: value for key, value in layers.settings.items() if key not in ("studies", "claims")}  # add to files
    schemas.check(whole, "config.schema.yaml", layers)
    _check_settings(layers)
    return layers


def _check_settings(layers: Layers) -> None:
    """Check what the schema cannot: names that become part of file names, intervals, the dataset's own options."""
    for kind in ("regimes", "recipes"):
        for name in layers.settings[kind]:
            if not re.fullmatch("[A-Za-z0-9_]+", name) or name == IMPORTED:
                where, but = f"{layers.source(kind, name)}: {kind}", f", not {IMPORTED}" if name == IMPORTED else ""
                raise ConfigError(f"{where}: got {name!r}, expected letters, digits and _{but}")
    for name, regime in layers.settings["regimes"].items():
        for metric, (low, high) in regime.items():
            if not 0 < low < high:
                where = f"{layers.source('regimes', name, metric)}: regimes.{name}.{metric}"
                raise ConfigError(f"{where}: got [{low:g}, {high:g}], expected 0 < low < high")
    if found := fault(layers.settings):
        path, message = found
        raise ConfigError(f"{layers.source(*path)}: {message}")
    for model in layers.settings.get("evaluation", {}).get("models", []):
        if model not in NAMES:
            where = f"{layers.source('evaluation', 'models')}: evaluation.models"
            raise ConfigError(f"{where}: got {model!r}, expected of {', '.join(NAMES)}")


def _read_spaces(layers: Layers, file: Path, schemas: Schemas) -> dict[str, dict]:
    declared, settings = read_yaml(file), layers.settings
    schemas.check(declared, "design_spaces.schema.yaml", str(file))
    sources = dict.fromkeys(declared, str(file))
    for name in settings.get("design_spaces", {}):
        source = layers.source("design_spaces", name)
        sources[name] = f"{file}, changed by {source}" if name in declared else f"{source}: design_spaces"
    declared = merge_spaces(declared, settings.get("design_spaces", {}))
    return {name: _checked_space(name, declared, settings, source) for name, source in sources.items()}


def _checked_space(name: str, declared: Mapping, settings: Mapping, source: str) -> dict:
    definition = resolve(name, declared, source)
    for key in ("family", "parameters"):
        if key not in definition:
            raise ConfigError(f"{source}: {name}: missing key {key!r}, stated neither here nor in a space it extends")
    definition = complete(definition, settings)
    if len(definition["strides"]) < definition["stages"]:
        strides = f"at most the {len(definition['strides'])} of strides"
        raise ConfigError(f"{source}: {name}.stages: got {definition['stages']}, expected {strides}")
    try:
        space = Space.from_definition(definition)
        if space.constraints:  # a few draws show whether they speak of what there is
            decide(space, {}, np.random.default_rng(0).random((8, space.uniforms_per_draw)))
    except ValueError as error:
        raise ConfigError(f"{source}: {name}: {error}") from None
    return definition


def _check_references(configuration: Configuration, layers: Layers, file: Path) -> None:
    settings = configuration.settings
    chapters = dict.fromkeys(content.get("chapter", OWN) for content in configuration.studies.values())
    known = ["all", *chapters, *([] if OWN in chapters else [OWN]), *configuration.studies]
    for name in [] if settings["run_studies"] == "all" else settings["run_studies"]:
        if name not in known:
            expected = ", ".join(known)
            raise ConfigError(f"{layers.source('run_studies')}: run_studies: got {name!r}, expected of {expected}")
    for study, content in configuration.studies.items():
        changed = study in settings.get("studies", {})
        source = f"{layers.source('studies', study)}: studies" if changed else file
        for space in content.get("sizes_of", []):
            if space not in configuration.spaces:
                raise ConfigError(f"{source}: {study}.sizes_of: unknown design space {space!r}")
        if content.get("finals") and study in configuration.run_studies and "final" not in settings["recipes"]:
            raise ConfigError(f"{source}: {study}.finals: the preset has no recipe 'final', expected one")
        for panel, curves in configuration.curves(study).items():
            wanted = {"space": configuration.spaces}
            if study in configuration.run_studies:
                wanted |= {"regime": settings["regimes"], "recipe": settings["recipes"]}
            for curve in curves:
                _check_curve(curve, wanted, settings, f"{source}: {study}.panels.{panel}")
    for claim in configuration.claims:
        changed = claim in settings.get("claims", {})
        source = f"{layers.source('claims', claim)}: claims" if changed else file.with_name("claims.yaml")
        for curve in configuration.claimed_curves(claim):
            _check_curve(curve, {"space": configuration.spaces}, settings, f"{source}: {claim}.populations")
    _check_limits(configuration)
    for pattern in settings.get("population_sizes", {}):
        if not set("*?[").intersection(pattern) and pattern not in configuration.populations:
            source = layers.source("population_sizes", pattern)
            raise ConfigError(f"{source}: population_sizes: {pattern!r} is the name of no population")


def _check_limits(configuration: Configuration) -> None:
    """Check that the populations that limits are derived from are there, and take none themselves."""
    source = LIMITS[0]
    for study in configuration.run_studies:
        if (spaces := configuration.limited_spaces(study)) and study not in configuration.available_studies:
            where = f"preset {configuration.preset}: {study}: {spaces[0]}.constraints_from"
            raise ConfigError(f"{where}: its limits need the regimes and recipes of {source}; expected none here")
    if configuration.limit_populations and (spaces := configuration.limited_spaces(source)):
        where = f"{source}.panels.{LIMITS[1]}: {spaces[0]}"
        raise ConfigError(f"{where} takes its limits from this study, expected design spaces that take none")


def _check_curve(curve: Mapping, wanted: Mapping[str, Iterable[str]], settings: Mapping, where: str) -> None:
    """Raise ConfigError if a curve names what there is not; `wanted`: the names that there are, by kind."""
    for kind, known in ({IMPORTED: settings.get(IMPORTED, {})} if IMPORTED in curve else wanted).items():
        if curve[kind] not in known:
            expected = f"one of {', '.join(known)}" if known else f"a key of {kind}"
            raise ConfigError(f"{where}: unknown {kind} {curve[kind]!r}, expected {expected}")
