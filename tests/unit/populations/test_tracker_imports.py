"""Results of trackers and searches: each format as its program writes it, states counted, nothing guessed."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError

ACCURACY = {"metric": "accuracy", "unit": "fraction"}


def read(form: str, path: Path, **declared: object) -> pd.DataFrame:
    return read_population("x", {"format": form, "file": str(path), **declared})


def refusal(form: str, path: Path, **declared: object) -> str:
    with pytest.raises(ImportFileError) as error:
        read(form, path, **declared)
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    return str(error.value)


# ---- Tables of trackers ----------------------------------------------------------------------------------------------

WANDB = """"Name","State","Notes","User","Tags","Created","Runtime","Sweep","lr","depth","val/acc"
"bright-1","finished","-","me","","2024-01-01T10:00:00.000Z","120","s","0.1","8","0.93"
"bright-2","crashed","-","me","","2024-01-01T10:00:00.000Z","60","s","0.2","9","0.5"
"bright-3","running","-","me","","2024-01-01T10:00:00.000Z","10","s","0.3","9",""
"bright-4","finished","-","me","","2024-01-01T10:00:00.000Z","120","s","0.4","9","NaN"
"""


def test_runs_of_wandb(tmp_path, capsys):
    path = tmp_path / "wandb.csv"
    path.write_text(WANDB)
    said = ACCURACY | {"columns": {"error": "val/acc", "learning_rate": "lr"}}
    assert "row 4: diverged without an error" in refusal("wandb", path, **said)
    made = read("wandb", path, classes=10, **said)
    assert made["status"].tolist() == ["finished", "missing", "missing", "diverged"]
    assert made["error"].fillna(-1).tolist() == [7, -1, -1, 90]
    assert made["seconds"].tolist() == [120, 60, 10, 120] and made["learning_rate"].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert "2 missing (crashed: 1, running: 1); error = 100 - 100 x val/acc, also taken as the minimum over epochs" in (
        capsys.readouterr().out
    )
    both = {"columns": {"error": "val/acc", "error_min": "val/acc"}}
    assert "minimum over epochs" not in read("wandb", path, classes=10, **ACCURACY | both)["metric"][0]
    assert "does not say error or accuracy" in refusal("wandb", path, columns={"error": "val/acc"})


@pytest.mark.parametrize(("header", "seconds"), [("Runtime,_runtime", 120), ("_runtime,other", 120.5)])
def test_a_run_of_wandb_lasts_as_long_as_the_one_column_or_the_other_says(header, seconds, tmp_path):
    path = tmp_path / "wandb.csv"
    values = {"Runtime": "120", "_runtime": "120.5", "other": "7"}
    cells = ",".join(values[name] for name in header.split(","))
    path.write_text(f"Name,State,{header},val/acc\na,finished,{cells},0.93\n")
    assert read("wandb", path, columns={"error": "val/acc"}, **ACCURACY)["seconds"].tolist() == [seconds]


@pytest.mark.parametrize(
    "header",
    [
        "Start Time,Duration,Run ID,Name,Source Type,Source Name,User,Status,depth,val_err",
        "start_time,artifact_uri,run_id,params.name,tags.type,tags.source,tags.user,status,params.depth,val_err",
    ],
)
def test_runs_of_mlflow(header, tmp_path):
    path = tmp_path / "runs.csv"
    rows = [
        f"2024-01-01,1.2min,r{i},n,LOCAL,a.py,me,{state},8,{error}"
        for i, (state, error) in enumerate(
            [("FINISHED", 12.5), ("FAILED", ""), ("KILLED", 3), ("RUNNING", 50), ("SCHEDULED", "")]
        )
    ]
    path.write_text("\n".join([header, *rows]) + "\n")
    made = read("mlflow", path, columns={"error_min": "val_err"})
    assert made["status"].tolist() == ["finished"] + ["missing"] * 4 and made["error"][0] == 12.5
    assert made["reason"].tolist()[1:] == ["FAILED", "KILLED", "RUNNING", "SCHEDULED"]


# ---- Optuna ----------------------------------------------------------------------------------------------------------


def storage(path: Path, studies: int = 1) -> Path:
    """An Optuna storage of version 3 with one study of five trials, and perhaps empty ones."""
    choice = json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "silu"]}})
    number = json.dumps({"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "log": False, "step": None}})
    with sqlite3.connect(path) as made:
        made.executescript(
            """
            CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR);
            CREATE TABLE study_directions (study_direction_id INTEGER, direction VARCHAR, study_id INTEGER,
                objective INTEGER);
            CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR,
                datetime_start DATETIME, datetime_complete DATETIME);
            CREATE TABLE trial_values (trial_value_id INTEGER, trial_id INTEGER, objective INTEGER, value FLOAT,
                value_type VARCHAR);
            CREATE TABLE trial_params (param_id INTEGER, trial_id INTEGER, param_name VARCHAR, param_value FLOAT,
                distribution_json TEXT);
            CREATE TABLE trial_user_attributes (id INTEGER, trial_id INTEGER, key VARCHAR, value_json TEXT);
            """
        )
        made.executemany("INSERT INTO studies VALUES (?, ?)", [(i, f"study{i}") for i in range(1, studies + 1)])
        made.execute("INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0)")
        states = ["COMPLETE", "PRUNED", "FAIL", "RUNNING", "COMPLETE"]
        times = ("2024-01-01 10:00:00.000000", "2024-01-01 10:01:30.000000")
        made.executemany(
            "INSERT INTO trials VALUES (?, ?, 1, ?, ?, ?)",
            [(i + 1, i, state, *times) for i, state in enumerate(states)],
        )
        values = [(1, 1, 0, 12.5, "FINITE"), (2, 2, 0, 40.0, "FINITE"), (3, 5, 0, None, "INF_POS")]
        made.executemany("INSERT INTO trial_values VALUES (?, ?, ?, ?, ?)", values)
        params = [(trial, "act", trial % 2, choice) for trial in range(1, 6)]
        params += [(trial, "lr", 0.1 * trial, number) for trial in range(1, 6)]
        made.executemany("INSERT INTO trial_params VALUES (0, ?, ?, ?, ?)", params)
        made.execute("INSERT INTO trial_user_attributes VALUES (1, 1, 'params', '1000')")
    made.close()
    return path


def test_trials_of_optuna(tmp_path):
    path = storage(tmp_path / "optuna.db")
    assert "row 5: diverged without an error" in refusal("optuna", path, metric="error")
    made = read("optuna", path, metric="error", classes=4, columns={"params": "user_attrs_params"})
    assert made["status"].tolist() == ["finished", "missing", "missing", "missing", "diverged"]
    assert made["reason"].tolist()[1:4] == ["PRUNED", "FAIL", "RUNNING"]
    assert made["error"].fillna(-1).tolist() == [12.5, -1, -1, -1, 75]
    assert made["params_act"].tolist() == ["silu", "relu", "silu", "relu", "silu"]
    assert made["seconds"].round(3).tolist() == [90] * 5 and made["params"][0] == 1000


def test_storages_of_optuna_that_are_not_clear(tmp_path):
    two = storage(tmp_path / "two.db", studies=2)
    assert "several studies, expected study: with one of study1, study2" in refusal("optuna", two, metric="error")
    assert "no study 'x'" in refusal("optuna", two, metric="error", study="x")
    assert len(read("optuna", two, metric="error", classes=2, study="study1")) == 5
    assert "'value', a name that does not say error or accuracy" in refusal("optuna", storage(tmp_path / "a.db"))
    (tmp_path / "text.db").write_text("no database, but longer than a header of one would be" * 20)
    assert "expected an SQLite storage" in refusal("optuna", tmp_path / "text.db", metric="error")
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE x (y)").connection.close()
    assert "no such table: studies" in refusal("optuna", tmp_path / "other.db", metric="error")
    assert "there is no such file" in refusal("optuna", tmp_path / "gone.db", metric="error")
    assert not (tmp_path / "gone.db").exists()


# ---- Trials that report after every epoch ----------------------------------------------------------------------------


def ray_trial(folder: Path, accuracies: list[float], *, end: str = "\n", failed: bool = False) -> None:
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps({"lr": 0.1, "depth": 8}))
    lines = [
        json.dumps({"acc": acc, "training_iteration": i, "time_total_s": 2.0 * i, "done": False, "config": {"lr": 0.1}})
        for i, acc in enumerate(accuracies, start=1)
    ]
    (folder / "result.json").write_text("\n".join(lines) + end)
    if failed:
        (folder / "error.txt").write_text("CUDA out of memory")


def test_trials_of_ray_tune(tmp_path, capsys):
    ray_trial(tmp_path / "ray" / "t0", [0.5, 0.9, 0.8])
    ray_trial(tmp_path / "ray" / "t1", [0.5])
    ray_trial(tmp_path / "ray" / "t2", [0.5, 0.6, 0.7], failed=True)
    ray_trial(tmp_path / "ray" / "t3", [0.5, 0.6, 0.7], end='\n{"acc": 0.')
    ray_trial(tmp_path / "ray" / "t4", [0.5, 0.6, 0.7], end="")
    ray_trial(tmp_path / "ray" / "t5", [])
    said = ACCURACY | {"columns": {"error": "acc", "learning_rate": "config/lr"}}
    assert "expected epochs: those of a whole training" in refusal("ray_tune", tmp_path / "ray", **said)
    made = read("ray_tune", tmp_path / "ray", epochs=3, **said)
    assert made["status"].tolist() == ["finished", "missing", "missing", "finished", "missing", "missing"]
    assert made[["error", "error_min"]].iloc[0].tolist() == [20, 10] and made["learning_rate"][5] == 0.1
    assert "4 missing (ended before epoch 3: 3, error: 1)" in capsys.readouterr().out
    (tmp_path / "ray" / "t1" / "result.json").write_text("{\n")
    assert f"{tmp_path / 'ray'}" in refusal("ray_tune", tmp_path / "ray", epochs=3, **said)
    assert "no directory" in refusal("ray_tune", tmp_path / "ray" / "t1" / "result.json", epochs=3, **said)


SYNE = """trial_id,epoch,val_err,st_decision,st_status,config_lr,st_worker_time
0,1,50,CONTINUE,InProgress,0.1,2
1,1,80,STOP,InProgress,0.2,2
0,2,30,CONTINUE,InProgress,0.1,4
0,2,35,CONTINUE,InProgress,0.1,4
0,3,40,CONTINUE,InProgress,0.1,6
"""


@pytest.mark.parametrize("name", ["results.csv", "results.csv.zip"])
def test_trials_of_syne_tune(name, tmp_path):
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("results.csv", SYNE)
    else:
        path.write_text(SYNE)
    made = read("syne_tune", path, epochs=3, columns={"error": "val_err"})
    assert made["status"].tolist() == ["finished", "missing"]
    assert made[["error", "error_min", "seconds"]].iloc[0].tolist() == [40, 35, 6]
    assert "no reports with 'acc_err'" in refusal("syne_tune", path, epochs=3, columns={"error": "acc_err"})


@pytest.mark.parametrize("epochs", [2, 3])
def test_epochs_that_count_from_0_are_read_as_counting_from_1(epochs, tmp_path, capsys):
    path = tmp_path / "results.csv"
    path.write_text("trial_id,epoch,val_err\n0,0,50\n0,1,40\n0,2,45\n1,0,60\n1,1,30\n")
    made = read("syne_tune", path, epochs=epochs, columns={"error": "val_err"})
    assert made["status"].tolist() == ["finished", "missing"]
    assert made[["error", "error_min"]].iloc[0].tolist() == [45, 40]
    said = f"{path}: epoch counts from 0 to 2, read as 1 to 3"
    assert (said in capsys.readouterr().out) == (epochs == 3)  # of 2 epochs, 0 is a test before the first
    assert made["epochs"].tolist() == ([3, 2] if epochs == 3 else [2, 1])


def test_rows_of_a_table_that_ended_early_are_missing_where_the_user_says_how_long_a_training_is(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("net,error,epochs\na,30,10\nb,20,9\nc,25,\n")
    assert read("csv", path)["status"].tolist() == ["finished"] * 3
    assert read("csv", path, epochs=10)["status"].tolist() == ["finished", "missing", "missing"]
    path.write_text("net,error\na,30\n")
    assert "no column for epochs" in refusal("csv", path, epochs=10)


def test_reports_and_parameters_within_others_are_named_as_in_tables_of_ray(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "params.json").write_text(json.dumps({"model": {"depth": 8, "widths": [1, 2]}}))
    reports = [
        {"val": {"acc": acc}, "training_iteration": i + 1, "config": {"lr": 1}} for i, acc in enumerate([0.5, 0.9])
    ]
    (tmp_path / "a" / "result.json").write_text("".join(f"{json.dumps(report)}\n" for report in reports))
    said = ACCURACY | {"columns": {"error": "val/acc", "depth": "config/model/depth"}}
    made = read("ray_tune", tmp_path, epochs=2, **said)
    assert made[["error", "depth", "config/model/widths"]].iloc[0].tolist() == [10, 8, "[1, 2]"]


def test_a_folder_of_ray_tune_without_parameters_is_a_trial(tmp_path):
    ray_trial(tmp_path / "a", [0.5, 0.9])
    ray_trial(tmp_path / "b", [0.5, 0.9])
    (tmp_path / "b" / "params.json").unlink()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "error.txt").write_text("died")
    made = read("ray_tune", tmp_path, epochs=2, columns={"error": "acc"}, **ACCURACY)
    assert made["status"].tolist() == ["finished", "finished", "missing"]


def test_a_report_of_an_epoch_in_between_counts(tmp_path):
    path, said = tmp_path / "results.csv", {"epochs": 3, "columns": {"error": "val_err"}}
    path.write_text("trial_id,epoch,val_err\n0,1,50\n0,2,oops\n0,3,40\n")
    assert "trial 0: val_err is 'oops', expected a number" in refusal("syne_tune", path, **said)
    path.write_text("trial_id,epoch,val_err\n0,1,50\n0,2,nan\n0,3,40\n")
    made = read("syne_tune", path, classes=10, **said)
    assert made["status"].tolist() == ["diverged"] and made["error"].tolist() == [90]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trial_params SET distribution_json = NULL",
        "UPDATE trial_params SET distribution_json = '[]'",
        """UPDATE trial_params SET distribution_json = '{"attributes": {"choices": ["x"]}}', param_value = -1""",
        "UPDATE trial_user_attributes SET value_json = NULL",
    ],
)
def test_a_damaged_storage_of_optuna_is_one_line(change, tmp_path):
    path = storage(tmp_path / "optuna.db")
    with sqlite3.connect(path) as damaged:
        damaged.execute(change)
    assert "expected an SQLite storage of Optuna" in refusal("optuna", path, metric="error", unit="percent", classes=10)


def test_the_direction_of_a_study_of_optuna_agrees_with_its_metric(tmp_path):
    path = storage(tmp_path / "optuna.db")
    with sqlite3.connect(path) as changed:
        changed.execute("UPDATE study_directions SET direction = 'MAXIMIZE'")
    line = refusal("optuna", path, metric="error", unit="percent", classes=10)
    assert "the study's direction is MAXIMIZE, but metric: error is said of its value" in line
