"""Design spaces that no network meets, and wrong definitions: each is refused with its reason."""

import pytest
from helpers.small_spaces import MOBILE, SMALL, imagenet, networks, population, small, unordered
from netspaces.spaces import sampling
from netspaces.spaces.sampling import FIRST_ROUND, SamplingError, decide, sample
from netspaces.spaces.space import Space


def test_an_impossible_space_ends_with_what_rejected_its_draws():
    definition = small(name="Small", constraints=["depth > 48"])
    with pytest.raises(SamplingError) as error:
        sample(definition, {"flops": [0, 3.0e6]}, 0, range(4), max_draws=1000)
    message = str(error.value)
    assert message.startswith(
        "design space Small, regime flops in [0, 3e+06]: no network found in 1,000 draws; rejected by: "
    )
    shares = [float(part.split()[-2]) for part in message.split("rejected by: ")[1].split(", ")]
    assert "depth > 48" in message and "flops above 3e+06" in message and "structure" not in message
    assert sum(shares) == pytest.approx(100, abs=0.2) and shares == sorted(shares, reverse=True)
    assert "\n" not in message


def test_many_networks_of_an_impossible_space_are_sought_no_longer_than_one(monkeypatch):
    decided = []

    def count(space, regime, uniforms):
        decided.append(len(uniforms))
        return decide(space, regime, uniforms)

    monkeypatch.setattr(sampling, "decide", count)
    said = []
    for n in (1, 8):
        with pytest.raises(SamplingError) as error:
            sample(small(constraints=["depth > 48"]), {"flops": [0, 3.0e6]}, 0, range(n), max_draws=20_000)
        said.append((str(error.value), sum(decided)))
        decided.clear()
    (alone, draws), (together, more) = said
    assert alone == together and draws == 20_000 < more < 2 * draws


def test_a_network_that_goes_ahead_in_a_rare_space_is_the_same_one(monkeypatch):
    regime = {"flops": [2.99e6, 3.0e6]}
    rare = sample(small(), regime, 0, range(4))
    monkeypatch.setattr(sampling, "IN_VAIN", FIRST_ROUND)
    ahead = sample(small(), regime, 0, range(4))
    assert rare.draws.min() > FIRST_ROUND and rare.rejections == ahead.rejections
    assert {name: values.tolist() for name, values in rare.columns().items()} == {
        name: values.tolist() for name, values in ahead.columns().items()
    }


def test_max_draws_is_the_number_of_draws_that_a_network_may_take():
    draws = population("AnyNetX_A", 40).draws
    needed = draws.max().item()
    assert networks(sample(imagenet("AnyNetX_A"), MOBILE, 0, range(40), max_draws=needed))
    with pytest.raises(SamplingError, match=f"in {needed - 1:,} draws"):
        sample(imagenet("AnyNetX_A"), MOBILE, 0, range(40), max_draws=needed - 1)


def test_an_unknown_metric_is_refused():
    with pytest.raises(SamplingError, match="unknown metric 'flop', expected one of flops, params, activations"):
        sample(SMALL, {"flop": [0, 1]}, 0, range(1))


