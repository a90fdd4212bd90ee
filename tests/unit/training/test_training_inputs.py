"""Training: what networks get to see, in which precision, in how many parts."""

import json

import pytest
import torch
from helpers.small_runs import (
    ARCHITECTURE,
    COMPLEXITY,
    DATASET,
    RECIPE,
    STEPS,
    comparable,
    examples,
    make_dataset,
    make_run,
    run_steps,
    stop_after,
    train,
    undisturbed,
)
from netspaces.training.batches import draw
from netspaces.training.device import precision_on, set_up_device
from netspaces.training.faults import DoesNotFit
from netspaces.training.images import normalised
from netspaces.training.lanes import alone
from netspaces.training.process import Interrupted
from netspaces.training.recipe import LAYOUTS, Recipe
from netspaces.training.run import Run
from netspaces.training.train import training

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Augmentation and precision --------------------------------------------------------------------------------------


def test_augmented_inputs_do_not_depend_on_the_batch_and_differ_between_epochs():
    run = make_run(augmentation=["random_resized_crop", "crop", "flip", "colour"])
    whole = examples(run, torch.arange(50))[0]
    assert whole.shape == (50, 1, 6, 6) and whole.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(examples(run, torch.tensor([31, 4, 17]))[0], whole[[31, 4, 17]])
    assert torch.equal(examples(run, torch.tensor([7]))[0], whole[[7]])
    run.epochs.append({})
    assert not torch.equal(examples(run, torch.arange(50))[0], whole)


def test_operations_do_not_change_each_others_draws():
    def generator(place: int) -> torch.Generator:
        return torch.Generator().manual_seed(place)

    alone, both = (draw(names, 50, generator) for names in (["flip"], ["flip", "crop"]))
    assert torch.equal(alone["flip"], both["flip"])
    assert not torch.equal(both["flip"], both["crop"][:, :1])


def test_without_augmentation_the_network_gets_the_images_as_they_are():
    run = make_run()
    expected = normalised(torch.from_numpy(DATASET.train.images), *map(torch.tensor, (DATASET.mean, DATASET.std)), 6)
    assert torch.equal(examples(run, torch.arange(50))[0], expected)


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


@pytest.mark.parametrize("epochs, first", [(0, 0), (0.5, 2), (1, STEPS), (2.25, 2 * STEPS + 1), (9, 3 * STEPS)])
def test_the_first_epochs_may_be_in_fp32(epochs, first):
    run, seen = make_run(precision="bf16", fp32_epochs=epochs), []
    run.network.head.register_forward_hook(lambda module, _, output: seen.extend([output.dtype] * module.training))
    run.train(lambda: False, lambda: None, 60.0)
    assert seen == [torch.float32] * first + [torch.bfloat16] * (3 * STEPS - first)


@pytest.mark.parametrize("layout", ["channels_last", "contiguous_format"])
@pytest.mark.parametrize("target", ["labels", "rotation"])
def test_images_and_weights_lie_in_memory_as_the_recipe_says(layout, target):
    recipe = Recipe.from_dict(RECIPE | {"layout": layout, "target": target, "augmentation": ["flip"]})
    run, seen = Run(ARCHITECTURE, recipe, 0, make_dataset(channels=3)), []
    for module in run.network.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(lambda module, inputs, output: seen.extend([*inputs, module.weight, output]))
    run_steps(run, 1)
    run.test_error()
    assert seen and all(tensor.is_contiguous(memory_format=getattr(torch, layout)) for tensor in seen)


def test_the_layout_is_recorded_and_moves_results_by_rounding_only(tmp_path):
    one, other = (train(tmp_path, recipe={"layout": name, "epochs": 1}) for name in LAYOUTS)
    assert (one["layout"], other["layout"]) == LAYOUTS and one["key"] != other["key"]
    assert other["epochs"][0]["train_loss"] == pytest.approx(one["epochs"][0]["train_loss"], rel=0.01)


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_a_gpu_multiplies_in_tf32_only_if_the_recipe_says_so(monkeypatch, precision):
    backends = torch.backends.cudnn, torch.backends.cuda.matmul
    before = [backend.allow_tf32 for backend in backends]
    with monkeypatch.context() as there_is:
        there_is.setattr(torch.cuda, "is_available", lambda: True)
        set_up_device("cuda", precision)
    after = [backend.allow_tf32 for backend in backends]
    for backend, value in zip(backends, before, strict=True):
        backend.allow_tf32 = value
    assert after == [precision == "tf32"] * 2


def test_a_cpu_has_no_tf32(tmp_path):
    record = train(tmp_path, recipe={"precision": "tf32"})
    assert record["precision"] == "fp32" and record["epochs"] == json.loads(undisturbed(0.0))["epochs"]


BF16 = {"avx512_f": True, "avx512_bf16": True}
CAPABILITIES = [(BF16, "bf16"), ({"amx_bf16": True}, "bf16"), (BF16 | {"avx512_bf16": False}, "fp32"), ({}, "fp32")]


