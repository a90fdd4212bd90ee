"""Training that is interrupted or killed: it goes on where it was and ends in the same bytes."""

import os
import random
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch
from helpers.patience import PATIENCE
from helpers.small_runs import (
    ARCHITECTURE,
    COMPLEXITY,
    DATASET,
    RECIPE,
    STEPS,
    VARIED,
    comparable,
    laws,
    output_of,
    start,
    stop_after,
    train,
    undisturbed,
    validated,
)
from hypothesis import given
from hypothesis import strategies as st
from netspaces.files.safe import DamagedFile, OneLineWarning
from netspaces.training import checkpoints
from netspaces.training import train as training
from netspaces.training.checkpoints import CheckpointNotUsable
from netspaces.training.process import STOPPING, Interrupted, StopRequest
from netspaces.training.run import Run

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Resume ----------------------------------------------------------------------------------------------------------


@laws
@given(stops=st.lists(st.integers(1, 2 * STEPS), min_size=1, max_size=4), ema=st.sampled_from([0.0, 0.9]))
def test_a_run_that_is_stopped_and_resumed_ends_in_the_same_bytes(stops, ema):
    with tempfile.TemporaryDirectory() as store:
        for steps in stops:
            try:
                train(store, recipe={"ema_decay": ema}, stopping=stop_after(steps), checkpoint_seconds=0.0)
            except Interrupted:
                assert [path.suffix for path in Path(store).iterdir()] == [".checkpoint"]
        assert comparable(train(store, recipe={"ema_decay": ema})) == undisturbed(ema)
        assert [path.suffix for path in Path(store).iterdir()] == [".json"]


@pytest.mark.parametrize("steps", [1, 2, STEPS, STEPS + 1, 3 * STEPS])
def test_a_run_stops_at_once_and_goes_on_where_it_stopped(tmp_path, monkeypatch, steps):
    expected = undisturbed(0.0)
    with pytest.raises(Interrupted, match=r"interrupted in epoch \d, step \d; the checkpoint was written") as stop:
        train(tmp_path, stopping=stop_after(steps))
    assert stop.value.code not in (0, None)
    done, original = [], Run.train_step

    def spy(run, *batch_and_rate):
        done.append(1)
        original(run, *batch_and_rate)

    monkeypatch.setattr(Run, "train_step", spy)
    assert comparable(train(tmp_path)) == expected
    assert len(done) == 3 * STEPS - steps


def test_the_time_of_a_resumed_run_is_that_of_all_attempts(tmp_path):
    with pytest.raises(Interrupted):
        train(tmp_path, stopping=stop_after(1))
    (path,) = tmp_path.iterdir()
    state = checkpoints.read(path)
    assert state["seconds"] > 0
    write_state(path, state | {"seconds": state["seconds"] + 1000})
    assert 1000 < train(tmp_path)["seconds"] < 1100


def test_checkpoints_come_at_epoch_ends_and_not_too_often(tmp_path, monkeypatch):
    saved, save = [], torch.save

    def spy(state, file):
        saved.append(len(state["epochs"]))
        save(state, file)

    monkeypatch.setattr(torch, "save", spy)
    train(tmp_path / "often", checkpoint_seconds=0.0)
    train(tmp_path / "never", checkpoint_seconds=60.0)
    assert saved == [1, 2, 3]


# ---- Checkpoints -----------------------------------------------------------------------------------------------------


