"""The last line of a run, where results lie when another workflow imports this one, and how many jobs have a GPU."""

import sys
from types import SimpleNamespace

import pytest
import snakemake.api  # noqa: F401  (first, since the engine's modules import each other)
from netspaces.workflow import engine, versions
from netspaces.workflow.engine import (
    ANALYSES,
    TRAINING,
    cores_of_job,
    fork_from_imports,
    gpus_at_once,
    results_folder,
    say_done,
    share_gpus,
)
from netspaces.workflow.gpus import Gpu, NoGpu
from snakemake.path_modifier import PathModifier
from snakemake.resources import Resources
from snakemake.workflow import Workflow

FILES = [f"results/digits/{kind}s/{name}" for kind in ("figure", "table") for name in ("a", "b")]


@pytest.mark.parametrize(
    "targets, line",
    [
        ([([], FILES)], "done: figures in results/digits/figures, tables in results/digits/tables"),
        (
            [([], [*FILES, "results/digits/explore.html"])],
            "done: figures in results/digits/figures, tables in results/digits/tables, results/digits/explore.html",
        ),
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


class Engine(SimpleNamespace):
    """As much of the engine's workflow as knows of resources."""

    scheduler = None
    register_resource = Workflow.register_resource

    def __init__(self, nodes: int | None = None, cores: int | None = None, **resources: int) -> None:
        super().__init__(nodes=nodes, cores=cores, global_resources=Resources.from_mapping(resources))


@pytest.mark.parametrize(
    "workflow, expected",
    [
        (Engine(), 3),
        (Engine(mem_mb=1000), 3),
        (Engine(gpu=2), 2),  # --resources gpu=2
        (Engine(gpu=0), 0),
        (Engine(nodes=200), None),  # jobs run on a cluster
        (Engine(nodes=200, gpu=16), 16),
    ],
)
def test_jobs_of_a_gpu_run_at_once_as_there_are_gpus(monkeypatch, workflow, expected):
    monkeypatch.setattr(engine, "visible_gpus", lambda: [Gpu(f"GPU-{i}", i, "") for i in range(3)])
    share_gpus(workflow, pytest.fail)
    assert gpus_at_once(workflow) == expected


@pytest.mark.parametrize(
    "workflow, expected",
    [
        (Engine(cores=16, gpu=2), 6),
        (Engine(cores=16, gpu=8), 2),
        (Engine(cores=4, gpu=8), 1),
        (Engine(cores=16), 6),  # how many GPUs there are is not known
        (Engine(nodes=200, gpu=8), 6),
    ],
)
def test_no_gpu_waits_for_cores(workflow, expected):
    assert cores_of_job(workflow, 6) == expected


def test_without_a_gpu_nothing_is_limited(monkeypatch):
    def none() -> list[Gpu]:
        raise NoGpu("this machine has no GPU")

    monkeypatch.setattr(engine, "visible_gpus", none)
    workflow = Engine()
    share_gpus(workflow, pytest.fail)
    assert gpus_at_once(workflow) is None


def test_another_series_of_the_engine_is_left_as_it_is(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(versions, "version", lambda package: "9.31.2")
    workflow = Engine()
    share_gpus(workflow, said.append)
    assert gpus_at_once(workflow) is None
    assert said == ["snakemake 9.31.2: a limit on jobs per GPU is written for 9.27 and left out"]


@pytest.mark.parametrize(
    "workflow, device, platform, forked",
    [
        (Engine(), "cpu", "linux", [ANALYSES, TRAINING]),
        (Engine(), "cuda", "linux", [ANALYSES]),
        (Engine(nodes=200), "cpu", "linux", []),
        (Engine(), "cpu", "darwin", []),
    ],
)
def test_jobs_of_this_machine_are_forked_under_linux_and_trainings_on_its_cpu(
    monkeypatch, workflow, device, platform, forked
):
    groups: list[tuple[str, ...]] = []
    monkeypatch.setattr(engine, "fork_jobs", lambda *given: groups.extend(given))
    monkeypatch.setattr(sys, "platform", platform)
    fork_from_imports(workflow, device, pytest.fail)
    assert groups == forked
