"""Run records: what is said of damaged ones."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.architecture import Architecture
from netspaces.training.records import OPTIONAL, RecordError, check_record, read_record

laws = settings(deadline=None, derandomize=True, max_examples=100)
ARCHITECTURE = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (1, 2))
RECIPE = {"epochs": 2, "learning_rate": 0.1, "nesterov": True}
KEY = "413c23f7244315dadf37"
RECORD = {
    "key": KEY,
    "status": "finished",
    "error": 12.5,
    "error_min": 12,
    "error_selected": None,
    "architecture": ARCHITECTURE.to_dict(),
    "complexity": {"flops": 100, "params": 10, "activations": 5, "activations_all": 6},
    "recipe": RECIPE,
    "epochs": [{"train_loss": 1.5, "train_error": 30.0, "test_error": 12}] * 2,
    "diverged_in_epoch": None,
    "diverged_in_step": None,
    "seconds": 3.5,
    "images_per_second": 1000.0,
    "peak_memory_mb": 300.0,
    "device": "x86_64 AVX2",
    "seed": 0,
    "dataset": "dataset",
    "training_version": 1,
}


@pytest.fixture
def write(tmp_path):
    """Writes text, or a value as JSON, where the record of `KEY` belongs."""

    def write(content):
        path = tmp_path / f"{KEY}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


# ---- Reading ---------------------------------------------------------------------------------------------------------


def test_a_good_record_is_read_as_it_was_written(write):
    assert read_record(write(RECORD)) == RECORD
    diverged = RECORD | {"status": "diverged", "epochs": [], "diverged_in_epoch": 1}
    assert read_record(write(diverged)) == diverged


def test_a_record_of_the_former_kind_is_read_too(write):
    former = {name: value for name, value in RECORD.items() if name != "training_version"} | {"digest": "abc"}
    assert read_record(write(former)) == former


DAMAGED = {
    "empty": ("", "not JSON"),
    "truncated": (json.dumps(RECORD)[:200], "not JSON"),
    "binary": ("\x00\x01", "not JSON"),
    "list": ([RECORD], r"holds \[.*\], expected a run record"),
    "null": ("null", "holds None, expected a run record"),
    "wrong key": (RECORD | {"key": "0" * 20}, f"key is {'0' * 20}, expected {KEY}"),
    "unknown status": (RECORD | {"status": "running"}, "status is 'running', expected finished or diverged"),
    "text for a number": (RECORD | {"error": "12.5"}, "error is '12.5', expected a finite number"),
    "text for a step": (RECORD | {"diverged_in_step": "3"}, "diverged_in_step is '3', expected a whole number"),
    "text for an error": (RECORD | {"error_selected": "3"}, "error_selected is '3', expected a finite number"),
    "bool for a number": (RECORD | {"error_min": True}, "error_min is True, expected a finite number"),
    "bool for a whole number": (RECORD | {"seed": False}, "seed is False, expected a whole number"),
    "null for a number": (RECORD | {"seconds": None}, "seconds is None, expected a finite number"),
    "nan": (RECORD | {"error": float("nan")}, "error is nan, expected a finite number"),
    "infinity": (RECORD | {"images_per_second": float("inf")}, "images_per_second is inf, expected a finite number"),
    "number for text": (RECORD | {"device": 3}, "device is 3, expected text"),
    "list for a mapping": (RECORD | {"recipe": []}, r"recipe is \[\], expected keys and values"),
    "recipe": (RECORD | {"recipe": {"epochs": 2.5}}, "recipe.epochs is 2.5, expected a whole number"),
    "complexity": (RECORD | {"complexity": {"flops": 1}}, "complexity.params is missing, expected a whole number"),
    "epochs": (RECORD | {"epochs": {"1": 2}}, "epochs is .*, expected a list"),
    "epoch": (RECORD | {"epochs": [RECORD["epochs"][0], 7]}, "epoch 2: got 7, expected keys and values"),
    "epoch's loss": (RECORD | {"epochs": [{"train_loss": None}]}, "epoch 1: train_loss is None, expected a finite"),
    "architecture without stem": (
        RECORD | {"architecture": {k: v for k, v in ARCHITECTURE.to_dict().items() if k != "stem"}},
        r"architecture: missing or unknown keys \['stem'\], expected an architecture",
    ),
    "impossible architecture": (
        RECORD | {"architecture": ARCHITECTURE.to_dict() | {"block": "z"}},
        "architecture: block is 'z', expected one of mb, r, v, vr, x",
    ),
    "nonsense architecture": (
        RECORD | {"architecture": ARCHITECTURE.to_dict() | {"depths": None}},
        "expected an architecture",
    ),
}


@pytest.mark.parametrize("content, message", DAMAGED.values(), ids=list(DAMAGED))
def test_a_damaged_record_is_refused_in_one_line(write, content, message):
    path = write(content)
    with pytest.raises(RecordError, match=message) as error:
        read_record(path)
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith("; delete the file to train this network again")
    assert "\n" not in text and len(text) < 500


@pytest.mark.parametrize("name", sorted(set(RECORD) - set(OPTIONAL)))
def test_a_missing_field_is_named(write, name):
    with pytest.raises(RecordError, match=f": {name} is missing, expected "):
        read_record(write({key: value for key, value in RECORD.items() if key != name}))


@laws
@given(st.integers(0, len(json.dumps(RECORD)) - 1))
def test_no_truncated_record_is_read(length):
    try:
        record = json.loads(json.dumps(RECORD)[:length])
    except ValueError:
        return
    with pytest.raises(RecordError):
        check_record(record, "file")


def test_a_long_wrong_value_is_shortened():
    with pytest.raises(RecordError) as error:
        check_record(RECORD | {"key": list(range(10_000))}, "file")
    assert len(str(error.value)) < 200