class Evil:
    """Runs a command when unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def interrupted(store: Path, **options) -> Path:
    """The checkpoint of a run that was stopped in the middle of its second epoch."""
    with pytest.raises(Interrupted):
        train(store, stopping=stop_after(STEPS + 2), **options)
    return next(store.glob("*.checkpoint"))


def write_state(checkpoint: Path, state: object) -> None:
    """Write a state with the digest that it has."""
    content = checkpoints.serialised(state)
    checkpoint.write_bytes(checkpoints.heading(content) + content)


def damage(checkpoint: Path, how: str) -> None:
    """Spoil a checkpoint in one of the ways in which they are found."""
    content, state = checkpoint.read_bytes(), checkpoints.read(checkpoint)
    if how == "another run's":
        interrupted(checkpoint.parent / "another", seed=1).replace(checkpoint)
    elif how == "of a former version":
        torch.save(state, checkpoint)
    elif how == "malicious":
        write_state(checkpoint, state | {"step": Evil(f"touch {checkpoint.with_name('hacked')}")})
    elif how == "invented":
        invented = checkpoints.serialised(state | {"epochs": 2 * state["epochs"]})
        checkpoint.write_bytes(content[: len(checkpoints.MARK) + 65] + invented)
    else:
        bit, middle = b"\x01", len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ bit[0]]) + content[middle + 1 :]
        kinds = {"empty": b"", "truncated": content[:middle], "garbage": b"?" * 999, "a bit flipped": flipped}
        checkpoint.write_bytes(kinds[how])


@pytest.mark.parametrize(
    "how",
    ["empty", "truncated", "garbage", "a bit flipped", "another run's"]
    + ["of a former version", "malicious", "invented"],
)
def test_a_damaged_checkpoint_is_set_aside_and_training_starts_over(tmp_path, how):
    checkpoint = interrupted(tmp_path)
    damage(checkpoint, how)
    content = checkpoint.read_bytes()
    with pytest.warns(
        OneLineWarning, match=rf"damaged \(.*\), now {checkpoint.name}.damaged: training starts over"
    ) as warned:
        record = train(tmp_path)
    assert str(warned[0].message).startswith(f"{checkpoint} is damaged (") and "\n" not in str(warned[0].message)
    assert comparable(record) == undisturbed(0.0)
    assert checkpoint.with_name(f"{checkpoint.name}.damaged").read_bytes() == content
    assert not checkpoint.exists()
    assert not checkpoint.with_name("hacked").exists()


def test_torch_sees_no_byte_of_a_damaged_checkpoint(tmp_path, monkeypatch):
    checkpoint = interrupted(tmp_path)
    damage(checkpoint, "a bit flipped")
    monkeypatch.setattr(torch, "load", None)
    with pytest.raises(DamagedFile, match="its digest is not that of its contents"):
        checkpoints.read(checkpoint)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(), RuntimeError("CUDA error: device is busy\nmore")],
)
def test_a_checkpoint_that_cannot_be_used_now_is_kept(tmp_path, monkeypatch, error):
    checkpoint = interrupted(tmp_path)
    content = checkpoint.read_bytes()

    def load(*arguments, **options):
        raise error

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(CheckpointNotUsable, match=f"^{checkpoint} cannot be used now .* and is kept: ") as refusal:
        train(tmp_path)
    assert "\n" not in str(refusal.value) and type(error).__name__ in str(refusal.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {checkpoint.name: content}
    monkeypatch.undo()
    assert comparable(train(tmp_path)) == undisturbed(0.0)


def test_a_checkpoint_that_cannot_be_read_now_is_kept(tmp_path, monkeypatch):
    checkpoint = interrupted(tmp_path)
    content = checkpoint.read_bytes()
    monkeypatch.setattr(checkpoints, "read", lambda *of: (_ for _ in ()).throw(PermissionError(13, "no", checkpoint)))
    with pytest.raises(PermissionError):
        train(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {checkpoint.name: content}


def test_a_resumed_run_that_memory_does_not_hold_keeps_its_checkpoint(tmp_path, monkeypatch):
    checkpoint = interrupted(tmp_path)

    def gradients(run, images, expected):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Run, "gradients", gradients)
    with pytest.raises(CheckpointNotUsable, match="OutOfMemoryError: CUDA out of memory"):
        train(tmp_path, recipe={"batch_size": 12})
    monkeypatch.undo()
    assert checkpoint.exists() and comparable(train(tmp_path)) == undisturbed(0.0)


@pytest.mark.parametrize("ema, validation", [(0.0, False), (0.9, True)])
def test_the_number_in_the_mark_of_checkpoints_stands_for_their_parts(tmp_path, ema, validation):
    dataset = validated() if validation else DATASET
    state = checkpoints.read(interrupted(tmp_path, recipe={"ema_decay": ema}, dataset=dataset))
    parts = {"key", "network", "evaluated", "optimiser", "precision", "epochs", "step", "seconds", "loss", "wrong"}
    assert (checkpoints.MARK[:23], set(state)) == (b"netspaces checkpoint 1,", parts | {"finite", "accumulation"}), (
        "raise the number"
    )


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    checkpoint = interrupted(tmp_path)
    content = checkpoint.read_bytes()

    def full_disk(state, file):
        file.write(b"half of a checkpoint")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space left"):
        train(tmp_path, stopping=stop_after(1))
    assert list(tmp_path.iterdir()) == [checkpoint]
    assert checkpoint.read_bytes() == content
    monkeypatch.undo()
    assert comparable(train(tmp_path)) == undisturbed(0.0)


# ---- Processes -------------------------------------------------------------------------------------------------------


UNWANTED = ("torch._dynamo", "torchvision", "pandas", "scipy", "sklearn", "matplotlib")
REPORT = f"print([name for name in {UNWANTED} if name in sys.modules])\n"
JOB = """
from helpers import small_runs as small
set_up_process()
stop = StopRequest()
def stopping():
    os.read(0, 1)  # a byte per step, so that no job runs ahead of the test; at the end of file, as fast as it can
    print(end=".", flush=True)
    return bool(stop.signal)