def test_no_networks_are_an_empty_table():
    columns = sample(SMALL, MOBILE, 0, []).columns()
    assert all(column.shape == (0,) for column in columns.values())
    assert list(columns) == list(unordered().columns())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {"depht": 3}}, "parameters: depht is unknown, expected one of depth, width, bottleneck"),
        ({"parameters": {"w_0": 8}}, "parameters: w_0 is unknown"),
        ({"parameters": {"depth": 2.5}}, "parameters: depth is 2.5, expected whole numbers above 0"),
        ({"parameters": {"depth": 0}}, "parameters: depth is 0, expected whole numbers above 0"),
        ({"parameters": {"width": {"choice": [8, -8]}}}, "parameters: width is 8, -8, expected whole numbers"),
        ({"parameters": {"width": {"low": 8}}}, "parameters: width: missing key 'distribution'"),
        ({"parameters": {"bottleneck": 3.5}}, "parameters: bottleneck is 3.5, expected whole numbers or one over"),
        ({"parameters": {"bottleneck": 0}}, "parameters: bottleneck is 0, expected whole numbers or one over"),
        ({"parameters": {"se_ratio": -1}}, "parameters: se_ratio is -1, expected at least 0"),
        (
            {"block": "v", "parameters": {"se_ratio": 0.25}},
            "se_ratio is 0.25, expected 0, block v has no squeeze-and-exc",
        ),
        (
            {"block": "vr", "parameters": {"se_ratio": {"choice": [0, 1]}}},
            "expected 0, block vr has no squeeze-and-exc",
        ),
        ({"monotone": {"w_0": "increasing"}}, "monotone: w_0 is unknown"),
        ({"monotone": {"resolution": "increasing"}}, "monotone: resolution has no values per stage"),
        ({"monotone": {"width": "increasing"}, "shared": ["width"]}, "monotone: width has no values per stage"),
        ({"monotone": {"width": {"order": "equal", "stages": [2, 4]}}}, "stages must lie between 1 and 3"),
        ({"tied": {"width": "height"}}, "tied: width follows height, expected one of depth"),
        ({"tied": {"height": "width"}}, "tied: height is unknown"),
        ({"tied": {"width": "width"}}, "tied: width follows width"),
        ({"tied": {"stem_width": "width"}}, "tied: stem_width follows width, expected one of resolution, se_ratio"),
        ({"tied": {"depth": "bottleneck"}, "parameters": {"bottleneck": 0.5}}, "parameters: depth is 0.5"),
        ({"parameters": {"kernel": 4}}, "parameters: kernel is 4, expected odd numbers"),
        ({"parameters": {"kernel": {"distribution": "uniform", "low": 3, "high": 7}}}, "kernel is 3, 7, expected odd"),
        ({"parameters": {"head_width": -8}}, "parameters: head_width is -8, expected whole numbers, at least 0"),
        ({"block": "mb", "parameters": {"bottleneck": 2}}, "bottleneck is 2, expected 1 or one over a whole number"),
        ({"parameters": {"width": {"per_stage": [8, 16]}}}, "parameters: width has 2 values per stage, expected 3"),
        ({"parameters": {"resolution": {"per_stage": [8, 8, 8]}}}, "resolution has 3 values per stage, expected 1"),
        ({"parameters": {"width": {"per_stage": [8]}}, "shared": ["width"]}, "width has 1 values per stage, expected"),
        (
            {"parameters": {"width": {"per_stage": [32, 16, 8]}}, "monotone": {"width": "increasing"}},
            "monotone: width has stated values, which no order changes",
        ),
        ({"recipe": {"momentum": 0.9}}, "recipe: momentum is unknown, expected one of learning_rate, weight_decay"),
        ({"recipe": {"learning_rate": 0}}, "recipe: learning_rate is 0, expected more than 0"),
        ({"recipe": {"weight_decay": {"low": 1e-5}}}, "recipe: weight_decay: missing key 'distribution'"),
        ({"recipe": {"weight_decay": {"per_stage": [1, 1, 1]}}}, "recipe: weight_decay has no values per stage"),
        ({"constraints": ["depth"]}, "constraint 'depth': expected a comparison"),
        ({"family": "regnet"}, "parameters: width is unknown"),
    ],
)
def test_a_wrong_definition_is_refused_by_key(changes, message):
    with pytest.raises(ValueError) as error:
        Space.from_definition(small(**changes))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("missing", ["depth", "width", "bottleneck", "group_width", "resolution"])
def test_a_missing_parameter_is_named(missing):
    parameters = {name: value for name, value in SMALL["parameters"].items() if name != missing}
    with pytest.raises(ValueError, match=f"parameters: {missing} is missing, family anynet needs it"):
        Space.from_definition(SMALL | {"parameters": parameters})


def test_a_regnet_has_no_values_per_stage():
    with pytest.raises(ValueError, match="shared: bottleneck has no values per stage"):
        Space.from_definition(imagenet("RegNetX") | {"shared": ["bottleneck"]})
    with pytest.raises(ValueError, match="monotone: group_width has no values per stage"):
        Space.from_definition(imagenet("RegNetX") | {"monotone": {"group_width": "increasing"}})


def test_what_a_block_does_not_have_is_left_aside():
    everything = {
        "shared": ["group_width"],
        "monotone": {"bottleneck": "increasing", "width": "increasing"},
        "tied": {"group_width": "bottleneck"},
    }
    space = Space.from_definition(small(block="v", **everything))
    assert set(space.parameters) == {"depth", "width", "resolution", "stem_width", "se_ratio"}
    assert set(space.monotone) == {"width"} and space.shared == () and space.tied == {}
