"""Kept weights: a network comes back with its record's error, damage is found, nothing is trained again for them."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.loaded import error_on_the_test_split
from helpers.records import make_record, write_record
from helpers.small_runs import ARCHITECTURE, DATASET, OTHERS, comparable, make_run, output_of, train
from netspaces.files.safe import DamagedFile, OneLineError, OneLineWarning, write_json
from netspaces.networks.blocks import BLOCKS
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.training import train as training
from netspaces.training.weights import COUNTERS, METADATA, load_weights, read_weights, weights_path, write_weights

pytestmark = pytest.mark.usefixtures("one_thread")

HALF = '''
from netspaces.networks.block import Block
from netspaces.networks.layers import Convolution


class Half(Block):
    """One convolution."""

    name = "half"
    description = "one convolution"
    parameters = ("kernel",)
    shortcut = "identity"
    final_activation = {activation}

    def layers(self, shape):
        sizes = dict(inputs=shape.inputs, outputs=shape.width, kernel=shape.kernel, stride=shape.stride)
        return [Convolution(name="only", activation=False, **sizes)]


BLOCK = Half()
'''


@pytest.fixture
def half(tmp_path):
    """A user's file with a block."""
    path = tmp_path / "half.py"
    path.write_text(HALF.format(activation=True))
    load_plugins([path])
    yield path
    forget_plugins()


def kept(store, **options) -> dict:
    return train(store, keep_weights=True, **options)


# ---- A network comes back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "architecture, recipe",
    [
        (ARCHITECTURE, {}),
        (ARCHITECTURE, {"ema_decay": 0.9, "augmentation": ["crop", "flip"]}),
        (OTHERS[0], {"precision": "bf16"}),
        (OTHERS[1], {"ema_decay": 0.5, "precision": "bf16", "layout": "contiguous_format"}),
        (ARCHITECTURE, {"drop_path": 0.2, "dropout": 0.1, "zero_init_residual": True}),
        (ARCHITECTURE, {"precise_batch_norm": 24, "ema_decay": 0.5}),
    ],
    ids=["plain", "average", "bf16", "average in bf16", "dropping", "precise statistics"],
)
def test_a_network_comes_back_with_the_error_of_its_record(tmp_path, architecture, recipe):
    record = kept(tmp_path, architecture=architecture, recipe={"epochs": 6} | recipe)
    network = load_weights(record, tmp_path)
    assert error_on_the_test_split(network, record, DATASET) == record["error"] == record["epochs"][-1]["test_error"]
    assert not network.training and {value.dtype for value in network.parameters()} == {torch.float32}
    untrained = [value.clone() for value in make_run().network.parameters()]
    assert architecture != ARCHITECTURE or not all(map(torch.equal, network.parameters(), untrained))


def test_what_comes_back_is_the_moving_average_to_the_bit(tmp_path):
    record, run = kept(tmp_path, recipe={"ema_decay": 0.9}), make_run(ema_decay=0.9)
    run.train(lambda: False, lambda: None, 60)
    found, expected, raw = (
        {name: value for name, value in network.state_dict().items() if not name.endswith(COUNTERS)}
        for network in (load_weights(record, tmp_path), run.evaluated, run.network)
    )
    assert found.keys() == expected.keys() and any("running_var" in name for name in found)
    assert all(torch.equal(value, expected[name]) for name, value in found.items())
    assert not all(torch.equal(value, raw[name]) for name, value in found.items())


def test_a_network_with_a_block_of_a_user_comes_back_with_its_file_alone(tmp_path, half):
    blocks = {"block": "half", "se_ratio": 0.0, "bottlenecks": (1.0, 1.0), "group_widths": (1, 1)}
    record = kept(tmp_path, architecture=replace(ARCHITECTURE, **blocks))
    assert error_on_the_test_split(load_weights(record, tmp_path), record, DATASET) == record["error"]
    forget_plugins()
    with pytest.raises(OneLineError, match=r"^block: got 'half', expected its file to be loaded: netspaces.load_plug"):
        load_weights(record, tmp_path)
    half.write_text(HALF.format(activation=False))  # the same shapes, another network
    load_plugins([half])
    assert "half" in BLOCKS
    with pytest.raises(OneLineError, match=f"^block: the file of 'half' is not the one that run {record['key']} was"):
        load_weights(record, tmp_path)


def test_channels_and_answers_are_those_of_the_run(tmp_path):
    record = kept(tmp_path, recipe={"target": "rotation"})
    said, _ = read_weights(weights_path(tmp_path, record["key"]), record)
    assert said == {"key": record["key"], "error": record["error"], "channels": 1, "classes": 4}
    assert load_weights(record, tmp_path).head.out_features == 4


# ---- Beside the record -----------------------------------------------------------------------------------------------


def test_keeping_weights_changes_neither_key_nor_record_and_repeats(tmp_path):
    first, again = kept(tmp_path / "first"), kept(tmp_path / "again")
    without = train(tmp_path / "without")
    assert comparable(first) == comparable(again) == comparable(without)
    files = [weights_path(tmp_path / name, first["key"]) for name in ("first", "again", "without")]
    assert files[0].read_bytes() == files[1].read_bytes() and not files[2].exists()
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == [f"{first['key']}.json", files[0].name]


def test_a_record_with_weights_has_its_file_whenever_its_writer_is_killed(tmp_path, monkeypatch):
    def killed(*of):
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "store_record", killed)
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path)
    (left,) = tmp_path.iterdir()  # the weights were written first
    monkeypatch.undo()
    monkeypatch.setattr(training, "write_weights", killed)
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path)
    assert list(tmp_path.iterdir()) == [left]
    monkeypatch.undo()
    record = kept(tmp_path)
    assert error_on_the_test_split(load_weights(record, tmp_path), record, DATASET) == record["error"]


