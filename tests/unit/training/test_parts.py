"""Parts of training that users bring, one file each: optimisers, losses, targets, operations of augmentation."""

from dataclasses import replace

import pytest
import torch
from helpers.small_runs import STEPS, comparable, examples, make_run, run_steps, stop_after, train
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe

pytestmark = pytest.mark.usefixtures("one_thread")

OPTIMISER = """
import torch
from netspaces.training.optimiser import Optimiser


class Adam(Optimiser):
    def __init__(self, parameters, recipe):
        super().__init__(parameters, recipe)
        self.steps = 0
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]

    def step(self, gradients, rate):
        self.steps += 1
        for parameter, mean, gradient in zip(self.parameters, self.means, gradients, strict=True):
            mean.lerp_(gradient, 0.1)
            parameter.sub_(mean.sign(), alpha=rate / self.steps)

    def state(self):
        return {"steps": self.steps, "means": self.means}

    def restore(self, state):
        self.steps, self.means = state["steps"], state["means"]


OPTIMISER = Adam
"""
LOSS = """
def LOSS(logits, expected, recipe):
    return logits.square().mean()
"""
TARGET = """
import torch
from netspaces.training.target import Target


class Brightness(Target):
    def classes(self, dataset):
        return 2

    def examples(self, images, labels, numbers):
        return images, (images.mean((1, 2, 3)) > 0).long()

    def questions(self, images, labels):
        yield self.examples(images, labels, None)


TARGET = Brightness()
"""
AUGMENTATION = """
from netspaces.training.operation import Operation


class Noise(Operation):
    place = {place}
    numbers = 36
    normal = True

    def apply(self, images, numbers, resolution):
        return images.float() + numbers.reshape(images.shape)


AUGMENTATION = Noise()
"""


@pytest.fixture
def plugin(tmp_path):
    """Writes and loads a user's file; none is loaded after the test."""

    def load(name: str, text: str) -> None:
        path = tmp_path / "plugins" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        load_plugins([path])

    yield load
    forget_plugins()


@pytest.mark.parametrize("stop", [1, STEPS + 2])
def test_a_users_optimiser_trains_and_its_state_survives_an_interruption(tmp_path, plugin, stop):
    plugin("adam", OPTIMISER)
    recipe = {"optimiser": "adam", "learning_rate": 0.01}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(stop))
    resumed = train(tmp_path / "a", recipe=recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))
    assert resumed["recipe"]["optimiser"] == "adam" and set(resumed["plugins"]) == {"adam"}
    assert resumed["epochs"] != train(tmp_path / "c", recipe={"learning_rate": 0.01})["epochs"]


def test_a_users_loss_is_what_training_makes_small(plugin):
    plugin("small_outputs", LOSS)
    run = make_run(loss="small_outputs")
    run_steps(run, 1)
    first = float(run.loss)
    run_steps(run, 20)
    assert float(run.loss) / 21 < first


def test_a_users_target_is_what_a_network_learns(tmp_path, plugin):
    plugin("brightness", TARGET)
    record = train(tmp_path, recipe={"target": "brightness", "epochs": 8})
    assert make_run(target="brightness").network.head.weight.shape[0] == 2
    assert record["error_min"] < 40


def test_a_users_operation_is_applied_at_its_place(plugin):
    plugin("noise", AUGMENTATION.format(place=9))
    assert Recipe(epochs=1, augmentation=("flip", "noise")).augmentation == ("flip", "noise")
    run, plain = make_run(augmentation=["noise"]), make_run(augmentation=["crop"])
    noisy, shifted = (examples(each, torch.arange(50))[0] for each in (run, plain))
    assert not torch.equal(noisy, shifted) and bool(noisy.isfinite().all())


def test_two_operations_at_one_place_are_refused(plugin):
    plugin("noise", AUGMENTATION.format(place=2))
    with pytest.raises(ValueError, match="^recipe: augmentation has flip and noise, both at place 2: expected one$"):
        Recipe(epochs=1, augmentation=("flip", "noise"))


def test_the_operations_of_the_library_have_places_of_their_own_and_say_what_they_do():
    places = {name: operation.place for name, operation in AUGMENTATIONS.items()}
    first = {"random_resized_crop": 0, "crop": 1, "flip": 2, "colour": 3, "lighting": 4}
    assert places == first | {"rand_augment": 5, "trivial_augment": 6, "random_erasing": 7}  # never changes
    assert all(operation.description for operation in AUGMENTATIONS.values())


@pytest.mark.parametrize("field, value", [("optimiser", "adam"), ("loss", "hinge"), ("target", "jigsaw")])
def test_a_part_that_is_not_there_is_refused_with_the_names_of_those_that_are(field, value):
    with pytest.raises(ValueError, match=f"^recipe: {field} is '{value}', expected .+$"):
        replace(Recipe(epochs=1), **{field: value})
