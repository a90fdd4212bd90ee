"""Schemas: their names are those of the registries, plug-ins among them, and stand in no file of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.configurations import CONFIG, refusal
from netspaces.configuration.loading import load
from netspaces.configuration.names import MARKER, known_names
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import read_yaml
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.complexity import METRICS
from netspaces.plugins.loading import forget_plugins

FILES = sorted((CONFIG / "schemas").glob("*.yaml"))
TIMED = ["fp32", "bf16"]  # the precisions that times are measured in, which are not all
GHOST = """
from netspaces.networks.blocks.x import XBlock

class Ghost(XBlock):
    name = "ghost"

BLOCK = Ghost()
"""


@pytest.fixture(autouse=True)
def no_plugins() -> Iterator[None]:
    yield
    forget_plugins()


def parts_of(schema: object, path: tuple = ()) -> Iterator[tuple[tuple, dict]]:
    """All mappings within a schema, by the path to them."""
    if isinstance(schema, dict):
        yield path, schema
    for key, part in (
        schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    ):
        yield from parts_of(part, (*path, key))


def test_the_names_in_schemas_are_those_of_the_registries():
    names, filled, used = known_names(), Schemas(CONFIG / "schemas").contents, set()
    for file in FILES:
        found = dict(parts_of(filled[file.name]))
        for path, part in parts_of(read_yaml(file)):
            if MARKER in part:
                used.add(part[MARKER])
                known = found[path]["properties"] if part["type"] == "object" else found[path]["enum"]
                assert list(known) == list(names[part[MARKER]]) and list(known)
    assert used == set(names) - {"readers"}  # the names of readers are checked with their options


def test_no_schema_spells_out_the_names_of_a_registry():
    kinds = [set(names) for names in known_names().values()]
    for file in FILES:
        for path, part in parts_of(read_yaml(file)):
            stated = part.get("enum")
            if isinstance(stated, list) and stated != TIMED:
                assert not any(set(stated) <= names for names in kinds), (file.name, path)


def test_a_regime_may_be_of_any_metric():
    regimes = {"wide": {metric: [1, 10**9] for metric in METRICS}}
    assert load({"regimes": regimes}, CONFIG).settings["regimes"]["wide"] == regimes["wide"]
    assert refusal({"regimes": {"wide": {"depth": [1, 2]}}}).endswith(f"expected one of {', '.join(METRICS)}")


# ---- Plug-ins --------------------------------------------------------------------------------------------------------


def test_a_block_of_a_users_file_can_be_named(tmp_path):
    file, own = tmp_path / "ghost.py", {"Own": {"extends": "AnyNetX_A", "block": "ghost"}}
    file.write_text(GHOST)
    assert refusal({"design_spaces": own}).endswith(
        f"design_spaces.Own.block: got 'ghost', expected one of {', '.join(BLOCKS)}"
    )
    loaded = load({"plugins": [str(file)], "design_spaces": own}, CONFIG)
    assert loaded.spaces["Own"]["block"] == "ghost" and loaded.settings["plugins"] == [str(file)]
    assert list(BLOCKS)[-1] == "ghost"


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "no such file, expected a file of Python"), ("x = 1 / 0", "line 1: ZeroDivisionError: division by zero")],
)
def test_a_plugin_that_cannot_be_loaded_is_named_with_its_source(tmp_path: Path, content, expected):
    file = tmp_path / "own.py"
    if content:
        file.write_text(content)
    message = refusal({"plugins": [str(file)]})
    assert message.startswith(f"command line (--config, --configfile): plugins: {file}: ") and expected in message


@pytest.mark.parametrize("plugins", ["own.py", [3]])
def test_plugins_are_a_list_of_paths(plugins):
    assert "plugins" in refusal({"plugins": plugins})