def test_a_run_that_another_job_has_stored_with_other_numbers_keeps_no_weights(tmp_path, monkeypatch):
    turns_to_the_end = training.turns_in_memory
    other = train(tmp_path / "other")
    other = other | {"epochs": [epoch | {"train_loss": 9.0} for epoch in other["epochs"]]}

    def meanwhile(*of):
        ended = yield from turns_to_the_end(*of)
        write_json(tmp_path / f"{other['key']}.json", other)
        return ended

    monkeypatch.setattr(training, "turns_in_memory", meanwhile)
    assert kept(tmp_path) == other
    assert not weights_path(tmp_path, other["key"]).exists()


def test_a_run_found_without_weights_is_said_and_not_trained_again(tmp_path, monkeypatch):
    record = train(tmp_path)
    monkeypatch.setattr(training, "Run", None)
    with pytest.warns(OneLineWarning, match=rf"^{tmp_path}/{record['key']}.json: its weights were not kept when"):
        assert kept(tmp_path) == record
    with pytest.raises(OneLineError, match=r"no such file; its weights were not kept when it was trained, expec"):
        load_weights(record, tmp_path)


def test_a_diverged_run_has_no_weights_and_nothing_is_missing(tmp_path, recwarn):
    for _ in range(2):  # trained, then found
        record = kept(tmp_path, recipe={"learning_rate": 1e6, "epochs": 5})
    assert record["status"] == "diverged" and [path.suffix for path in tmp_path.iterdir()] == [".json"]
    assert not [warning for warning in recwarn if issubclass(warning.category, OneLineWarning)]
    with pytest.raises(OneLineError, match="no such file; the run diverged, and of such runs no weights are kept"):
        load_weights(record, tmp_path)


def test_what_killed_writers_left_is_removed(tmp_path):
    key = kept(tmp_path)["key"]
    for train_or_find in range(2):
        (tmp_path / f".{key}.safetensors.{'0' * 16}").write_bytes(b"half of a file")
        if train_or_find == 0:
            (tmp_path / f"{key}.json").unlink()
        kept(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"{key}.json", f"{key}.safetensors"]


# ---- Damage ----------------------------------------------------------------------------------------------------------


def test_flipped_bits_are_found_or_harmless(tmp_path):
    record = kept(tmp_path)
    path, chance, found = weights_path(tmp_path, record["key"]), random.Random(0), 0
    content, before = path.read_bytes(), load_weights(record, tmp_path).state_dict()
    header = 8 * (8 + int.from_bytes(content[:8], "little"))
    flips = [chance.randrange(header) for _ in range(100)] + [chance.randrange(8 * len(content)) for _ in range(100)]
    for bit in flips:
        wrong = bytearray(content)
        wrong[bit // 8] ^= 1 << bit % 8
        path.write_bytes(wrong)
        try:
            after = load_weights(record, tmp_path).state_dict()
        except DamagedFile as error:
            assert str(error).startswith(f"{path} is damaged (") and "\n" not in str(error)
            found += 1
        else:
            assert all(torch.equal(value, before[name]) for name, value in after.items()), bit
    assert found > 180


@pytest.mark.parametrize("content", [b"", b"{", b"\x02" + bytes(7) + b"[]", bytes(100), b"\xff" * 100])
def test_what_is_no_file_of_weights_is_one_line(tmp_path, content):
    path = weights_path(tmp_path, "0" * 20)
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=rf"^{path} is damaged \(it does not begin as weights of the workflow"):
        read_weights(path)


def test_weights_of_another_run_or_of_another_training_are_refused(tmp_path):
    record = kept(tmp_path)
    path, other = weights_path(tmp_path, record["key"]), make_record()
    with pytest.raises(DamagedFile, match=r"is damaged \(its error is .* %, that of its record 20 %\)"):
        read_weights(path, other)
    renamed = path.rename(weights_path(tmp_path, other["key"]))
    with pytest.raises(DamagedFile, match=rf"is damaged \(it is of run {record['key']}\)"):
        read_weights(renamed)


def test_weights_that_do_not_fit_are_one_line(tmp_path):
    record = write_record(tmp_path, make_record())
    network = torch.nn.Linear(3, 2)
    write_weights(weights_path(tmp_path, record.stem), network, 20.0, channels=1, classes=4)
    with pytest.raises(OneLineError, match="not the weights that its network takes: Error.* loading") as error:
        load_weights(make_record(), tmp_path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 600


# ---- Cost ------------------------------------------------------------------------------------------------------------


def test_the_file_takes_four_bytes_per_number(tmp_path):
    path, network = weights_path(tmp_path, "key"), make_run().network
    write_weights(path, network, np.float64(20.0), 1, 4)
    numbers = sum(value.numel() for name, value in network.state_dict().items() if not name.endswith(COUNTERS))
    header = int.from_bytes(path.read_bytes()[:8], "little")
    assert path.stat().st_size == 8 + header + 4 * numbers
    said = json.loads(json.loads(path.read_bytes()[8 : 8 + header])["__metadata__"][METADATA])
    assert said["error"] == 20.0 and len(said["digest"]) == 64


def test_training_without_weights_imports_no_safetensors():
    code = "import sys, netspaces.training.share, netspaces.workflow.verify\nprint('safetensors' in sys.modules)"
    assert output_of(code) == ["False"]
