"""Configuration: design spaces, studies and a preset, read, checked and resolved into populations.

Everything that is wrong is said in one line that names the file, the key and what was expected, before any job starts.
Nothing is sampled here: reading the configuration is cheap, since every job of the workflow repeats it.
"""

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import numpy as np

from netspaces.readers import complaint
from netspaces.settings import ConfigError, Layers, Schemas, merge, merge_space, merge_spaces, read_yaml
from netspaces.spaces import Space, decide
from netspaces.torchvision_weights import NAMES

CURVE = {"regime": "base", "recipe": "short", "repeat": 0}
OWN = "own"  # the chapter of a study that names none: those that a user adds
COMMAND_LINE = "command line (--config, --configfile)"


@dataclass(frozen=True)
class Population:
    """n architectures of one design space in one regime, to be trained with one recipe."""

    name: str
    space: str
    definition: Mapping
    regime: Mapping
    recipe: Mapping
    n: int
    seed: int
    repeat: int = 0

    @property
    def training_seed(self) -> int:
        """The seed of weights, order and augmentation: another for each repetition of the same networks."""
        return self.seed + self.repeat

    def shards(self, models_per_job: int) -> dict[str, list[int]]:
        """The indices each training job trains, by the job's name: `00007`, or `00000-00024` for 25 networks."""
        starts = range(0, self.n, models_per_job)
        groups = [list(range(start, min(start + models_per_job, self.n))) for start in starts]
        return {f"{g[0]:05d}" if models_per_job == 1 else f"{g[0]:05d}-{g[-1]:05d}": g for g in groups}


@dataclass(frozen=True)
class Configuration:
    """The checked configuration of one preset."""

    settings: Mapping
    spaces: Mapping[str, Mapping]
    studies: Mapping[str, Mapping]

    @property
    def preset(self) -> str:
        """The name of the preset."""
        return self.settings["preset"]

    def curves(self, study: str) -> dict[str, list[dict]]:
        """The panels of a study; each curve with space, regime, recipe, repeat, label and population."""
        panels = {}
        for panel, curves in self.studies[study].get("panels", {}).items():
            curves = ({"space": curve} if isinstance(curve, str) else curve for curve in curves)
            panels[panel] = [CURVE | {"label": curve["space"]} | curve for curve in curves]
            for curve in panels[panel]:
                repeat = [f"r{curve['repeat']}"] if curve["repeat"] else []
                curve["population"] = "-".join([*(curve[part] for part in ("space", "regime", "recipe")), *repeat])
        return panels

    @cached_property
    def populations(self) -> dict[str, Population]:
        """Every population that a study of this preset asks for, by name."""
        return self._populations_of(self.available_studies)

    @cached_property
    def run_populations(self) -> list[str]:
        """The populations of the default target."""
        return list(self._populations_of(self.run_studies))

    def _populations_of(self, studies: Iterable[str]) -> dict[str, Population]:
        found = {}
        for curve in (curve for study in studies for curves in self.curves(study).values() for curve in curves):
            name = curve["population"]
            found[name] = Population(
                name=name,
                space=curve["space"],
                definition={k: v for k, v in self.spaces[curve["space"]].items() if k != "description"},
                regime=self.settings["regimes"][curve["regime"]],
                recipe=self.settings["recipes"][curve["recipe"]],
                n=self.size_of(name),
                seed=self.settings["seed"],
                repeat=curve["repeat"],
            )
        return found

    def size_of(self, population: str) -> int:
        """Networks of a population: what the first name or pattern of `population_sizes` that fits it says."""
        sizes = self.settings.get("population_sizes", {})
        fitting = (n for pattern, n in sizes.items() if fnmatchcase(population, pattern))
        return next(fitting, self.settings["population_size"])

    @cached_property
    def available_studies(self) -> list[str]:
        """The studies whose regimes and recipes this preset has."""
        regimes, recipes = self.settings["regimes"], self.settings["recipes"]
        curves = {study: [c for panel in self.curves(study).values() for c in panel] for study in self.studies}
        has = lambda curve: curve["regime"] in regimes and curve["recipe"] in recipes
        trained = lambda study: "final" in recipes or not self.studies[study].get("finals")
        return [study for study in self.studies if trained(study) and all(map(has, curves[study]))]

    @cached_property
    def run_studies(self) -> list[str]:
        """The studies of the default target, in the order of studies.yaml; `run_studies` names studies or chapters."""
        wanted = self.settings["run_studies"]
        chapters = {study: content.get("chapter", OWN) for study, content in self.studies.items()}
        return [study for study in self.studies if wanted == "all" or {study, chapters[study]}.intersection(wanted)]


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
    configuration = Configuration(layers.settings, spaces, studies)
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
    whole = {key: value for key, value in layers.settings.items() if key != "studies"}  # those add to studies.yaml
    schemas.check(whole, "config.schema.yaml", layers)
    _check_settings(layers)
    return layers


def _check_settings(layers: Layers) -> None:
    """Check what the schema cannot: names that become part of file names, intervals, the dataset's own options."""
    for kind in ("regimes", "recipes"):
        for name in layers.settings[kind]:
            if not re.fullmatch("[A-Za-z0-9_]+", name):
                raise ConfigError(f"{layers.source(kind, name)}: {kind}: got {name!r}, expected letters, digits and _")
    for name, regime in layers.settings["regimes"].items():
        for metric, (low, high) in regime.items():
            if not 0 < low < high:
                where = f"{layers.source('regimes', name, metric)}: regimes.{name}.{metric}"
                raise ConfigError(f"{where}: got [{low:g}, {high:g}], expected 0 < low < high")
    _check_dataset(layers)
    for model in layers.settings.get("evaluation", {}).get("models", []):
        if model not in NAMES:
            where = f"{layers.source('evaluation', 'models')}: evaluation.models"
            raise ConfigError(f"{where}: got {model!r}, expected of {', '.join(NAMES)}")


def _check_dataset(layers: Layers) -> None:
    if found := complaint(layers.settings["dataset"]):
        key, message = found
        raise ConfigError(f"{layers.source('dataset', key)}: {message}")


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
            for curve, (kind, known) in itertools.product(curves, wanted.items()):
                if curve[kind] not in known:
                    where = f"{source}: {study}.panels.{panel}"
                    raise ConfigError(f"{where}: unknown {kind} {curve[kind]!r}, expected one of {', '.join(known)}")
    for pattern in settings.get("population_sizes", {}):
        if not set("*?[").intersection(pattern) and pattern not in configuration.populations:
            source = layers.source("population_sizes", pattern)
            raise ConfigError(f"{source}: population_sizes: {pattern!r} is the name of no population")
