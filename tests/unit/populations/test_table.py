"""Population tables: a row per sampled network, whatever became of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import records
from helpers.records import DIVERGED
from netspaces.files.safe import DamagedFile, OneLineWarning, write_json
from netspaces.files.tables import write_csv
from netspaces.networks.architecture import Architecture, Architectures, architecture_key
from netspaces.networks.complexity import complexity
from netspaces.populations.columns import RESULTS
from netspaces.populations.table import architecture_keys, population_table, write_population
from netspaces.training.records import RecordError

FIRST = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (1, 2))
NETWORKS = [
    FIRST,
    replace(FIRST, widths=(16, 32)),
    replace(FIRST, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    FIRST,
    replace(FIRST, depths=(1,), widths=(16,), bottlenecks=(0.5,), group_widths=(8,), strides=(1,), kernels=(5,)),
    replace(FIRST, group_widths=(4, 8), activation="silu", head_width=32),
    FIRST,
]
NAME = "space-base-short"


def make_record(architecture: Architecture, error: float = 20.0, **changes) -> dict:
    """A record of two epochs, the first with an error that is one less."""
    costs = complexity(Architectures.from_rows([architecture]), 1, 10).columns()
    costs = {name: int(values[0]) for name, values in costs.items()}
    return records.make_record(architecture, (error - 1, error), **{"complexity": costs} | changes)


@pytest.fixture
def sampled(tmp_path):
    """The sampled table of `NETWORKS`."""
    architectures = Architectures.from_rows(NETWORKS)
    columns = {"index": np.arange(len(NETWORKS)), **architectures.columns()}
    columns |= {"w_a": np.arange(len(NETWORKS)) / 3 + 0.1, **complexity(architectures, 1, 10).columns(), "draws": 5}
    path = tmp_path / "sampled.csv"
    write_csv(path, pd.DataFrame(columns))
    return path


@pytest.fixture
def shard(tmp_path):
    """Writes a training job's output: records by index."""

    def write(made: dict, name: str = "00000", population: str = NAME):
        path = tmp_path / f"{name}.json"
        networks = [{"index": index, "record": record} for index, record in made.items()]
        write_json(path, {"population": population, "networks": networks})
        return path

    return write


def table_of(made: dict, shard, sampled) -> pd.DataFrame:
    return population_table(NAME, [shard(made)], sampled, sampled.parent / "runs")


def test_a_row_per_network_in_the_order_of_the_sample(shard, sampled):
    made = {i: make_record(architecture, error=10.0 + i) for i, architecture in enumerate(NETWORKS)}
    shards = [shard({i: made[i] for i in part}, str(part[0])) for part in ([5, 6], [0, 1, 2], [4, 3])]
    table = population_table(NAME, shards, sampled, sampled.parent)
    assert table["index"].tolist() == list(range(7))
    assert table["error"].tolist() == [10.0 + i for i in range(7)]
    assert table["error_min"].tolist() == [9.0 + i for i in range(7)]
    assert set(table["population"]) == {NAME}
    assert set(table["status"]) == {"finished"}
    assert table["key"].tolist() == [made[i]["key"] for i in range(7)]
    assert table["train_loss"].tolist() == [0.1 + 0.2] * 7
    assert table["train_error"].tolist() == [50 * (0.1 + 0.2)] * 7
    assert table["epochs"].tolist() == [2] * 7
    expected = pd.read_csv(sampled, float_precision="round_trip")
    pd.testing.assert_frame_equal(table[expected.columns], expected)


def test_duplicates_point_to_the_first_of_their_kind(sampled):
    table = population_table(NAME, [], sampled, sampled.parent)
    assert table["duplicate_of"].tolist() == [pd.NA, pd.NA, pd.NA, 0, pd.NA, pd.NA, 0]
    assert table["architecture"].tolist() == [architecture_key(architecture) for architecture in NETWORKS]


def test_the_keys_of_a_sampled_table_are_those_of_its_architectures(sampled):
    assert architecture_keys(pd.read_csv(sampled)) == [architecture_key(architecture) for architecture in NETWORKS]


def test_the_recipe_of_a_run_is_in_its_row(shard, sampled):
    table = table_of({0: make_record(FIRST, recipe={"learning_rate": 0.1, "weight_decay": 1e-5})}, shard, sampled)
    assert table.loc[0, ["learning_rate", "weight_decay"]].tolist() == [0.1, 1e-5]
    assert table.loc[1:, ["learning_rate", "weight_decay"]].isna().all(axis=None)


