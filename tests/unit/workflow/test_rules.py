"""The rules as the engine reads them: what each says of the code behind it."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import netspaces
import pytest
from helpers.parsed_rules import parsed_rules
from netspaces.plugins.registry import Registry
from netspaces.training.store import TRAINING_VERSION

ROOT = Path(__file__).parents[3]
BY_VERSION = {"train", "train_final", "measure_acceptance"}  # a refactoring must not plan their jobs again
WITHOUT_RESULT = {
    "plan",
    "preview",
    "failures",
    "verify",
    "visit_node",
    "check_cluster",
    "check_import",
    "adopt_runs",
    "save_runs",
    "restore_runs",
    "new_preset",
}  # always run when asked


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> dict[str, dict]:
    """The rules of the default preset, with an imported population and evaluated weights."""
    imported = {"ResNeXt": {"file": "theirs.json", "format": "nds"}}
    panels = {"spaces": [{"imported": "ResNeXt"}]}
    studies = {"theirs": {"title": "Theirs", "figure": "error_distributions", "panels": panels}}
    folder = tmp_path_factory.mktemp("rules")
    (folder / "theirs.json").write_text("[]")
    return parsed_rules(folder, imported=imported, studies=studies)


def test_no_input_is_ancient():
    """A job behind one that runs again and an ancient input is not made though its outputs are missing (9.27)."""
    files = [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")]
    assert len(files) > 10 and not [path for path in files if "ancient(" in path.read_text(encoding="utf-8")]


def test_every_rule_carries_the_digest_of_its_own_script(rules):
    with_scripts = {name: rule for name, rule in rules.items() if rule["script"]}
    assert BY_VERSION | WITHOUT_RESULT <= set(with_scripts)
    for name, rule in with_scripts.items():
        digest = rule["params"].get("digest")
        if name in BY_VERSION | WITHOUT_RESULT:
            assert digest is None, name
        else:
            script = rule["script"].replace("{params.kind}", rule["params"].get("kind", ""))
            assert digest["entry"] == script, name


def test_what_is_trained_carries_versions_and_no_digest_of_code(rules):
    for name in ("train", "train_final"):
        assert rules[name]["params"]["versions"]["training"] == TRAINING_VERSION
    assert rules["collect"]["params"]["training"] == TRAINING_VERSION
    assert isinstance(rules["train"]["params"]["versions"]["sampling"], int)
    assert isinstance(rules["measure_acceptance"]["params"]["sampling_version"], int)


def test_rules_name_entries_by_the_kinds_of_registries(rules):
    kinds = {registry.kind for registry in registries()}
    named = {kind for rule in rules.values() for kind in (rule["params"].get("digest") or {}).get("used") or {}}
    assert named == {"block", "covariate", "family", "figure", "import format", "quantity", "reader", "table"} <= kinds


def registries() -> list[Registry]:
    """All registries of the library."""
    packages = [module.name for module in walk_packages(netspaces.__path__, "netspaces.") if module.ispkg]
    return [thing for name in packages for thing in vars(import_module(name)).values() if isinstance(thing, Registry)]
