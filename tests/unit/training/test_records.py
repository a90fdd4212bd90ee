"""Run records: what is found, what is said of damaged ones."""

import json

import pytest
from helpers.records import ARCHITECTURE, DIVERGED, edit, make_record, write_record
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.files.safe import OneLineWarning
from netspaces.training.records import (
    FORMER_IDENTITY,
    OPTIONAL,
    RecordError,
    check_against_store,
    check_record,
    find_record,
    key_of,
    read_record,
    store_record,
)

laws = settings(deadline=None, derandomize=True, max_examples=100)
RECORD = make_record(errors=(12.0, 12.5))
KEY = RECORD["key"]
VALIDATED = make_record() | {
    "epochs": [epoch | {"validation_error": 9.0} for epoch in make_record()["epochs"]],
    "error_selected": 19.0,
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


@pytest.mark.parametrize("record", [RECORD, RECORD | DIVERGED, VALIDATED])
def test_a_good_record_is_read_as_it_was_written(tmp_path, record):
    path = write_record(tmp_path, record)
    assert read_record(path) == find_record(path) == record
    assert json.loads(path.read_text())["digest"]


def test_a_record_of_the_former_kind_is_read_too(tmp_path):
    former = {name: value for name, value in RECORD.items() if name != "training_version"} | {"digest": "abc"}
    former["key"] = key_of([former[name] for name in FORMER_IDENTITY])
    path = tmp_path / f"{former['key']}.json"
    path.write_text(json.dumps(former))
    assert read_record(path) == former


# ---- What is wrong ---------------------------------------------------------------------------------------------------


DAMAGED = {
    "empty": ("", "not JSON"),
    "truncated": (json.dumps(RECORD)[:200], "not JSON"),
    "binary": ("\x00\x01", "not JSON"),
    "list": ([RECORD], r"holds \[.*\], expected a run record"),
    "null": ("null", "holds None, expected a run record"),
    "wrong key": (RECORD | {"key": "0" * 20}, f"key is {'0' * 20}, its contents have {KEY}"),
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
    "too many digits": (json.dumps(RECORD).replace("12.5", "1e400"), "error is inf, expected a finite number"),
    "epochs": (RECORD | {"epochs": {"1": 2}}, "epochs is .*, expected a list"),
    "epoch": (RECORD | {"epochs": [RECORD["epochs"][0], 7]}, "epoch 2: got 7, expected keys and values"),
    "epoch's loss": (RECORD | {"epochs": [{"train_loss": None}]}, "epoch 1: train_loss is None, expected a finite"),
    "another recipe": (RECORD | {"recipe": RECORD["recipe"] | {"learning_rate": 0.2}}, "its contents have"),
    "another seed": (RECORD | {"seed": 1}, "its contents have"),
    "another dataset": (RECORD | {"dataset": "other"}, "its contents have"),
    "another version": (RECORD | {"training_version": 2}, "its contents have"),
    "another network": (RECORD | {"architecture": ARCHITECTURE.to_dict() | {"depths": [1, 1]}}, "its contents have"),
    "an error below 0": (RECORD | {"error": -5.0}, "error is -5.0, expected 0 to 100"),
    "an error above 100": (RECORD | {"error_min": 101}, "error_min is 101, expected 0 to 100"),
    "another error": (RECORD | {"error": 12.0}, "error is 12.0, expected 12.5 by its epochs"),
    "another smallest error": (RECORD | {"error_min": 1.0}, "error_min is 1.0, expected 12.0 by its epochs"),
    "another selected error": (VALIDATED | {"error_selected": 20.0}, "error_selected is 20.0, expected 19.0 by"),
    "no selected error": (VALIDATED | {"error_selected": None}, "error_selected is None, expected 19.0 by"),
    "a selected error without validation": (RECORD | {"error_selected": 12.0}, "is 12.0, expected None by"),
    "another status": (RECORD | {"status": "diverged"}, "is diverged and holds 2 epochs, expected less than 2"),
    "finished early": (RECORD | {"epochs": RECORD["epochs"][:1]}, "holds 1 epochs, expected the 2 of its recipe"),
    "finished and diverged": (RECORD | {"diverged_in_epoch": 1}, "status is finished and diverged_in_epoch is 1"),
    "diverged with two errors": (RECORD | DIVERGED | {"error": 80.0}, "error_min is 90.0, expected 80.0"),
    "diverged in another epoch": (RECORD | DIVERGED | {"diverged_in_epoch": 2}, "expected 1 by its epochs"),
    "an impossible epoch": (
        RECORD | {"epochs": [RECORD["epochs"][0] | {"test_error": 1e9}, RECORD["epochs"][1]]},
        "epoch 1: test_error is 1000000000.0, expected 0 to 100",
    ),
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
    assert text.startswith(f"{path} is damaged (")
    assert text.endswith("): remove it, and its network is trained again when its job runs")
    assert "\n" not in text and len(text) < 500


@pytest.mark.parametrize("name", sorted(set(RECORD) - set(OPTIONAL)))
def test_a_missing_field_is_named(write, name):
    with pytest.raises(RecordError, match=rf"\({name} is missing, expected "):
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


def test_a_record_under_another_name_is_refused(tmp_path):
    path = write_record(tmp_path, RECORD).rename(tmp_path / f"{'0' * 20}.json")
    with pytest.raises(RecordError, match=f"key is {KEY}, expected {'0' * 20}"):
        read_record(path)


@pytest.mark.parametrize("change", [{"seconds": 1.0}, {"complexity": RECORD["complexity"] | {"flops": 1}}, {"x": 1}])
def test_a_change_that_only_the_digest_shows_is_refused(tmp_path, change):
    path = write_record(tmp_path, RECORD)
    edit(path, **change)
    with pytest.raises(RecordError, match="its digest is not that of its contents"):
        read_record(path)


# ---- What is found in a store ----------------------------------------------------------------------------------------


def test_what_is_not_there_is_not_found(tmp_path):
    assert find_record(tmp_path / f"{KEY}.json") is None
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / f"{KEY}.json")


def test_a_damaged_record_is_set_aside_and_counts_as_not_there(write):
    path = write(RECORD | {"error": -5.0})
    content = path.read_bytes()
    with pytest.warns(OneLineWarning) as warned:
        assert find_record(path) is None
    assert str(warned[0].message) == (
        f"{path} is damaged (error is -5.0, expected 0 to 100), now {KEY}.json.damaged: its network is trained again"
    )
    assert {aside.name: aside.read_bytes() for aside in path.parent.iterdir()} == {f"{KEY}.json.damaged": content}


def test_a_record_from_before_digests_gets_one_when_it_is_found(write):
    path = write(RECORD)
    assert find_record(path) == RECORD and "digest" in json.loads(path.read_text())
    edit(path, seconds=1.0)
    with pytest.raises(RecordError, match="digest"):
        read_record(path)


def test_of_two_jobs_that_trained_the_same_run_the_first_one_counts(tmp_path):
    path = tmp_path / f"{KEY}.json"
    assert store_record(path, RECORD) == RECORD
    assert store_record(path, RECORD | {"seconds": 9.0}) == RECORD == read_record(path)


def test_what_another_file_says_of_a_run_is_compared_with_the_store(tmp_path):
    check_against_store(RECORD, tmp_path, "shard.json")
    path = write_record(tmp_path, RECORD)
    check_against_store(RECORD | {"seconds": 9.0, "device": "another"}, tmp_path, "shard.json")
    other = make_record(errors=(1.0, 12.5))
    with pytest.raises(
        RecordError, match=rf"^shard.json is damaged \(network 3: it is not the run in {path}\): remove"
    ):
        check_against_store(other, tmp_path, "shard.json", "network 3: ")
    path.write_text("{")
    with pytest.raises(RecordError, match=rf"^{path} is damaged \(.*\): remove shard.json and run again$"):
        check_against_store(RECORD, tmp_path, "shard.json")
