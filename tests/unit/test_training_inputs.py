"""Training: what networks get to see, in which precision, in how many parts."""

import json

import pytest
import torch
from netspaces.feeding import normalised
from netspaces.process import Interrupted
from netspaces.recipe import Recipe
from netspaces.training import Run
from small_runs import (
    ARCHITECTURE,
    DATASET,
    RECIPE,
    STEPS,
    comparable,
    make_run,
    run_steps,
    stop_after,
    train,
    undisturbed,
)

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Augmentation and precision --------------------------------------------------------------------------------------


def test_augmented_inputs_do_not_depend_on_the_batch_and_differ_between_epochs():
    run = make_run(augmentation=["random_resized_crop", "crop", "flip", "colour"])
    whole = run.examples(torch.arange(50))[0]
    assert whole.shape == (50, 1, 6, 6) and whole.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(run.examples(torch.tensor([31, 4, 17]))[0], whole[[31, 4, 17]])
    assert torch.equal(run.examples(torch.tensor([7]))[0], whole[[7]])
    run.epochs.append({})
    assert not torch.equal(run.examples(torch.arange(50))[0], whole)


def test_operations_do_not_change_each_others_draws():
    one, two = make_run(augmentation=["flip"]), make_run(augmentation=["flip", "crop"])
    for run in (one, two):
        run.examples(torch.arange(2))
    assert torch.equal(one.drawn[1]["flip"], two.drawn[1]["flip"])


def test_without_augmentation_the_network_gets_the_images_as_they_are():
    run = make_run()
    expected = normalised(torch.from_numpy(DATASET.train.images), *map(torch.tensor, (DATASET.mean, DATASET.std)), 6)
    assert torch.equal(run.examples(torch.arange(50))[0], expected)


@pytest.mark.parametrize("stop", [1, STEPS, STEPS + 2])
def test_an_augmented_run_that_is_resumed_ends_in_the_same_bytes(tmp_path, stop):
    recipe = {"augmentation": ["crop", "flip", "colour"]}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(stop))
    record = train(tmp_path / "a", recipe=recipe)
    assert comparable(record) == comparable(train(tmp_path / "b", recipe=recipe))
    assert record["recipe"]["augmentation"] == ["crop", "flip", "colour"]
    assert record["epochs"] != json.loads(undisturbed(0.0))["epochs"]


def test_the_order_in_which_operations_are_named_does_not_matter(tmp_path):
    orders = (["flip", "crop"], ["crop", "flip"])
    assert len({train(tmp_path, recipe={"augmentation": names})["key"] for names in orders}) == 1


def test_lighting_is_refused_for_grey_images():
    with pytest.raises(ValueError, match="recipe: augmentation lighting is for images of 3 channels"):
        make_run(augmentation=["lighting"])


def test_bf16_computes_the_network_in_bfloat16_and_keeps_weights_and_losses_in_fp32():
    run, plain, seen = make_run(precision="bf16"), make_run(), []
    run.network.head.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    for each in (run, plain):
        run_steps(each, 1)
    run.test_error()
    assert set(seen) == {torch.bfloat16}
    assert {value.dtype for value in run.parameters} == {torch.float32}
    assert float(run.loss) != float(plain.loss)
    assert float(run.loss) == pytest.approx(float(plain.loss), rel=0.02)


# ---- Memory and devices ----------------------------------------------------------------------------------------------


def limited_to(images: int, after: int = 0):
    """`Run.gradients` on a device whose memory holds so many images per part, from some step on."""
    original, calls = Run.gradients, iter(range(10**6))

    def gradients(run, rows):
        if next(calls) >= after and -(-len(rows) // run.accumulation) > images:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return original(run, rows)

    return gradients


@pytest.mark.filterwarnings("ignore:.*in 2 parts")
@pytest.mark.parametrize("after", [0, 2])
def test_out_of_memory_starts_over_in_parts(tmp_path, monkeypatch, after):
    monkeypatch.setattr(Run, "gradients", limited_to(12, after))
    with pytest.warns(UserWarning, match="out of memory, starts over in 4 parts per step"):
        record = train(tmp_path / "limited", recipe={"batch_size": 48}, checkpoint_seconds=0.0)
    monkeypatch.undo()
    run = Run(ARCHITECTURE, Recipe.from_dict(RECIPE | {"batch_size": 48}), 0, DATASET, accumulation=4)
    run.train(lambda: False, lambda: None, 60)
    assert (record["accumulation"], record["status"]) == (4, "finished")
    assert record["epochs"] == run.epochs
    assert [path.suffix for path in (tmp_path / "limited").iterdir()] == [".json"]


def test_a_run_in_parts_that_is_resumed_goes_on_in_parts(tmp_path, monkeypatch):
    recipe = {"batch_size": 24}
    monkeypatch.setattr(Run, "gradients", limited_to(12))
    with pytest.warns(UserWarning, match="2 parts"), pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(3))
    resumed = train(tmp_path / "a", recipe=recipe)
    with pytest.warns(UserWarning, match="2 parts"):
        assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))


def test_parts_of_fewer_than_eight_images_are_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "gradients", limited_to(6))
    with pytest.raises(torch.OutOfMemoryError):
        train(tmp_path)


def test_parts_give_the_gradient_of_the_batch_where_batch_norm_has_no_say():
    rows, runs = torch.arange(12), [make_run(), make_run()]
    runs[1].accumulation = 5  # parts of 3, 3, 3 and 3: chunk makes them equal
    for run in runs:
        run.network.eval()
    whole, parts = (run.gradients(rows) for run in runs)
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert float(runs[0].loss) == pytest.approx(float(runs[1].loss), rel=1e-6)
    assert int(runs[0].wrong) == int(runs[1].wrong)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_reported_in_one_line(tmp_path):
    with pytest.raises(ValueError, match="^device is cuda, but torch finds no GPU here; expected .*$"):
        train(tmp_path, device="cuda")
    assert list(tmp_path.iterdir()) == []
