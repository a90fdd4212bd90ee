"""Sweeps of pycls and NDS as their code wrote them: jobs that were resumed, ended early, diverged, or left nothing."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError

FILES = Path(__file__).parents[2] / "imports"
NAN = math.nan


def pycls_job(tested: list[int], errors: list[float] | None = None, *, epochs: int = 10, **other: object) -> dict:
    """A job of a sweep.json that was tested after these epochs; its errors fall from 60 by one per epoch."""
    cfg = {
        "MODEL": {"TYPE": "anynet"},
        "ANYNET": {"DEPTHS": [1, 1], "WIDTHS": [8, 16], "STRIDES": [1, 2], "BOT_MULS": [1, 1], "GROUP_WS": [8, 8]},
        "OPTIM": {"BASE_LR": 0.1, "WEIGHT_DECAY": 5e-4, "MAX_EPOCH": epochs},
    }
    errors = errors or [60.0 - epoch for epoch in tested]
    least = [min(errors[: i + 1]) for i in range(len(errors))]
    test = {"epoch_ind": tested, "epoch_max": [epochs] * len(tested), "top1_err": errors, "min_top1_err": least}
    trained = sorted({*range(1, (tested or [0])[-1] + 1)})
    train = {"epoch_ind": trained, "epoch_max": [epochs] * len(trained), "loss": [1.0 / e for e in trained]}
    train |= {"top1_err": [50.0] * len(trained), "time_epoch": [2.0] * len(trained)}
    return {"cfg": cfg, "log_file": "stdout.log", "err": "", "test_epoch": test, "train_epoch": train} | other


def read(tmp_path: Path, jobs: object, form: str = "pycls", **said: object) -> pd.DataFrame:
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(jobs))
    return read_population("x", {"format": form, "file": str(path), **said})


def refusal(tmp_path: Path, jobs: object, form: str = "pycls", **said: object) -> str:
    with pytest.raises(ImportFileError) as error:
        read(tmp_path, jobs, form, **said)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{tmp_path / 'sweep.json'}: ")


# ---- pycls -----------------------------------------------------------------------------------------------------------


def test_jobs_that_are_tested_every_fifth_epoch_are_finished(tmp_path):
    made = read(tmp_path, [pycls_job([5, 10]) for _ in range(24)])
    assert made["status"].tolist() == ["finished"] * 24
    assert (made["error"] == 50).all() and (made["error_min"] == 50).all() and (made["epochs"] == 10).all()


def test_a_job_with_an_epoch_that_was_never_tested_is_finished(tmp_path):
    made = read(tmp_path, [pycls_job([1, 2, 4, 5, 6, 7, 8, 9, 10])])
    assert made["status"][0] == "finished" and made["error"][0] == 50


def test_a_resumed_job_that_ended_early_is_missing(tmp_path, capsys):
    made = read(tmp_path, [pycls_job([1, 2, 3, 4, 4, 5, 5, 6, 6, 7]), pycls_job(list(range(1, 11)))])
    assert made["status"].tolist() == ["missing", "finished"]
    assert made["error"].isna().tolist() == [True, False] == made["error_min"].isna().tolist()
    assert "2 rows: 1 finished, 1 missing (tested up to epoch 7 of 10: 1)" in capsys.readouterr().out


@pytest.mark.parametrize("tested", [[1, 2, 3, 3, 4], [1, 2, 3, 4, 3, 4]])
def test_of_an_epoch_that_was_logged_twice_the_last_entry_counts(tested, tmp_path):
    errors = {5: [60.0, 50.0, 20.0, 40.0, 30.0], 6: [60.0, 50.0, 20.0, 10.0, 40.0, 30.0]}[len(tested)]
    made = read(tmp_path, [pycls_job(tested, errors, epochs=4)])
    assert made["status"][0] == "finished"
    assert made["error"][0] == 30 == made["error_min"][0]


def test_epochs_of_training_that_were_logged_twice_count_once(tmp_path):
    train = {"epoch_ind": [1, 2, 2], "epoch_max": [2] * 3, "loss": [2.0, NAN, 1.0], "top1_err": [9.0, 8.0, 7.0]}
    train["time_epoch"] = [5.0, 5.0, 6.0]
    made = read(tmp_path, [pycls_job([1, 2], epochs=2, train_epoch=train)])
    assert made["status"][0] == "finished" and made["seconds"][0] == 11
    assert made[["train_loss", "train_error"]].iloc[0].tolist() == [1, 7]


def test_the_planned_epochs_are_those_of_the_last_start(tmp_path):
    job = pycls_job([5, 10], epochs=10)
    job["cfg"]["OPTIM"]["MAX_EPOCH"] = 5  # the log keeps the first configuration
    made = read(tmp_path, [job])
    assert made["status"][0] == "finished" and made["epochs"][0] == 10


@pytest.mark.parametrize("left", [{"log_file": "stdout.log", "err_file": "stderr.log", "err": "CUDA"}, {}, None])
def test_a_job_that_died_before_it_wrote_its_configuration_is_missing(left, tmp_path, capsys):
    made = read(tmp_path, [pycls_job([10]), left, left])
    assert made["status"].tolist() == ["finished", "missing", "missing"]
    assert made["duplicate_of"].isna().all()
    assert "2 missing (no configuration: 2)" in capsys.readouterr().out
    made.to_parquet(tmp_path / "x.parquet")
    assert read(tmp_path, [left])["status"].tolist() == ["missing"]


def test_a_job_that_died_before_its_first_test_is_missing(tmp_path):
    job = pycls_job([10])
    del job["test_epoch"], job["train_epoch"]
    assert read(tmp_path, [job])["status"][0] == "missing"


def test_a_job_with_a_loss_that_is_not_a_number_diverged_wherever_it_ended(tmp_path):
    train = {"epoch_ind": [1, 2], "epoch_max": [10] * 2, "loss": [2.0, NAN], "top1_err": [50.0, 90.0]}
    jobs = [pycls_job([1, 2], [60.0, 90.0], train_epoch=train)]
    assert "job 0: diverged without an error of its last epoch, expected classes" in refusal(tmp_path, jobs)
    made = read(tmp_path, jobs, classes=10)
    assert made["status"][0] == "diverged" and made["error"][0] == 90 == made["error_min"][0]


@pytest.mark.parametrize("odd", [NAN, math.inf, None, "NaN"])
def test_a_job_without_any_error_that_is_a_number_counts_with_that_of_guessing(odd, tmp_path):
    job = pycls_job([1, 2], epochs=2)
    job["test_epoch"]["top1_err"] = [odd, odd]
    made = read(tmp_path, [job], classes=100)
    assert made["status"][0] == "diverged" and made["error"][0] == 99 == made["error_min"][0]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("top1_err", [50.0, 140.0], "job 0: test_epoch: top1_err has 140.0, expected percent from 0 to 100"),
        ("top1_err", [50.0, -1.0], "top1_err has -1.0, expected percent"),
        ("top1_err", [50.0, "low"], 'top1_err has "low", expected a list of numbers'),
        ("epoch_ind", [1], "job 0: test_epoch: epoch_ind has 1 entries, expected 2, as top1_err has"),
        ("epoch_ind", [1, 1.5], "epoch_ind has 1.5, expected whole numbers"),
        ("epoch_ind", [1, NAN], "epoch_ind has NaN, expected whole numbers"),
        ("epoch_max", [2, 1.5], "epoch_max has 1.5, expected whole numbers"),
    ],
)
def test_what_no_log_of_pycls_says_is_refused(key, value, expected, tmp_path):
    job = pycls_job([1, 2], epochs=2)
    job["test_epoch"][key] = value
    assert expected in refusal(tmp_path, [job])


def test_a_number_of_epochs_that_is_not_whole_is_refused(tmp_path):
    assert "OPTIM: MAX_EPOCH is 99.5, expected a whole number" in refusal(tmp_path, [pycls_job([1], epochs=99.5)])


# ---- NDS -------------------------------------------------------------------------------------------------------------


def nds_job(**changed: object) -> dict:
    """A job of an NDS file, of a network of cells."""
    genotype = {"normal": [["sep_conv_3x3", 1]], "normal_concat": [2], "reduce": [["none", 0]], "reduce_concat": [2]}
    net = {"genotype": genotype, "depth": 8, "width": 16, "aux": False, "drop_prob": 0.1}
    job = {"job_id": "c0", "rng_seed": 1, "params": 500, "flops": 800, "iter_time": 0.05, "min_test_top1": 20.0}
    job |= {"train_ep_loss": [1.0, 0.8], "train_ep_top1": [40.0, 20.0], "test_ep_top1": [45.0, 20.0]}
    return job | {"net": net, "optim": {"base_lr": 0.1, "wd": 5e-4, "max_ep": 2}} | changed


@pytest.mark.parametrize(("aux", "value"), [(False, 0), (True, 1), (0, 0), (1, 1)])
def test_an_auxiliary_head_is_a_truth_value(aux, value, tmp_path):
    job = nds_job()
    job["net"]["aux"] = aux
    assert read(tmp_path, [job], "nds")["aux"].tolist() == [value]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"test_ep_top1": [45.0, 120.0]}, "job 0: test_ep_top1 has 120.0, expected percent from 0 to 100"),
        ({"min_test_top1": -3.0}, "job 0: min_test_top1 is -3.0, expected percent from 0 to 100"),
        ({"optim": {"max_ep": 1.5}}, "job 0: optim: max_ep is 1.5, expected a whole number"),
        ({"flops": True}, "job 0: flops is true, expected a number"),
        ({"flops": math.inf}, "job 0: flops is Infinity, expected a finite number"),
        ({"params": 10**400}, f"job 0: params is 1{'0' * 39}, expected a finite number"),
    ],
)
def test_what_no_file_of_nds_says_is_refused(changed, expected, tmp_path):
    assert refusal(tmp_path, [nds_job(**changed)], "nds") == expected


def test_a_job_with_a_smallest_error_only_is_finished_and_one_without_any_missing(tmp_path):
    summary, nothing = nds_job(test_ep_top1=[]), nds_job(test_ep_top1=[])
    del nothing["min_test_top1"]
    made = read(tmp_path, [summary, nothing], "nds")
    assert made["status"].tolist() == ["finished", "missing"] and made["error"][0] == 20


@pytest.mark.parametrize("text", ["[" * 200_000, "\x00", "[1e", '["\ud800'], ids=["deep", "null", "cut", "surrogate"])
def test_what_is_no_json_is_refused(text, tmp_path):
    path = tmp_path / "sweep.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    for form in ("nds", "pycls"):
        with pytest.raises(ImportFileError) as error:
            read_population("x", {"format": form, "file": str(path)})
        assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_a_json_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "sweep.json"
    path.write_bytes(json.dumps([nds_job()]).encode("utf-8-sig"))
    assert read_population("x", {"format": "nds", "file": str(path)})["error"].tolist() == [20]
