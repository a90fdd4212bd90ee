"""Patches of the engine apply to the versions that they are written for."""

from importlib.metadata import version

import pytest
from netspaces.workflow import versions
from netspaces.workflow.scheduling import SERIES as ENGINE
from netspaces.workflow.slurm import PLUGIN
from netspaces.workflow.slurm import SERIES as EXECUTOR
from netspaces.workflow.versions import fits


@pytest.mark.parametrize("installed, same", [("9.27.1", True), ("9.27", True), ("9.28.0", False), ("9.2.7", False)])
def test_a_patch_is_for_one_series(monkeypatch, installed, same):
    said: list[str] = []
    monkeypatch.setattr(versions, "version", lambda package: installed)
    assert fits("engine", "9.27", "a patch", said.append) == same
    assert said == ([] if same else [f"engine {installed}: a patch is written for 9.27 and left out"])


def test_a_package_that_does_not_say_its_version_is_left_as_it_is():
    said: list[str] = []
    assert not fits("no-such-package", "9.27", "a patch", said.append)
    assert said == ["no-such-package of an unknown version: a patch is written for 9.27 and left out"]


@pytest.mark.parametrize("package, series", [("snakemake", ENGINE), (PLUGIN.replace("_", "-"), EXECUTOR)])
def test_the_pinned_engine_is_one_that_the_patches_are_written_for(package, series):
    assert version(package).startswith(f"{series}.")
