"""The generated pages of the documentation: configuration keys, the entries of all registries, and the Python API.

    python -m netspaces.workflow.reference docs/reference      # `make docs`

The pages follow from the schemas (`markdownDescription`, `default`), from config/config.yaml, from the defaults of the
recipe and from the registries, so that no list is written twice; `reference_columns` writes those of figures' and
tables' columns. A test fails when the committed pages are not what this module gives. It lives in `workflow`, the last
package, because it reads all others.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import netspaces
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import read_yaml
from netspaces.cost.coefficients import DEFAULTS
from netspaces.data.options import OF_EVERY_DATASET
from netspaces.data.readers import READERS
from netspaces.figures import FIGURES
from netspaces.files.safe import write_text
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import Layer
from netspaces.networks.metrics import METRICS
from netspaces.networks.stems import STEMS
from netspaces.plugins.registry import Registry
from netspaces.populations.importers import IMPORTERS
from netspaces.spaces.families import FAMILIES
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.claims.quantity import ModelQuantity
from netspaces.tables import TABLES
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.losses import LOSSES
from netspaces.training.mixings import MIXINGS
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.part import options_of as options_of_part
from netspaces.training.recipe import Recipe
from netspaces.training.schedules import SCHEDULES
from netspaces.training.targets import TARGETS
from netspaces.workflow.reference_columns import NOTE, figures_page, tables_page

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
TYPES = {"integer": "integer", "number": "number"}
MANY = 6  # a choice of more values than these is left to the page of registries


@dataclass(frozen=True)
class Section:
    """A group of configuration keys.

    Parameters
    ----------
    title : its heading.
    text : what it is, and where it stands in the configuration.
    schema : the name of its definition in config/schemas/definitions.yaml.
    """

    title: str
    text: str
    schema: str


SECTIONS = (
    Section("dataset", "Under `dataset` and `second_dataset`. Further keys are options of the reader.", "dataset"),
    Section("skeleton", "Under `skeleton`: what all networks share.", "skeleton"),
    Section(
        "regimes",
        "Under `regimes`, by name: for each metric an interval `[low, high]`, both ends included. Several metrics must "
        "all hold: `{flops: [0.8e+6, 1.0e+6]}`. A bound that every network of the preset is above is refused, since it "
        "was mostly meant in millions or billions; 1 stands for no lower bound.",
        "regime",
    ),
    Section(
        "recipes",
        "Under `recipes`, by name. A recipe states `epochs` and what differs from the defaults. Images are normalised "
        "with the mean and deviation of the training pixels.",
        "recipe",
    ),
    Section(
        "design spaces",
        "In `design_spaces.yaml`, or under `design_spaces`, by name. A name begins with a letter and continues with "
        "letters, digits and `_`.",
        "design_space",
    ),
    Section("studies", "In `studies.yaml`, or under `studies`, by name.", "study"),
    Section("curves", "In the panels of a study, and under `populations` of a claim.", "curve"),
    Section("claims", "In `claims.yaml`, or under `claims`, by name.", "claim"),
    Section("imported", "Under `imported`, by name.", "imported"),
    Section(
        "statistics", "Under `statistics`. Changing it draws figures and tables again and trains nothing.", "statistics"
    ),
    Section("timing", "Under `timing`. Changing it measures [times](../how-to/top_models.md#times) again.", "timing"),
    Section(
        "cost",
        "Under `cost`. These numbers decide what [`plan`](../how-to/cost.md) says, and which memory and time training "
        "jobs ask for. Changing them trains nothing again. Defaults are for a CPU, then for a GPU.",
        "cost",
    ),
    Section(
        "evaluation",
        "Under `evaluation` ([example](../how-to/top_models.md#errors-of-torchvisions-weights)).",
        "evaluation",
    ),
)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    header = list(header)
    head, *body = ("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in [header, *rows])
    return "\n".join([head, "|" + "---|" * len(header), *body])


# ---- Configuration ---------------------------------------------------------------------------------------------------


def configuration_page() -> str:
    """The page of all configuration keys."""
    schemas = Schemas(CONFIG / "schemas").contents
    settings = read_yaml(CONFIG / "config.yaml")
    parts = [
        "# Configuration keys",
        NOTE,
        "[config/README.md](../../config/README.md) says which file wins over which, and [how to declare spaces, "
        "studies and presets](../how-to/own_space.md) how the keys work together. A default that is not empty comes "
        "from `config/config.yaml` or from the code; a preset or an overlay may state every key.",
        " · ".join(f"[{section.title}](#{section.title.replace(' ', '-')})" for section in SECTIONS),
        "## Top level",
        key_list(schemas["config.schema.yaml"], settings),
    ]
    for section in SECTIONS:
        schema = schemas["definitions.yaml"]["$defs"][section.schema]
        parts += [f"## {section.title}", section.text, key_list(schema, defaults_of(section.schema, settings))]
    return "\n\n".join(parts) + "\n"


def defaults_of(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of a group of keys that config.yaml or the code holds; the others stand in the schema."""
    if name == "recipe":
        return {field.name: field.default for field in fields(Recipe) if field.default is not MISSING}
    if name == "cost":
        return {key: f"{value}, {vars(DEFAULTS['cuda'])[key]}" for key, value in vars(DEFAULTS["cpu"]).items()}
    return dict(settings.get(name, {}))


