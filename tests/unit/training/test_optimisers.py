"""Optimisers: beside torch.optim or their formula, resumed, and what of a network decays."""

import math
from pathlib import Path

import pytest
import torch
from helpers.small_runs import STEPS, comparable, make_run, output_of, run_steps, stop_after, train
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.training.optimiser import make_optimiser
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.run import clip

pytestmark = pytest.mark.usefixtures("one_thread")

LION = Path(__file__).parents[3] / "docs" / "examples" / "lion.py"
RATES = [0.1, 0.05, 0.2, 0.1, 0.01]
SHAPES = [(4, 3, 3, 3), (5, 4), (5,), ()]


def tensors(seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in SHAPES]


def trained(recipe: dict) -> list[torch.Tensor]:
    """Parameters after steps of an optimiser, with gradients that depend on nothing."""
    parameters = tensors(0)
    optimiser = make_optimiser(parameters, Recipe.from_dict({"epochs": 1} | recipe))
    for step, rate in enumerate(RATES, 1):
        optimiser.step(tensors(step), rate)
    return parameters


def trained_by_torch(make, **options) -> list[torch.Tensor]:
    parameters = [torch.nn.Parameter(tensor) for tensor in tensors(0)]
    optimiser = make(parameters, lr=1.0, **options)
    for step, rate in enumerate(RATES, 1):
        for group in optimiser.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(parameters, tensors(step), strict=True):
            parameter.grad = gradient
        optimiser.step()
    return [parameter.detach() for parameter in parameters]


