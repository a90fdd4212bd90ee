"""What is said at the end of a run, and where results lie when another workflow imports this one."""

from types import SimpleNamespace

import pytest
import snakemake.api  # noqa: F401  (first, since the engine's modules import each other)
from netspaces.workflow.engine import results_folder, say_done
from snakemake.path_modifier import PathModifier

FILES = [f"results/digits/{kind}s/{name}" for kind in ("figure", "table") for name in ("a", "b")]


@pytest.mark.parametrize(
    "targets, line",
    [
        ([([], FILES)], "done: figures in results/digits/figures, tables in results/digits/tables"),
        ([(["results/digits/cost.json"], FILES)], "done: results/digits/cost.json"),
        ([(FILES[:1], []), (FILES[2:3], ["x"])], f"done: {FILES[0]}, {FILES[2]}"),
        ([([], [])], None),
    ],
)
def test_what_was_asked_for_is_said_with_its_place(targets, line):
    said = []
    dag = SimpleNamespace(targetjobs=[SimpleNamespace(output=out, input=into) for out, into in targets])
    say_done(dag, said.append)
    assert said == ([line] if line else [])


@pytest.mark.parametrize(
    "prefix, replaced, folder",
    [
        (None, None, "results/digits"),
        ("lab", None, "lab/results/digits"),
        (None, {"results/": "lab/"}, "lab/digits"),
        ("a/b/", None, "a/b/results/digits"),
    ],
)
def test_the_prefix_of_an_importing_workflow_is_a_part_of_the_folder_and_added_once(prefix, replaced, folder):
    storage = SimpleNamespace(default_storage_provider=None)
    workflow = SimpleNamespace(storage_settings=storage)
    workflow.modifier = SimpleNamespace(path_modifier=PathModifier(replaced, prefix, workflow))
    assert results_folder(workflow, "digits") == folder
    assert workflow.modifier.path_modifier.modify(f"{folder}/runs") == f"{folder}/runs"
