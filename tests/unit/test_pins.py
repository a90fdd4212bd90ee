"""The conda environments and requirements.txt ask for the same exact versions."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENTS = sorted((REPOSITORY / "envs").glob("*.yaml"))
PIP_NAMES = {"pytorch": "torch"}


def pip_pins() -> dict[str, str]:
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_has_the_exact_versions_that_pip_installs(path):
    environment = yaml.safe_load(path.read_text())
    assert "nodefaults" in environment["channels"]
    pins = dict(dependency.split("=") for dependency in environment["dependencies"])
    assert pins.pop("python") == "3.11"
    assert {name: pip_pins()[PIP_NAMES.get(name, name)] for name in pins} == pins


def test_every_pip_pin_is_exact():
    for name, version in pip_pins().items():
        assert re.fullmatch(r"\d+(\.\w+)+", version), name


def test_every_rule_names_an_environment_that_exists():
    named = {
        match
        for path in (REPOSITORY / "rules").glob("*.smk")
        for match in re.findall(r'"\.\./envs/(\w+)\.yaml"', path.read_text())
    }
    assert named and named <= {path.stem for path in ENVIRONMENTS}


def test_the_container_has_the_environments_of_all_rules():
    definition = (REPOSITORY / "envs" / "container.def").read_text()
    named = re.findall(r"^#   source: envs/(\w+)\.yaml$", definition, re.M)
    assert named == sorted(path.stem for path in ENVIRONMENTS if path.stem != "workflow")
    for name in named:
        lines = (REPOSITORY / "envs" / f"{name}.yaml").read_text().splitlines()
        assert "\n".join(f"#   {line}" for line in lines) in definition, f"make envs/container.def again: {name}"