for architecture, recipe in small.VARIED:
    small.train(Path(sys.argv[1]), architecture, recipe, stopping=stopping, checkpoint_seconds=0.0)
"""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGKILL)


@pytest.mark.slow
def test_a_job_that_is_killed_again_and_again_ends_in_the_same_bytes(tmp_path):
    moments = random.Random(0)
    for number in SIGNALS:
        process = start(JOB, tmp_path / "killed")
        steps = moments.randrange(1, 20)  # of 144
        process.stdin.write("." * (steps + 4))
        process.stdin.flush()
        process.stdout.read(steps)
        time.sleep(moments.uniform(0, 0.02))  # and into the next, the evaluation or the checkpoint
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
        if number == signal.SIGKILL:
            assert process.returncode == -number
        else:
            assert process.returncode == 1
            assert err.startswith("interrupted in epoch ") and err.count("\n") == 1
            assert len(list((tmp_path / "killed").glob("[!.]*.checkpoint"))) == 1
    output_of(JOB, tmp_path / "killed")
    assert [path.suffix for path in (tmp_path / "killed").glob("[!.]*")] == [".json"] * len(VARIED)
    for architecture, recipe in VARIED:
        killed, expected = (train(tmp_path / name, architecture, recipe) for name in ("killed", "undisturbed"))
        assert comparable(killed) == comparable(expected)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
@pytest.mark.parametrize("written, limit, seconds", [("checkpoint", 50_000, 0.0), ("json", 1000, 1e6)])
def test_a_full_disk_ends_the_job_with_its_reason_and_without_a_torn_file(tmp_path, written, limit, seconds):
    full = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # or the first byte too many would kill the process
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
"""
    process = start(full + JOB.replace("=0.0", f"={seconds}"), tmp_path)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert re.fullmatch(rf"OSError: .* File too large: '{tmp_path}/\w+.{written}'", err.splitlines()[-1])
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(training, "Run", None)
    with pytest.raises(OSError, match=f"{tmp_path}/file"):
        train(tmp_path / "file" / "runs")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OSError, match=f"cannot be written: '{tmp_path}'"):
        train(tmp_path)


def test_a_job_imports_nothing_that_it_does_not_need(tmp_path):
    resumed = """
set_up_process()
arguments = [tests.ARCHITECTURE, tests.COMPLEXITY, tests.RECIPE | {"ema_decay": 0.9, "label_smoothing": 0.1}, 0]
arguments += [tests.DATASET, sys.argv[1]]
try:
    train_network(*arguments, stopping=lambda: True)
except Interrupted:
    print(train_network(*arguments)["status"])
"""
    # this module imports more than a job does: what it would lend is rebuilt here
    lend = f"""
from dataclasses import asdict
from types import SimpleNamespace
import numpy as np
from netspaces.networks.architecture import Architecture
from netspaces.data.datasets import Dataset, Split
images, labels = np.arange(50 * 36, dtype=np.uint8).reshape(50, 6, 6, 1), np.arange(50) % 4
tests = SimpleNamespace(
    ARCHITECTURE=Architecture.from_dict({ARCHITECTURE.to_dict()}), COMPLEXITY={COMPLEXITY}, RECIPE={RECIPE},
    DATASET=Dataset(Split(images, labels), Split(images, labels), 4, (0.5,), (0.3,), "checksum"),
)
"""
    assert output_of(REPORT + lend + resumed + REPORT, tmp_path) == ["[]", "finished", "[]"]


def test_a_process_is_set_up_for_one_thread_and_little_garbage_collection():
    code = "import gc, torch\nset_up_process()\nprint(torch.get_num_threads(), gc.get_freeze_count() > 10_000)"
    assert output_of(code, OMP_NUM_THREADS="2") == ["1 True"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_stop_request_remembers_the_signal(number):
    handlers = {n: signal.getsignal(n) for n in STOPPING}
    try:
        stop = StopRequest()
        assert not stop.signal
        os.kill(os.getpid(), number)
        assert stop.signal == number
    finally:
        for n, handler in handlers.items():
            signal.signal(n, handler)