def key_list(schema: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """The keys of a schema with what they take, their defaults and their meaning.

    A schema may be a mapping of names to such mappings, or a choice of several; their keys are listed together.
    """
    items: dict[str, str] = {}
    for option in options_of(schema):
        for key, value in option["properties"].items():
            default = default_words(defaults.get(key, value.get("default")))
            needed = "required" if key in option.get("required", ()) and not default else ""
            notes = "; ".join(filter(None, (value_words(value), needed, default and f"default {default}")))
            meaning = " ".join(value.get("markdownDescription", "").split())
            items.setdefault(key, f"- `{key}`{f' ({notes})' if notes else ''}: {meaning}")
    return "\n".join(items.values())


def options_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of a schema that list keys."""
    if "properties" in schema:
        return [schema]
    if "anyOf" in schema:
        return [option for option in schema["anyOf"] if "properties" in option]
    return options_of(schema["additionalProperties"])


def value_words(schema: Mapping[str, Any]) -> str:
    """Which numbers or which of a few names a key takes; empty where its meaning says it."""
    if "enum" in schema:
        names = [f"`{default_words(name)}`" for name in schema["enum"]]
        meaning = schema.get("markdownDescription", "")
        return "" if len(names) > MANY or all(name in meaning for name in names) else ", ".join(names)
    kind = schema.get("type")
    if not isinstance(kind, str):
        return ""
    limits = ", ".join(f"{sign} {schema[keyword]:,}" for keyword, sign in LIMITS.items() if keyword in schema)
    return f"{TYPES.get(kind, '')} {limits}".strip()


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


# ---- Registries ------------------------------------------------------------------------------------------------------


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
        "## Import formats",
        registry_list(IMPORTERS),
        "## Claim quantities",
        quantities_list(),
        "## Figures",
        registry_list(FIGURES),
        "## Tables",
        registry_list(TABLES),
    ]
    return "\n\n".join(parts) + "\n"


# ---- Python ----------------------------------------------------------------------------------------------------------


def api_page() -> str:
    """The page of the functions and classes that `import netspaces` offers: signature, first paragraph and example."""
    parts = [
        "# Python API",
        NOTE,
        "After `import netspaces`, each of these is imported when it is first used. `help(netspaces.sample)` shows all "
        "of an entry: arguments with shapes and units, and errors.",
    ]
    for name in netspaces.__all__:
        entry = getattr(netspaces, name)
        first, _, rest = inspect.cleandoc(entry.__doc__).partition("\n\n")
        example = rest.partition("Examples\n--------\n")[2].removeprefix(">>> import netspaces\n")
        arguments = ", ".join(inspect.signature(entry).parameters)
        parts += [f"## {name}", f"`{name}({arguments})`", first, f"```python\n{example}\n```"]
    return "\n\n".join(parts) + "\n"


PAGES = {
    "configuration.md": configuration_page,
    "registries.md": registries_page,
    "figures.md": figures_page,
    "tables.md": tables_page,
    "api.md": api_page,
}
"""The functions that write the pages of docs/reference, by the names of these."""


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, page in PAGES.items():
        write_text(folder / name, page())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
