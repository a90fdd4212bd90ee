"""The generated pages of the documentation: configuration keys, the entries of all registries, and the Python API.

    python -m netspaces.workflow.reference docs/reference      # `make docs`

The pages follow from the schemas (`markdownDescription`, `default`), from config/config.yaml, from the defaults of the
recipe and from the registries, so that no list is written twice; `reference_registries` writes the page of registries,
`reference_columns` those of figures' and tables' columns. A test fails when the committed pages are not what is
generated. It lives in `workflow`, the last package, because it reads all others.
"""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import netspaces
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import read_yaml
from netspaces.cost.coefficients import DEFAULTS
from netspaces.files.safe import write_text
from netspaces.training.recipe import Recipe
from netspaces.workflow.reference_columns import NOTE, figures_page, tables_page
from netspaces.workflow.reference_registries import CONFIG, default_words, registries_page

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
        "two-phase",
        "Under `two_phase`, by the name of a population: for each stratum what follows. `make two_phase` writes it "
        "([more](../how-to/two_phase.md)). The population `NAME-two_phase` has these networks.",
        "two_phase",
    ),
    Section(
        "bundle",
        "Under `bundle`. Changing it packs the [bundle](../how-to/pass_on.md) again and nothing else.",
        "bundle",
    ),
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
    return options_of(schema["items" if "items" in schema else "additionalProperties"])


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