def test_sampled_values_of_a_recipe_are_there_without_a_run_and_tell_runs_apart(shard, sampled):
    rates = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.01]
    write_csv(sampled, pd.read_csv(sampled, float_precision="round_trip").assign(learning_rate=rates))
    table = table_of({0: make_record(FIRST, recipe={"learning_rate": 0.01, "weight_decay": 0.5})}, shard, sampled)
    assert table["learning_rate"].tolist() == rates
    assert table["weight_decay"].isna().tolist() == [False, *6 * [True]]
    assert table["duplicate_of"].tolist() == [pd.NA, pd.NA, pd.NA, pd.NA, pd.NA, pd.NA, 0]


def test_missing_networks_are_rows_without_an_error(shard, sampled):
    table = table_of({1: make_record(NETWORKS[1]), 4: make_record(NETWORKS[4], **DIVERGED)}, shard, sampled)
    assert table["status"].value_counts().to_dict() == {"missing": 5, "finished": 1, "diverged": 1}
    missing = table[table["status"] == "missing"]
    assert missing["index"].tolist() == [0, 2, 3, 5, 6]
    assert missing[[name for name in RESULTS if name != "status"]].isna().all(axis=None)
    assert table.loc[4, ["error", "error_min"]].tolist() == [90, 90]
    assert table["error_selected"].isna().all()
    assert table.loc[4, ["train_loss", "train_error"]].isna().all()


def test_errors_selected_on_validation_have_a_column(shard, sampled):
    epochs = [epoch | {"validation_error": 9.0} for epoch in make_record(FIRST)["epochs"]]
    validated = make_record(FIRST, epochs=epochs, error_selected=19.0)
    table = table_of({0: validated, 1: make_record(NETWORKS[1])}, shard, sampled)
    assert table["error_selected"].iloc[0] == 19.0
    assert table["error_selected"].iloc[1:].isna().all()


@pytest.mark.parametrize("made", [{}, {1: make_record(NETWORKS[1])}, {1: make_record(NETWORKS[1], **DIVERGED)}])
def test_columns_and_types_do_not_depend_on_which_runs_are_there(shard, sampled, made):
    full = table_of({i: make_record(architecture) for i, architecture in enumerate(NETWORKS)}, shard, sampled)
    partial = table_of(made, shard, sampled)
    assert partial.dtypes.to_dict() == full.dtypes.to_dict()
    assert list(partial) == list(full)
    types = {"population": "str", "index": "int64", "duplicate_of": "Int64", "error": "float64", "epochs": "Int64"}
    types |= {"status": "str", "flops": "int64", "bottleneck_1": "float64", "seconds": "float64", "device": "str"}
    assert {name: str(full[name].dtype) for name in types} == types


def test_no_training_job_at_all_gives_a_table_of_missing_networks(sampled):
    table = population_table(NAME, [], sampled, sampled.parent)
    assert table["status"].tolist() == ["missing"] * 7
    assert table[["error", "error_min"]].isna().all(axis=None)


def test_parquet_and_csv_hold_the_same_values(shard, sampled, tmp_path):
    table = table_of({0: make_record(FIRST), 2: make_record(NETWORKS[2], error=100 / 3)}, shard, sampled)
    write_population(table, tmp_path / "table.parquet", tmp_path / "table.csv")
    parquet = pd.read_parquet(tmp_path / "table.parquet")
    csv = pd.read_csv(tmp_path / "table.csv", float_precision="round_trip")
    pd.testing.assert_frame_equal(parquet, table)
    assert list(csv) == list(parquet)
    for name in csv:
        pd.testing.assert_series_equal(csv[name], parquet[name], check_dtype=False, check_exact=True)


# ---- Damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [{}, {"population": NAME}, {"networks": 3}, {"population": NAME, "networks": 3}]
    + [{"population": NAME, "networks": networks} for networks in ([3], [{}], [{"index": "first", "record": {}}])],
)
def test_a_damaged_output_of_a_job_is_refused_in_one_line(shard, sampled, content):
    path = shard({})
    write_json(path, content)
    with pytest.raises(DamagedFile) as error:
        population_table(NAME, [path], sampled, sampled.parent)
    assert str(error.value).startswith(f"{path} is damaged (") and str(error.value).endswith(
        "): remove it and run again"
    )
    assert "expected the records of a training job" in str(error.value)