@pytest.mark.parametrize("has, precision", CAPABILITIES)
def test_auto_is_bf16_on_a_cpu_that_has_it(tmp_path, monkeypatch, has, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    automatic, fixed = (train(tmp_path, recipe={"precision": name}) for name in ("auto", precision))
    assert (automatic["recipe"]["precision"], automatic["precision"]) == ("auto", precision)
    assert automatic["key"] != fixed["key"] and automatic["epochs"] == fixed["epochs"]


@pytest.mark.parametrize("capability, precision", [((7, 0), "fp32"), ((8, 0), "tf32"), ((9, 0), "tf32")])
def test_auto_is_tf32_on_a_gpu_that_has_it(monkeypatch, capability, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: BF16)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    asked = ("auto", "fp32", "bf16")
    assert [precision_on(torch.device("cuda"), each) for each in asked] == [precision, "fp32", "bf16"]


def test_a_run_that_moves_to_another_cpu_keeps_its_precision(tmp_path, monkeypatch):
    def train_on(has: dict, **options) -> dict:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
        return train(tmp_path, recipe={"precision": "auto"}, **options)

    with pytest.raises(Interrupted):
        train_on(BF16, stopping=stop_after(STEPS))
    moved = train_on({})
    assert moved["precision"] == "bf16" and moved["epochs"] == train(tmp_path, recipe={"precision": "bf16"})["epochs"]


# ---- Memory and devices ----------------------------------------------------------------------------------------------


SHORT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("GET was unable to find an engine to execute this computation"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    torch.AcceleratorError("CUDA error: out of memory"),
]


def limited_to(images: int, after: int = 0, error: Exception = SHORT_OF_MEMORY[0]):
    """`Run.gradients` on a device whose memory holds so many images per part, from some step on."""
    original, calls = Run.gradients, iter(range(10**6))

    def gradients(run, batch, expected, *dropped):
        if next(calls) >= after and -(-len(batch) // run.accumulation) > images:
            raise error
        return original(run, batch, expected, *dropped)

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


@pytest.mark.parametrize("error", SHORT_OF_MEMORY, ids=lambda error: type(error).__name__)
def test_whatever_says_that_memory_is_short_has_a_network_tried_alone_and_then_in_parts(tmp_path, monkeypatch, error):
    def run(store, beside_others: bool) -> dict:
        arguments = (ARCHITECTURE, COMPLEXITY, RECIPE | {"batch_size": 24}, 0, DATASET, store, "cpu", bool, 60.0, 1.0)
        return alone(training(*arguments, beside_others=beside_others), "cpu")

    monkeypatch.setattr(Run, "gradients", limited_to(12, error=error))
    with pytest.raises(DoesNotFit, match=f"{type(error).__name__}: "):
        run(tmp_path / "beside", True)
    assert list((tmp_path / "beside").glob("*.json")) == []
    with pytest.warns(UserWarning, match="out of memory, starts over in 2 parts per step"):
        assert run(tmp_path / "beside", False)["accumulation"] == 2
    monkeypatch.undo()
    assert run(tmp_path / "there is room", True)["accumulation"] == 1


def test_a_checkpoint_is_kept_for_the_turn_alone(tmp_path, monkeypatch):
    with pytest.raises(Interrupted):
        train(tmp_path, recipe={"batch_size": 24}, stopping=stop_after(3))
    (checkpoint,) = tmp_path.glob("*.checkpoint")
    arguments = (ARCHITECTURE, COMPLEXITY, RECIPE | {"batch_size": 24}, 0, DATASET, tmp_path, "cpu", bool, 60.0, 1.0)
    for where in ("gradients", "restore"):
        monkeypatch.setattr(Run, where, limited_to(0) if where == "gradients" else refuse)
        with pytest.raises(DoesNotFit):
            alone(training(*arguments, beside_others=True), "cpu")
        monkeypatch.undo()
        assert checkpoint.exists()
    resumed, undisturbed = (train(store, recipe={"batch_size": 24}) for store in (tmp_path, tmp_path / "other"))
    assert comparable(resumed) == comparable(undisturbed)


def refuse(run, state):
    raise torch.OutOfMemoryError("CUDA out of memory")


def test_parts_of_fewer_than_eight_images_are_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "gradients", limited_to(6))
    with pytest.raises(torch.OutOfMemoryError):
        train(tmp_path)


def test_parts_give_the_gradient_of_the_batch_where_batch_norm_has_no_say():
    rows, runs = torch.arange(12), [make_run(), make_run()]
    runs[1].accumulation = 5  # parts of 3, 3, 3 and 3: chunk makes them equal
    for run in runs:
        run.network.eval()
    whole, parts = (run.gradients(*examples(run, rows)) for run in runs)
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert float(runs[0].loss) == pytest.approx(float(runs[1].loss), rel=1e-6)
    assert int(runs[0].wrong) == int(runs[1].wrong)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_reported_in_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^device is cuda, but torch \S+ .*; expected .*, or device: cpu$"):
        train(tmp_path, device="cuda")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_record_is_found_without_the_gpu_that_it_would_be_trained_on(tmp_path):
    record = train(tmp_path)
    assert train(tmp_path, device="cuda") == record
