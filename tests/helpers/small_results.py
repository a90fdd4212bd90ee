"""A folder of results with every kind of file that the workflow reads back, made without the engine in seconds."""

import os
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
from netspaces.configuration.loading import load as load_configuration
from netspaces.cost.coefficients import DEFAULTS
from netspaces.cost.fitting import Fit
from netspaces.data.datasets import load
from netspaces.data.preparation import prepare
from netspaces.files.archive import write_archive
from netspaces.files.safe import write_json
from netspaces.files.tables import write_csv
from netspaces.populations.finals import finals_table, kept_weights, select_best
from netspaces.populations.table import population_table, read_shard, write_population
from netspaces.spaces.acceptance import measure_acceptance
from netspaces.spaces.sampling import sample
from netspaces.training.checkpoints import save
from netspaces.training.process import one_thread
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from netspaces.training.train import train_network
from netspaces.workflow.made_with import MadeWith

from helpers.configurations import CONFIG

POPULATION = "RegNetX-base-short"
REGIME = {"flops": [1e5, 2e5]}


def make_results(folder: Path) -> Path:
    """Results of two networks, one epoch each, and what follows from them."""
    configuration = load_configuration({}, CONFIG)
    definition = configuration.spaces["RegNetX"]
    prepare(configuration.settings["dataset"], folder / "dataset")
    MadeWith(folder, configuration.settings).remember(["train"])
    write_json(folder / "acceptance" / f"{POPULATION}.json", measure_acceptance(POPULATION, definition, REGIME, 0))
    drawn = sample(definition, REGIME, 0, range(2))
    sampled = folder / "sampled" / f"{POPULATION}.csv"
    write_csv(sampled, pd.DataFrame(drawn.columns()))
    shards = [_train(folder, drawn, row) for row in range(2)]
    table = population_table(POPULATION, shards, sampled, folder / "runs")
    write_population(table, *(folder / "populations" / f"{POPULATION}.{kind}" for kind in ("parquet", "csv")))
    _add_finals(folder, table, shards)
    times = table[["index", "flops"]].assign(inference_ms=[0.1, 0.2])
    write_csv(folder / "times" / f"{POPULATION}.csv", times)
    write_json(folder / "limits.json", {"constraints": ["params <= 400000"], "multipliers": {"params": 1.25}})
    fit = Fit("cpu", replace(DEFAULTS["cpu"], runs=2), 0.9, 0.1)
    write_json(folder / "cost.json", asdict(fit))
    write_json(folder / "evaluation" / "ResNet-50.json", {"model": "ResNet-50", "sets": {}})
    write_archive(folder / "digits.bundle.zip", {"README.md": b"What this is.\n" * 9, "populations/a.parquet": b"PAR1"})
    return folder


def _train(folder: Path, drawn, row: int) -> Path:
    """Train one network; its record, the output of its job, and of one a checkpoint as of a run that was stopped."""
    architecture, dataset = drawn.architectures.row(row), load(folder / "dataset")
    complexity = {name: int(values[row]) for name, values in drawn.complexity.columns().items()}
    with one_thread():  # as a job
        record = train_network(architecture, complexity, {"epochs": 1}, 0, dataset, folder / "runs", keep_weights=True)
    if row == 0:
        stopped = Run(architecture, Recipe.from_dict({"epochs": 1}), 0, dataset)
        save(stopped, folder / "runs" / f"{os.urandom(10).hex()}.checkpoint")
    output = folder / "trained" / POPULATION / f"{row:05d}.json"
    write_json(output, {"population": POPULATION, "networks": [{"index": row, "record": record}]})
    return output


def _add_finals(folder: Path, table: pd.DataFrame, shards: list[Path]) -> None:
    """The best network, and its record as of a final training."""
    selected = select_best(table, "error_min")
    write_json(folder / "selected" / f"{POPULATION}.json", selected)
    ((_, record),) = read_shard(shards[selected["index"]], POPULATION)
    write_json(folder / "finals" / POPULATION / "0.json", record)
    weights = kept_weights([record], folder / "runs")
    write_csv(folder / "finals" / f"{POPULATION}.csv", finals_table(selected, {"0.json": record}, 0.95, weights))
