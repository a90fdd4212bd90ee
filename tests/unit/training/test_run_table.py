"""Runs in one table, and the store made from it: byte for byte, and found by a job without any image."""

import signal
from pathlib import Path

import pandas as pd
import pytest
from helpers.invented import definition
from helpers.records import DIVERGED, edit, make_record, write_record
from helpers.small_sources import write_meta
from netspaces.data.datasets import Unopened
from netspaces.data.errors import DatasetError
from netspaces.data.meta import checksum_of
from netspaces.data.preparation import prepare
from netspaces.files.safe import DamagedFile, OneLineError, OneLineWarning, read_json
from netspaces.files.tables import read_parquet, write_parquet
from netspaces.training.process import STOPPING
from netspaces.training.records import RecordError
from netspaces.training.run_table import Restored, restore_runs, save_runs
from netspaces.training.share import TrainingTask, sampled_networks, train_share

RECORDS = [make_record(), make_record(seed=2**40, errors=(50.25,)), make_record(seed=3) | DIVERGED]
FRACTION = {"name": "digits", "test_fraction": 0.9, "seed": 0, "resolution": 8, "channels": 1, "classes": 10}


@pytest.fixture
def results(tmp_path) -> Path:
    """A folder of results with three runs and two datasets."""
    folder = tmp_path / "results"
    for record in RECORDS:
        write_record(folder / "runs", record)
    for key, name in (("dataset", "npz"), ("second_dataset", "digits")):
        (folder / key).mkdir()
        write_meta(folder / key, name=name)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_store_is_restored_byte_for_byte(results, tmp_path):
    assert save_runs(results, tmp_path / "runs.parquet") == 3
    assert restore_runs(tmp_path / "other", tmp_path / "runs.parquet") == Restored(written=3, there=0)
    assert files(tmp_path / "other") == files(results)
    save_runs(tmp_path / "other", tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == (tmp_path / "runs.parquet").read_bytes()


def test_the_table_says_what_the_runs_were(results, tmp_path):
    save_runs(results, tmp_path / "runs.parquet")
    table = read_parquet(tmp_path / "runs.parquet", "").dropna(subset=["key"]).set_index("key")
    for record in RECORDS:
        row = table.loc[record["key"]]
        assert (row["status"], row["error_min"], row["seed"]) == tuple(
            record[name] for name in ("status", "error_min", "seed")
        )
        assert row["test_errors"].tolist() == [epoch["test_error"] for epoch in record["epochs"]]
        assert row["flops"] == record["complexity"]["flops"] and row["epochs"] == record["recipe"]["epochs"]


def test_some_runs_alone_and_the_dataset_that_they_were_trained_on(results, tmp_path):
    only = make_record(seed=5, dataset=checksum_of(results / "dataset"))
    write_record(results / "runs", only)
    assert save_runs(results, tmp_path / "runs.parquet", [only["key"], only["key"]]) == 1
    table = read_parquet(tmp_path / "runs.parquet", "")
    assert table["key"].dropna().tolist() == [only["key"]]
    datasets = {f"{key}/meta.json" for key in ("dataset", "second_dataset")}  # the same images, in this folder
    assert set(table.loc[table["key"].isna(), "file"]) == datasets
    save_runs(results, tmp_path / "others.parquet", [RECORDS[0]["key"]])
    assert read_parquet(tmp_path / "others.parquet", "")["file"].tolist() == [f"runs/{RECORDS[0]['key']}.json"]
    with pytest.raises(FileNotFoundError):
        save_runs(results, tmp_path / "none.parquet", ["0" * 20])


def test_what_is_there_stays_and_what_is_damaged_is_set_aside(results, tmp_path):
    save_runs(results, tmp_path / "runs.parquet")
    before = files(results)
    damaged = results / "runs" / f"{RECORDS[0]['key']}.json"
    edit(damaged, error=7.0)
    content = damaged.read_bytes()
    (results / "runs" / f"{RECORDS[1]['key']}.json").unlink()
    with pytest.warns(OneLineWarning, match="the table's takes its place"):
        assert restore_runs(results, tmp_path / "runs.parquet") == Restored(written=2, there=1)
    assert files(results) == before | {f"runs/{damaged.name}.damaged": content}


def test_other_results_of_the_same_run_stay_and_are_counted(results, tmp_path):
    save_runs(results, tmp_path / "runs.parquet")
    file = results / "runs" / f"{RECORDS[1]['key']}.json"
    file.unlink()
    write_record(results / "runs", make_record(seed=2**40, errors=(51.25,)))
    before = files(results)
    restored = restore_runs(results, tmp_path / "runs.parquet")
    assert restored == Restored(written=0, there=3, other=1) and files(results) == before
    assert str(restored).endswith("1 of these with other results than the table's, which stay")


def test_runs_on_other_images_are_refused_before_anything_is_written(results, tmp_path):
    save_runs(results, tmp_path / "runs.parquet")
    other = tmp_path / "other"
    prepare(FRACTION, other / "dataset")
    before = files(other)
    with pytest.raises(OneLineError, match=f"have the checksum {checksum_of(other / 'dataset')}, those of the runs"):
        restore_runs(other, tmp_path / "runs.parquet")
    assert files(other) == before


def test_runs_of_another_preset_are_refused_before_anything_is_written(results, tmp_path):
    save_runs(results, tmp_path / "runs.parquet")
    images = {"resolution": 8, "channels": 1, "classes": 10}
    with pytest.raises(OneLineError, match=r"name npz, expected digits; classes 10, expected 4\): restore them with"):
        restore_runs(
            tmp_path / "other", tmp_path / "runs.parquet", {"dataset": images | {"name": "digits", "classes": 4}}
        )
    assert not (tmp_path / "other").exists()
    same = {"dataset": images | {"name": "npz"}, "second_dataset": FRACTION}
    assert restore_runs(tmp_path / "other", tmp_path / "runs.parquet", same).written == 3


def test_where_a_dataset_was_prepared_is_not_passed_on(tmp_path):
    prepare(FRACTION, tmp_path / "whole" / "dataset", code="0123456789abcdef")
    checksum = checksum_of(tmp_path / "whole" / "dataset")
    write_record(tmp_path / "whole" / "runs", make_record(dataset=checksum))
    save_runs(tmp_path / "whole", tmp_path / "runs.parquet")
    restore_runs(tmp_path / "other", tmp_path / "runs.parquet")
    meta, passed_on = (read_json(tmp_path / name / "dataset" / "meta.json", "") for name in ("whole", "other"))
    assert meta.pop("settings") == FRACTION and meta.pop("code") == "0123456789abcdef"
    assert passed_on == meta and checksum_of(tmp_path / "other" / "dataset") == checksum


@pytest.mark.parametrize("name", ["../key.json", "runs/key.json", "runs/../../0123456789abcdef0123.json", "made.json"])
def test_a_table_writes_nothing_but_runs_and_datasets(tmp_path, name):
    write_parquet(tmp_path / "runs.parquet", pd.DataFrame({"file": [name], "text": ["{}"]}))
    with pytest.raises(DamagedFile, match="it holds the file"):
        restore_runs(tmp_path / "other", tmp_path / "runs.parquet")
    assert not (tmp_path / "other").exists()


def changed(table: Path, **columns: list) -> None:
    """A table of runs with other rows and its own digest, as a program would write it."""
    write_parquet(table, read_parquet(table, "").assign(**columns))


@pytest.mark.parametrize("text", ["{}", "{", None, 7], ids=str)
@pytest.mark.parametrize("row", [0, 3], ids=["run", "dataset"])
def test_nothing_is_written_where_a_row_is_damaged(results, tmp_path, row, text):
    save_runs(results, tmp_path / "runs.parquet")
    table = read_parquet(tmp_path / "runs.parquet", "")
    name = table["file"][row]
    texts = table["text"].tolist()
    texts[row] = text
    if text == 7:
        texts = [7] * len(texts)
        name = table["file"][0]
    changed(tmp_path / "runs.parquet", text=texts)
    with pytest.raises(DamagedFile, match=f"runs.parquet is damaged .{name}"):
        restore_runs(tmp_path / "other", tmp_path / "runs.parquet")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("of_another, why", [(True, "key is"), (False, "its digest is not that of its contents")])
def test_a_text_of_another_run_or_with_another_number_is_not_restored(results, tmp_path, of_another, why):
    save_runs(results, tmp_path / "runs.parquet")
    texts = read_parquet(tmp_path / "runs.parquet", "")["text"]
    first = texts[1] if of_another else texts[0].replace("0", "1", 1)
    changed(tmp_path / "runs.parquet", text=[first, *texts[1:]])
    with pytest.raises(DamagedFile, match=f"runs.parquet is damaged .*{why}"):
        restore_runs(tmp_path / "other", tmp_path / "runs.parquet")
    assert not (tmp_path / "other").exists()


def test_a_table_without_runs_or_with_one_twice_is_refused(results, tmp_path):
    with pytest.raises(OneLineError, match=r"none.parquet: missing, expected a table of runs"):
        restore_runs(tmp_path / "other", tmp_path / "none.parquet")
    save_runs(results, tmp_path / "runs.parquet")
    table = read_parquet(tmp_path / "runs.parquet", "")
    write_parquet(tmp_path / "datasets.parquet", table[3:])
    with pytest.raises(OneLineError, match="datasets.parquet: it holds no runs"):
        restore_runs(tmp_path / "other", tmp_path / "datasets.parquet")
    write_parquet(tmp_path / "twice.parquet", pd.concat([table, table[:1]]))
    with pytest.raises(DamagedFile, match="it holds the file runs/.* twice"):
        restore_runs(tmp_path / "other", tmp_path / "twice.parquet")
    with pytest.raises(OneLineError, match="no runs to save"):
        save_runs(tmp_path / "other", tmp_path / "empty.parquet")
    assert not (tmp_path / "other").exists() and not (tmp_path / "empty.parquet").exists()


def test_a_damaged_record_is_not_passed_on(results, tmp_path):
    edit(results / "runs" / f"{RECORDS[0]['key']}.json", error=7.0)
    with pytest.raises(RecordError, match=RECORDS[0]["key"]):
        save_runs(results, tmp_path / "runs.parquet")
    assert not (tmp_path / "runs.parquet").exists()


# ---- Jobs ------------------------------------------------------------------------------------------------------------


def test_a_job_finds_restored_runs_without_images_and_trains_others_only_with_them(tmp_path, one_thread):
    def job(results: Path, seed: int) -> list[dict]:
        networks = sampled_networks(definition("RegNetX"), {"flops": [1e5, 1e6]}, 0, [0, 1], {"epochs": 1})
        task = TrainingTask(networks, seed, results / "dataset", results / "runs", "cpu", 1, 1, 60, 0.5)
        handlers = {number: signal.getsignal(number) for number in STOPPING}
        try:
            return train_share(task)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    prepare(FRACTION, tmp_path / "whole" / "dataset")
    trained = job(tmp_path / "whole", seed=0)
    save_runs(tmp_path / "whole", tmp_path / "runs.parquet")
    restore_runs(tmp_path / "restored", tmp_path / "runs.parquet")
    assert job(tmp_path / "restored", seed=0) == trained
    with pytest.raises(
        ValueError, match=r"train_images\.npy: missing, expected .*delete the folder to prepare it again"
    ):
        job(tmp_path / "restored", seed=1)


def test_a_dataset_that_is_prepared_anew_meanwhile_is_noticed(tmp_path):
    prepare(FRACTION, tmp_path / "dataset")
    unopened = Unopened.at(tmp_path / "dataset")
    assert unopened.opened.checksum == unopened.checksum and unopened.opened is unopened.opened
    unopened = Unopened.at(tmp_path / "dataset")
    prepare(FRACTION | {"seed": 1}, tmp_path / "dataset")
    with pytest.raises(DatasetError, match="prepared anew while a job began"):
        _ = unopened.opened
