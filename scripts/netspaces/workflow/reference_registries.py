"""The generated page of the entries of all registries, from what each entry says of itself."""

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path

from netspaces.configuration.yaml_files import read_yaml
from netspaces.data.options import OF_EVERY_DATASET
from netspaces.data.readers import READERS
from netspaces.figures import FIGURES
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import Layer
from netspaces.networks.metrics import METRICS
from netspaces.networks.stems import STEMS
from netspaces.plugins.registry import Registry
from netspaces.populations.importers import IMPORTERS
from netspaces.spaces.families import FAMILIES
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.claims.quantity import ModelQuantity
from netspaces.studies.covariates import COVARIATES
from netspaces.tables import TABLES
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.losses import LOSSES
from netspaces.training.mixings import MIXINGS
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.part import options_of as options_of_part
from netspaces.training.schedules import SCHEDULES
from netspaces.training.targets import TARGETS
from netspaces.workflow.reference_columns import NOTE

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    header = list(header)
    head, *body = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in [header, *rows])
    return "\n".join([head, "|" + "---|" * len(header), *body])


def default_words(value: object) -> str:
    """A default as YAML writes it; empty where there is none."""
    if value is None or isinstance(value, Mapping):
        return ""
    if value == "":
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"`[{', '.join(map(flow, value))}]`"
    return f"{value:_}" if isinstance(value, int) else str(value)


def flow(value: object) -> str:
    """A value within a list, as YAML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {part}" for key, part in value.items()) + "}"
    return str(value)


def described(registry: Registry, name: str) -> str:
    """What an entry is: its `description`, or the first paragraph of its module's docstring."""
    if registry.kind in ("figure", "table"):  # functions, whose modules are not imported for this
        return re.sub(r"^(Figure|Table) \d+: ", "", summary(registry.modules[name]))  # names have the numbers
    description = getattr(registry[name], "description", "")
    return description if isinstance(description, str) and description else summary(registry.modules[name])