@pytest.mark.parametrize("damaged", [{}, None, make_record(FIRST, error_min=None), make_record(FIRST, status=1)])
def test_a_damaged_record_is_named_with_file_and_network(shard, sampled, damaged):
    path = shard({0: damaged})
    with pytest.raises(RecordError) as error:
        population_table(NAME, [path], sampled, sampled.parent)
    assert str(error.value).startswith(f"{path} is damaged (network 0: ")
    assert "expected" in str(error.value) and "\n" not in str(error.value)


def test_an_output_that_was_edited_is_refused(shard, sampled):
    path = shard({0: make_record(FIRST)})
    path.write_text(path.read_text().replace("19.0", "1.0"))
    with pytest.raises(DamagedFile, match="its digest is not that of its contents"):
        population_table(NAME, [path], sampled, sampled.parent)


def test_an_output_is_compared_with_the_store(shard, sampled):
    store = sampled.parent / "runs"
    store.mkdir()
    record = make_record(FIRST)
    stored = records.write_record(store, record)
    assert table_of({0: record}, shard, sampled).loc[0, "error"] == 20.0
    with pytest.raises(RecordError, match=rf"network 0: it is not the run in {stored}\): remove it and run again"):
        table_of({0: make_record(FIRST, error=1.0)}, shard, sampled)


# ---- Divergence ------------------------------------------------------------------------------------------------------


def test_a_population_in_which_every_run_diverged_is_one_loud_line(shard, sampled):
    at_once = DIVERGED | {"diverged_in_step": 1}
    every = {i: make_record(NETWORKS[i], **at_once) for i in range(2)} | {2: make_record(NETWORKS[2], **DIVERGED)}
    with pytest.warns(OneLineWarning) as warned:
        table_of(every, shard, sampled)
    assert [str(warning.message) for warning in warned] == [
        f"{NAME}: all 3 runs diverged, 2 of them in their first step: look at the dataset's images, mean and deviation "
        "and at the learning rate before you use this population"
    ]


def test_a_population_in_which_one_run_did_not_diverge_is_data(shard, sampled, recwarn):
    table_of({0: make_record(NETWORKS[0]), 1: make_record(NETWORKS[1], **DIVERGED)}, shard, sampled)
    table_of({}, shard, sampled)
    assert not recwarn.list


# ---- Other networks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "index, architecture",
    [
        (0, NETWORKS[1]),
        (0, replace(FIRST, group_widths=(4, 8))),
        (5, FIRST),
        (5, replace(NETWORKS[5], activation="relu")),
        (0, replace(FIRST, kernels=(3, 5))),
        (4, FIRST),
        (0, NETWORKS[4]),
        (99, FIRST),
    ],
)
def test_a_record_of_another_architecture_is_refused(shard, sampled, index, architecture):
    path = shard({1: make_record(NETWORKS[1]), index: make_record(architecture)})
    with pytest.raises(RecordError) as error:
        population_table(NAME, [path], sampled, sampled.parent)
    assert str(error.value).startswith(f"{path} is damaged (network {index} is not the one sampled under that index")


def test_a_record_of_the_same_cost_but_another_structure_is_refused(shard, sampled):
    twin = replace(FIRST, stem_width=8, strides=(1, 2), resolution=8, group_widths=(16, 4))
    twin = make_record(twin, complexity=make_record(FIRST)["complexity"])
    with pytest.raises(RecordError, match="network 0 is not the one sampled"):
        table_of({0: twin}, shard, sampled)


def test_a_network_in_two_outputs_is_refused(shard, sampled):
    shards = [shard({0: make_record(FIRST)}, "one"), shard({0: make_record(FIRST)}, "two")]
    with pytest.raises(RecordError, match=r"two.json is damaged \(network 0 is in another job's output too"):
        population_table(NAME, shards, sampled, sampled.parent)


def test_an_output_of_another_population_is_refused(shard, sampled):
    path = shard({0: make_record(FIRST)}, population="other-base-short")
    with pytest.raises(RecordError, match="population is 'other-base-short', expected 'space-base-short'"):
        population_table(NAME, [path], sampled, sampled.parent)