def assert_same(ours: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    for one, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
        assert not torch.equal(one, torch.zeros_like(one))


@pytest.mark.parametrize("momentum, nesterov", [(0.9, True), (0.5, False), (0.0, False)])
def test_sgd_is_torchs(momentum, nesterov):
    ours = trained({"momentum": momentum, "nesterov": nesterov, "weight_decay": 0.1})
    assert_same(ours, trained_by_torch(torch.optim.SGD, momentum=momentum, nesterov=nesterov, weight_decay=0.1))


@pytest.mark.parametrize("options", [{}, {"beta_1": 0.7, "beta_2": 0.8, "epsilon": 0.1}])
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adamw_is_torchs(options, weight_decay):
    betas, eps = (options.get("beta_1", 0.9), options.get("beta_2", 0.999)), options.get("epsilon", 1e-8)
    ours = trained({"optimiser": {"name": "adamw"} | options, "weight_decay": weight_decay})
    assert_same(ours, trained_by_torch(torch.optim.AdamW, betas=betas, eps=eps, weight_decay=weight_decay))


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_rmsprop_is_tensorflows_formula(weight_decay):
    alpha, momentum, epsilon = 0.8, 0.7, 0.01
    parameters = [tensor.double().flatten().tolist() for tensor in tensors(0)]
    squares, velocities = ([[start] * len(values) for values in parameters] for start in (1.0, 0.0))
    for step, rate in enumerate(RATES, 1):
        for row, gradients in enumerate(tensors(step)):
            for place, gradient in enumerate(gradients.double().flatten().tolist()):
                gradient += weight_decay * parameters[row][place]
                squares[row][place] = alpha * squares[row][place] + (1 - alpha) * gradient**2
                change = rate * gradient / math.sqrt(squares[row][place] + epsilon)
                velocities[row][place] = momentum * velocities[row][place] + change
                parameters[row][place] -= velocities[row][place]
    options = {"name": "rmsprop", "alpha": alpha, "momentum": momentum, "epsilon": epsilon}
    expected = [torch.tensor(values).reshape(shape) for values, shape in zip(parameters, SHAPES, strict=True)]
    assert_same(trained({"optimiser": options, "weight_decay": weight_decay}), expected)


def test_rmsprop_is_not_torchs_whose_epsilon_stands_outside_the_root():
    ours = trained({"optimiser": {"name": "rmsprop", "momentum": 0.0, "epsilon": 0.1}, "weight_decay": 0.0})
    theirs = trained_by_torch(torch.optim.RMSprop, alpha=0.9, eps=0.1)
    assert not torch.allclose(ours[0], theirs[0], rtol=0.01)


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_lamb_is_the_papers_formula(weight_decay):
    beta_1, beta_2, epsilon = 0.8, 0.9, 1e-3
    expected = []
    for row, parameter in enumerate(tensors(0)):
        parameter = parameter.double()
        mean, square = torch.zeros_like(parameter), torch.zeros_like(parameter)
        for step, rate in enumerate(RATES, 1):
            gradient = tensors(step)[row].double()
            mean = beta_1 * mean + (1 - beta_1) * gradient
            square = beta_2 * square + (1 - beta_2) * gradient**2
            corrected = mean / (1 - beta_1**step), square / (1 - beta_2**step)
            update = corrected[0] / (corrected[1].sqrt() + epsilon) + weight_decay * parameter
            ratio = parameter.norm() / update.norm() if weight_decay else 1.0
            parameter = parameter - rate * ratio * update
        expected.append(parameter.float())
    options = {"name": "lamb", "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    assert_same(trained({"optimiser": options, "weight_decay": weight_decay}), expected)


def test_lamb_moves_weights_that_are_zero():
    parameters = [torch.zeros(3, 3)]
    make_optimiser(parameters, Recipe(epochs=1, optimiser="lamb", weight_decay=0.1)).step([torch.ones(3, 3)], 0.5)
    torch.testing.assert_close(parameters[0], torch.full((3, 3), -0.5), rtol=1e-4, atol=0)


# ---- Stopped and resumed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decaying", ["all", "weights"])
@pytest.mark.parametrize("name", OPTIMISERS.modules)
def test_a_run_of_any_optimiser_is_resumed_bit_for_bit(tmp_path, name, decaying):
    recipe = {"optimiser": name, "learning_rate": 0.01, "weight_decay": 0.05, "weight_decay_on": decaying}
    for stop in (1, STEPS + 2):
        with pytest.raises(Interrupted):
            train(tmp_path / "a", recipe=recipe, stopping=stop_after(stop))
    resumed, undisturbed = train(tmp_path / "a", recipe=recipe), train(tmp_path / "b", recipe=recipe)
    assert comparable(resumed) == comparable(undisturbed)
    assert resumed["status"] == "finished"


def test_no_optimiser_imports_the_compiler_or_a_module_that_only_others_need():
    names = [name for name in OPTIMISERS.modules if name != "sgd"]
    code = f"""
import torch
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.training.optimiser import make_optimiser
from netspaces.training.recipe import Recipe
for name in {names}:
    parameters = [torch.ones(2, 2), torch.ones(2)]
    optimiser = make_optimiser(parameters, Recipe(epochs=1, optimiser=name, weight_decay_on="weights"))
    optimiser.step([torch.ones(2, 2), torch.ones(2)], 0.1)
print([name for name in ("torch._dynamo", "torch._inductor", "scipy", "torchvision") if name in sys.modules])
"""
    assert output_of(code) == ["[]"]


# ---- What decays, and clipping ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMISERS.modules)
def test_norms_and_biases_need_not_decay(name):
    def after_a_step(decaying: str, weight_decay: float) -> list[torch.Tensor]:
        recipe = {"optimiser": name, "weight_decay_on": decaying, "weight_decay": weight_decay}
        run = make_run(**recipe)
        run_steps(run, 1)
        return [parameter.detach() for parameter in run.parameters]

    none, all_of_them, weights = (after_a_step(*each) for each in (("all", 0.0), ("all", 0.5), ("weights", 0.5)))
    dimensions = {parameter.ndim for parameter in none}
    assert dimensions == {1, 2, 4}
    for undecayed, decayed, ours in zip(none, all_of_them, weights, strict=True):
        torch.testing.assert_close(ours, decayed if ours.ndim > 1 else undecayed, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("norm", [1e-3, 1.0, 1e3])
def test_gradients_are_clipped_as_torch_does(norm):
    ours, parameters = tensors(1), [torch.nn.Parameter(tensor) for tensor in tensors(0)]
    for parameter, gradient in zip(parameters, tensors(1), strict=True):
        parameter.grad = gradient
    torch.nn.utils.clip_grad_norm_(parameters, norm)
    clip(ours, norm)
    torch.testing.assert_close(ours, [parameter.grad for parameter in parameters])


def test_a_run_with_clipped_gradients_takes_shorter_steps():
    def change(norm: float) -> float:
        run = make_run(gradient_norm=norm, momentum=0.0, nesterov=False, weight_decay=0.0)
        before = [parameter.detach().clone() for parameter in run.parameters]
        run_steps(run, 1)
        pairs = zip(run.parameters, before, strict=True)
        return math.sqrt(sum(float((after.detach() - value).square().sum()) for after, value in pairs))

    assert change(0.01) == pytest.approx(0.1 * 0.01, rel=1e-3) and change(0.0) > 0.01


# ---- An optimiser outside the library --------------------------------------------------------------------------------


@pytest.fixture
def lion():
    (plugin,) = load_plugins([LION])
    yield plugin.name
    forget_plugins()


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_the_example_of_the_documentation_is_lion(lion, weight_decay):
    expected = []
    for row, parameter in enumerate(tensors(0)):
        mean = torch.zeros_like(parameter)
        for step, rate in enumerate(RATES, 1):
            gradient = tensors(step)[row]
            parameter = parameter - rate * ((0.8 * mean + 0.2 * gradient).sign() + weight_decay * parameter)
            mean = 0.7 * mean + 0.3 * gradient
        expected.append(parameter)
    options = {"name": lion, "beta_1": 0.8, "beta_2": 0.7}
    assert_same(trained({"optimiser": options, "weight_decay": weight_decay}), expected)


def test_the_example_of_the_documentation_is_resumed_bit_for_bit(tmp_path, lion):
    recipe = {"optimiser": lion, "learning_rate": 0.001}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(STEPS + 2))
    resumed = train(tmp_path / "a", recipe=recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))
    assert set(resumed["plugins"]) == {"lion"}
