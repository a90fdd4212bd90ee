"""Claims at the start: what cannot be computed is one line, and what is accepted can be."""

import random

import pytest
import yaml
from helpers.claimed import claims_study
from helpers.configurations import CONFIG, refusal
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load
from netspaces.studies.claims.checks import columns
from netspaces.studies.claims.claim import NOT_COMPUTABLE, VERDICTS
from netspaces.tables.summaries import paper_against_ours

MINE = {"claim": "x", "source": "y", "quantity": "mean_difference", "populations": ["RegNetX", "AnyNetX_A"]}
MINE |= {"range": [0, None]}
BEST = MINE | {"quantity": "best_value", "populations": ["RegNetX"]}
MODELS = {"claim": "x", "source": "y", "quantity": "error_gap", "models": [["ResNet-50", "RegNetX-3.2GF"]]}
MODELS |= {"range": [0, None]}
SWEEP = [{"space": "RegNetX", "regime": f"sweep_{i}"} for i in (1, 2)]


def mine(claim: dict) -> dict:
    return {"claims": {"mine": claim}}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (BEST | {"value": "flops * 9**9**9"}, "mine.value: got 'flops * 9**9**9', expected error, e_fit or arith"),
        (BEST | {"value": "depth + 1 / 0"}, "mine.value: got 'depth + 1 / 0', expected error, e_fit or arithmetic"),
        (BEST | {"value": "depth * " + 400 * "9"}, "mine.value: got 'depth * 999"),
        (BEST | {"value": " + ".join(2000 * ["depth"])}, "mine.value: got 'depth + depth"),
        (BEST | {"value": "depth < 3"}, "mine.value: got 'depth < 3', expected error, e_fit or arithmetic on columns"),
        (BEST | {"value": "depht_1"}, "mine.value: unknown column 'depht_1', expected of error, e_fit, time, depth"),
        (BEST | {"value": "block"}, "mine.value: unknown column 'block'"),
        (BEST | {"value": ""}, "mine.value: got '', expected error"),
        (BEST | {"quantity": "strongest_correlation"}, "mine.values: got 0, expected at least 1"),
        (BEST | {"quantity": "strongest_correlation", "values": ["w_1"]}, "mine.values: unknown column 'w_1'"),
        (BEST | {"quantity": "correlation", "against": ["flop"]}, "mine.against: unknown column 'flop'"),
        (BEST | {"weights": [1, 2]}, "mine.weights: got 2, expected none"),
        (MINE | {"quantity": "search_difference", "value": "depth"}, "mine.value: got depth, expected none"),
        (MINE | {"draws": 8}, "mine.draws: got 8, expected none"),
        (MINE | {"populations": ["RegNetX"]}, "mine.populations: got 1, expected 2"),
        (MINE | {"populations": ["RegNetX", "RegNetX"]}, "mine.populations: RegNetX-base-short stands there twice"),
        (MINE | {"quantity": "contrast", "weights": [1, 2, 3]}, "mine.weights: got 3, expected one per population"),
        (MINE | {"quantity": "contrast", "weights": [1, 10**400]}, "mine.weights"),
        (MINE | {"range": [2, 1]}, "mine.range: got [2, 1], expected [low, high], low <= high, null for one open end"),
        (MINE | {"range": [None, None]}, "mine.range: got [None, None], expected [low, high]"),
        (MINE | {"range": ["a", 1]}, "mine.range"),
        (MINE | {"range": [float("nan"), 1]}, "mine.range"),
        (MINE | {"range": [0, 10**400]}, "mine.range"),
        (MINE | {"quantity": "error_gap"}, "mine.quantity: got 'error_gap', expected one of best_exponent"),
        (MODELS | {"quantity": "best_value"}, "mine.quantity: got 'best_value', expected one of error_gap"),
        (MODELS | {"populations": ["RegNetX"]}, "mine: has both populations and models, expected one of them"),
        (
            MODELS | {"models": [["ResNet-51", "RegNetX-3.2GF"]]},
            "mine.models: unknown model 'ResNet-51', expected one of",
        ),
        (MODELS | {"models": [["ResNet-50", "RegNetX-3.2GF", "ResNet-101"]]}, "mine.models: got [['ResNet-50'"),
        (MODELS | {"value": "depth"}, "mine.value: got 'depth', expected one of error, imagenet, imagenetv2"),
        (MODELS | {"draws": 3}, "mine.draws: got 3, expected none"),
        (MODELS | {"quantity": "model_exponent"}, "mine.value: got 'error', expected one of flops, params"),
    ],
)
def test_a_claim_that_cannot_be_computed_is_refused_at_the_start(claim, expected):
    said = refusal(mine(claim))
    assert said.startswith((f"{COMMAND_LINE}: claims: {expected}", f"{COMMAND_LINE}: claims.{expected}"))


