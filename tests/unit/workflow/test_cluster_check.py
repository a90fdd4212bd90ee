"""The report of a node, and the one line about what would make training fail there."""

import builtins

import pytest
from netspaces.data.errors import DatasetError
from netspaces.data.preparation import prepare
from netspaces.workflow.cluster_check import complaint, dataset_lines, inspect, lines

PLACE = {"path": "/shared", "there": True, "writable": True, "free_gb": 12.3}
GPU = {"name": "NVIDIA H100", "memory_gb": 79.6}
GOOD = {
    "node": "gpu07",
    "job": "42",
    "cpus": 4,
    "python": "3.11.7 (/shared/.venv/bin/python)",
    "visible_gpus": "0",
    "scratch": PLACE | {"path": "/scratch/42"},
    "folders": {"results": PLACE, "dataset": PLACE | {"path": "/shared/imagenet", "writable": False}},
    "torch": "2.13.0",
    "cuda": "12.9",
    "import_seconds": 4.21,
    "gpus": [GPU],
}


def test_this_machine(tmp_path):
    report = inspect({"results": str(tmp_path), "dataset": str(tmp_path / "absent")})
    assert report["folders"]["results"]["writable"] and not report["folders"]["dataset"]["there"]
    assert report["import_seconds"] >= 0 and report["cpus"] >= 1 and report["scratch"]["free_gb"] > 0
    assert complaint(report, "cpu") is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_but_no_folder_to_write_to(tmp_path):
    (tmp_path / "images.npz").write_bytes(b"")
    place = inspect({"dataset": str(tmp_path / "images.npz")})["folders"]["dataset"]
    assert (place["there"], place["writable"], place["free_gb"]) == (True, False, None)


def test_torch_that_cannot_be_imported_is_reported(monkeypatch):
    load = builtins.__import__

    def broken(name, *arguments, **options):
        if name == "torch":
            raise OSError("libcudart.so.12: cannot open shared object file\nmore")
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", broken)
    report = inspect({})
    assert report["torch"] is None
    report["folders"] = GOOD["folders"]
    assert complaint(report, "cpu").endswith("OSError: libcudart.so.12: cannot open shared object file")
    assert not any(line.startswith("torch") for line in lines(report))


def test_the_report_for_people():
    assert lines(GOOD) == [
        "node      gpu07, SLURM job 42, 4 CPUs",
        "python    3.11.7 (/shared/.venv/bin/python)",
        "torch     2.13.0, CUDA 12.9, imported in 4.2 s",
        "GPU       NVIDIA H100, 79.6 GB (CUDA_VISIBLE_DEVICES 0)",
        "scratch   /scratch/42: writable, 12.3 GB free",
        "results   /shared: writable, 12.3 GB free",
        "dataset   /shared/imagenet: there, 12.3 GB free",
    ]


@pytest.mark.parametrize(
    "changes, device, expected",
    [
        ({}, "cuda", None),
        ({"gpus": [], "visible_gpus": None}, "cpu", None),
        ({"gpus": [], "cuda": None}, "cuda", "torch 2.13.0 is built without CUDA"),
        ({"gpus": [], "visible_gpus": None}, "cuda", "SLURM gave the job none"),
        ({"gpus": []}, "cuda", "SLURM gave it 0; does the node's driver support CUDA 12.9?"),
        ({"folders": {"results": PLACE | {"writable": False}}}, "cuda", "results folder /shared is not writable"),
        ({"scratch": PLACE | {"writable": False}}, "cuda", "scratch folder /shared is not writable"),
    ],
)
def test_what_would_make_training_fail(changes, device, expected):
    found = complaint(GOOD | changes, device)
    assert found is None if expected is None else expected in found
    assert expected is None or ("gpu07" in found and "\n" not in found)


def test_prepared_datasets_are_checked_whole(tmp_path):
    settings = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5, "seed": 0}
    prepare(settings, tmp_path / "dataset")
    metas = [str(tmp_path / name / "meta.json") for name in ("dataset", "second_dataset")]
    assert dataset_lines(metas) == [
        f"prepared  {tmp_path / 'dataset'}: all 0.1 MB as written",
        f"prepared  {tmp_path / 'second_dataset'}: not prepared yet",
    ]
    labels = tmp_path / "dataset" / "train_labels.npy"
    labels.write_bytes(labels.read_bytes()[:-1] + b"\1")
    with pytest.raises(DatasetError, match=f"^{labels} is damaged"):
        dataset_lines(metas)
