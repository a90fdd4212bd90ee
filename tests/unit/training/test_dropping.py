"""Drop path and dropout: what is left out, how often, beside torchvision's, and a run that is resumed."""

from dataclasses import replace

import pytest
import torch
from helpers.small_runs import ARCHITECTURE, DATASET, RECIPE, STEPS, comparable, make_run, stop_after, train
from netspaces.data.torchvision_import import import_torchvision
from netspaces.networks.modules import BlockModule
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run

pytestmark = pytest.mark.usefixtures("one_thread")

DEEP = replace(ARCHITECTURE, depths=(2, 3))
PLAIN = replace(ARCHITECTURE, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1))


def make(architecture=DEEP, accumulation: int = 1, **recipe) -> Run:
    return Run(architecture, Recipe.from_dict(RECIPE | recipe), 0, DATASET, accumulation=accumulation)


def images(n: int = 12) -> torch.Tensor:
    return torch.randn(n, 1, 6, 6, generator=torch.Generator().manual_seed(0))


def test_rates_grow_linearly_over_blocks():
    run = make(drop_path=0.4)
    assert run.dropping.shares.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])  # of five blocks; the first never
    assert run.dropping.blocks == [m for m in run.network.modules() if isinstance(m, BlockModule)][1:]


def test_parts_are_left_out_as_often_as_the_recipe_says_and_expectations_stay():
    dropping = make(drop_path=0.4, dropout=0.25).dropping
    factors = torch.cat([dropping.draw(0, step, 500) for step in range(20)])
    assert factors.shape == (10_000, 4 + 16)
    assert (factors == 0).float().mean(0).tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4] + [0.25] * 16, abs=0.02)
    assert factors.mean(0).tolist() == pytest.approx([1.0] * 20, abs=0.04)


def test_a_dropped_path_leaves_the_shortcut_as_torchvisions_stochastic_depth():
    import_torchvision()
    from torchvision.ops import stochastic_depth

    run = make(drop_path=0.5)
    block, x = run.dropping.blocks[-1].eval(), torch.randn(64, 16, 3, 3, generator=torch.Generator().manual_seed(1))
    shortcut, main = block.projection(x), x
    for name in block.main:
        main = getattr(block, name)(main)
    torch.manual_seed(0)
    theirs = block.activation(shortcut + stochastic_depth(main, 0.5, "row"))
    torch.manual_seed(0)
    block.path_factor = stochastic_depth(torch.ones(64, 1, 1, 1), 0.5, "row")
    assert {0.0, 2.0} == set(block.path_factor.flatten().tolist())
    torch.testing.assert_close(block(x), theirs)


def test_an_image_may_lose_all_features_and_then_has_the_bias_alone():
    run = make(dropout=0.5)
    with run.dropping.applied(torch.zeros(12, 16)):
        torch.testing.assert_close(run.network(images()), run.network.head.bias.expand(12, 4))
    assert not torch.equal(run.network(images()), run.network.head.bias.expand(12, 4))


def test_each_step_drops_others_and_evaluation_nothing():
    run = make(drop_path=0.5, dropout=0.5)
    steps = [run.dropping.draw(epoch, step, 12) for epoch, step in ((0, 0), (0, 1), (1, 0))]
    assert len({tuple(step.flatten().tolist()) for step in steps}) == 3
    assert torch.equal(steps[0], make(drop_path=0.5, dropout=0.5).dropping.draw(0, 0, 12))
    assert run.test_error() == make().test_error()


def test_a_failing_step_leaves_the_network_whole():
    run = make(drop_path=0.5, dropout=0.5)
    with pytest.raises(RuntimeError), run.dropping.applied(run.dropping.draw(0, 0, 5)):
        run.network(images(12))
    assert run.network.feature_factors is None and all(block.path_factor is None for block in run.dropping.blocks)


def test_a_network_without_shortcuts_has_no_path_to_drop():
    run = make(PLAIN, drop_path=0.5)
    assert run.dropping.blocks == [] and run.dropping.draw(0, 0, 12).shape == (12, 0)


def test_parts_of_a_step_drop_what_the_whole_step_would():
    def gradients(accumulation: int) -> list[torch.Tensor]:
        run = make(accumulation=accumulation, drop_path=0.5, dropout=0.3)
        run.network.eval()  # batch norm would see other batches
        return run.gradients(images(), torch.arange(12) % 4, run.dropping.draw(0, 0, 12))

    for whole, parts in zip(gradients(1), gradients(3), strict=True):
        torch.testing.assert_close(whole, parts, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("recipe", [{"drop_path": 0.3}, {"dropout": 0.3, "precision": "bf16", "ema_decay": 0.9}])
def test_a_run_that_drops_is_resumed_bit_for_bit(tmp_path, recipe):
    for stop in (1, STEPS + 2):
        with pytest.raises(Interrupted):
            train(tmp_path / "a", DEEP, recipe, stopping=stop_after(stop))
    resumed = train(tmp_path / "a", DEEP, recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "b", DEEP, recipe))
    assert resumed["epochs"] != train(tmp_path / "c", DEEP)["epochs"]


def test_a_recipe_without_dropping_draws_nothing():
    assert make_run().dropping is None