def test_a_claim_of_imported_networks_may_speak_of_their_own_columns():
    foreign = {"claims": {"mine": BEST | {"populations": [{"imported": "theirs"}], "value": "memory * 2"}}}
    imported = {"imported": {"theirs": {"file": "theirs.csv", "format": "csv"}}}
    load(foreign | imported, CONFIG)
    of_sizes = MINE | {"quantity": "size_ratio", "populations": [{"imported": "theirs"}, "RegNetX"]}
    expected = "mine.populations: size_ratio takes design spaces, expected none imported"
    assert expected in refusal({"claims": {"mine": of_sizes}} | imported)


@pytest.mark.parametrize("published", [b"name,flops\n", b"", b"\xff\xfe\n"])
def test_published_models_that_cannot_be_read_are_named(config_folder, published):
    path = config_folder / "published" / "models.csv"
    path.write_bytes(published)
    assert refusal({}, config_folder).startswith(f"{path}: ")


def test_what_is_unmeasured_asks_for_nothing():
    load({"claims": {"best_b": {"unmeasured": "not of interest here"}}}, CONFIG)


# ---- Mutations -------------------------------------------------------------------------------------------------------

VALUES = [
    None,
    True,
    "",
    "x",
    "a\n",
    "depth",
    "error",
    "depth_99",
    "e_fit * 2",
    "1/0",
    "depth ** 999",
    "depth < 3",
    [],
    {},
]
VALUES += [
    0,
    -1,
    1,
    10**30,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    [1],
    ["x"],
    [[1, 2]],
    [None, None],
    [2, 1],
    [0, 1],
]
VALUES += ["best_value", "size_ratio", "error_gap", ["RegNetX"], ["RegNetX"] * 2, [{"space": "AnyNetX_A"}, "RegNetX"]]
VALUES += [{"space": "RegNetX"}, [["ResNet-50", "ResNet-101"]], *columns()[:3]]


def mutated(claims: dict, random_numbers: random.Random) -> dict:
    """Claims of which one has a key set, deleted, renamed, swapped with another claim's, or added."""
    name, other = random_numbers.sample(sorted(claims), 2)
    claim = dict(claims[name])
    keys = ["quantity", "value", "values", "against", "weights", "draws", "populations", "models", "range", "regime"]
    key, value = random_numbers.choice([*claim, *keys]), random_numbers.choice(VALUES)
    kind = random_numbers.choice(["set", "set", "delete", "rename", "swap", "swap"])
    if kind == "set":
        claim[key] = value
    elif kind == "delete":
        claim.pop(key, None)
    elif kind == "rename":
        claim[random_numbers.choice([*keys, "x"])] = claim.pop(key, value)
    elif key in claims[other]:
        claim[key] = claims[other][key]
    return claims | {name: claim}


@pytest.mark.parametrize("seed", range(60))
def test_mutated_claims_are_refused_in_one_line_or_can_be_computed(seed):
    """What is accepted gives a row with a verdict; none ends in a traceback, and none hangs."""
    shipped = yaml.safe_load((CONFIG / "claims.yaml").read_text())
    random_numbers = random.Random(seed)
    claims = mutated(shipped, random_numbers)
    for _ in range(random_numbers.randrange(3)):
        claims = mutated(claims, random_numbers)
    changed = {name: claim for name, claim in claims.items() if claim is not shipped[name]}
    renamed = {f"mine_{name}": claim for name, claim in changed.items()}
    try:
        configuration = load({"claims": renamed}, CONFIG)
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1 and "mine_" in str(error)
        return
    table = paper_against_ours.make(claims_study(renamed, configuration))
    has_values = ~table["reason"].str.startswith("no ")  # such as w_m of a population without that rule
    assert len(table) == len(renamed) and set(table["verdict"]) <= set(VERDICTS)
    assert NOT_COMPUTABLE not in set(table["verdict"][has_values])