def summary(module: str) -> str:
    """The first paragraph of a module's docstring, read without importing the module."""
    source = ROOT.joinpath("scripts", *module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    return " ".join((ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].split())


def registry_list(registry: Registry) -> str:
    """The library's entries of a registry."""
    return "\n".join(f"- `{name}`: {described(registry, name)}" for name in registry.modules)


def blocks_table() -> str:
    """The blocks with the parameters that they have beside depth and width."""
    rows = [
        (f"`{name}`", BLOCKS[name].description, ", ".join(f"`{parameter}`" for parameter in BLOCKS[name].parameters))
        for name in BLOCKS.modules
    ]
    return table(("name", "description", "parameters beside depth and width"), rows)


def layers_table() -> str:
    """The kinds of layers that blocks are made of, with their own fields and what they count."""
    rows = []
    for kind in Layer.__subclasses__():
        if kind.__module__ == Layer.__module__:
            own = [each for each in fields(kind) if each.name not in {shared.name for shared in fields(Layer)}]
            words = [f"`{each.name}`{'' if each.default is MISSING else f' ({each.default})'}" for each in own]
            meaning, counts = (inspect.cleandoc(of.__doc__ or "").split("\n\n")[0] for of in (kind, kind.count))
            rows.append((f"`{kind.__name__}`", " ".join(meaning.split()), ", ".join(words), " ".join(counts.split())))
    return table(("kind", "meaning", "fields (default)", "counts"), rows)


def readers_table() -> str:
    """The readers with their options and the defaults of these."""
    rows = []
    for name in READERS.modules:
        parameters = inspect.signature(READERS[name].read).parameters.values()
        options = [option_words(option) for option in parameters if option.name not in OF_EVERY_DATASET]
        rows.append((f"`{name}`", described(READERS, name), ", ".join(options)))
    return table(("name", "description", "options"), rows)


def option_words(option: inspect.Parameter) -> str:
    """An option of a reader or of a part of training, with its default if it has one."""
    if option.default is option.empty:
        return f"`{option.name}`"
    return f"`{option.name}` ({default_words(option.default) or 'none'})"


def quantities_list() -> str:
    """The quantities of claims, with the populations or models that each takes and the further keys that it needs."""
    items = []
    for name in QUANTITIES.modules:
        quantity = QUANTITIES[name]
        if isinstance(quantity, ModelQuantity):
            takes = f"models: {quantity.models}"
        else:
            needs = [f"`{key}`, {words}" for key, words in quantity.needs.items()]
            takes = "; ".join([f"populations: {number_words(quantity.fewest, quantity.most)}", *needs])
        items.append(f"- `{name}` ({takes}): {summary(QUANTITIES.modules[name])}")
    return "\n".join(items)


def number_words(fewest: int, most: float) -> str:
    """A number that may vary: 2, 1 or more."""
    return str(fewest) if fewest == most else f"{fewest} or more"


def parts_list(registry: Registry, names: Iterable[str] = ()) -> str:
    """The parts of training in a registry with their options and the defaults of these."""
    items = []
    for name in names or registry.modules:
        options = ", ".join(map(option_words, options_of_part(registry[name]).values()))
        items.append(f"- `{name}`{f' (options: {options})' if options else ''}: {described(registry, name)}")
    return "\n".join(items)


def augmentations_list() -> str:
    """The operations of augmentation in the order in which they are applied."""
    return parts_list(AUGMENTATIONS, sorted(AUGMENTATIONS.modules, key=lambda name: AUGMENTATIONS[name].place))


def named_recipes_list() -> str:
    """The recipes of papers with their sources and with what they leave out."""
    items = []
    for name, each in read_yaml(CONFIG / "recipes.yaml").items():
        items.append(f"- `{name}`: {each['description']}. Source: {each['source']}. Left out: {each['leaves_out']}.")
    return "\n".join(items)


def registries_page() -> str:
    """The page of all registries."""
    parts = [
        "# Registries",
        NOTE,
        "Each entry is one file. A file of your own joins a registry by `plugins: [my/file.py]` in the configuration; "
        "[CONTRIBUTING.md](../../CONTRIBUTING.md) says for each kind what the file holds.",
        "## Blocks",
        blocks_table(),
        "## Layers",
        "What [blocks](../how-to/own_block.md#layers) are made of: classes of `netspaces.networks.layers`. All have "
        "`name`, `inputs`, `outputs`, `stride` (1) and `present` (True).",
        layers_table(),
        "## Stems",
        "\n".join(f"- `{name}`: {stem.description}" for name, stem in STEMS.items()),
        "## Metrics",
        "\n".join(f"- `{name}` ({metric.unit}): {metric.description}" for name, metric in METRICS.items()),
        "## Families",
        registry_list(FAMILIES),
        "## Readers",
        readers_table(),
        *recipe_sections(),
        "## Import formats",
        registry_list(IMPORTERS),
        "## Claim quantities",
        quantities_list(),
        "## Covariates",
        registry_list(COVARIATES),
        "## Figures",
        registry_list(FIGURES),
        "## Tables",
        registry_list(TABLES),
    ]
    return "\n\n".join(parts) + "\n"


def recipe_sections() -> list[str]:
    """What recipes are made of, and the recipes of papers."""
    return [
        "## Augmentations",
        augmentations_list(),
        "## Mixings",
        parts_list(MIXINGS),
        "## Targets",
        parts_list(TARGETS),
        "## Losses",
        parts_list(LOSSES),
        "## Optimisers",
        parts_list(OPTIMISERS),
        "## Schedules",
        parts_list(SCHEDULES),
        "## Named recipes",
        "What the key [`extends`](configuration.md#recipes) of a recipe may name beside another recipe of the preset: "
        "`config/recipes.yaml`, where each has a `description`, its `source`, what it `leaves_out`, and the `recipe`. "
        "They are for ImageNet; a learning rate belongs to its batch size.",
        named_recipes_list(),
    ]
