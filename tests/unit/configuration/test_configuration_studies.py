"""Studies and claims: one telling line for each that is wrong, and which of them run."""

import pytest
from helpers.configurations import CONFIG, change, refusal
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load

# ---- Studies that are wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ({"panels": {"a": ["Nothing"]}}, "fig_own.panels.a: unknown space 'Nothing', expected one of AnyNetX_A"),
        (
            {"panels": {"a": [{"space": "RegNetX", "regime": "x"}]}},
            "fig_own.panels.a: unknown regime 'x', expected one of base",
        ),
        (
            {"panels": {"a": [{"space": "RegNetX", "recipe": "x"}]}},
            "fig_own.panels.a: unknown recipe 'x', expected one of short",
        ),
        ({"panels": {"a": [{"spase": "RegNetX"}]}}, "fig_own.panels.a.0: "),
        (
            {"panels": {"a": [3]}},
            "fig_own.panels.a.0: got 3, expected a design space, or one with a regime, a recipe or",
        ),
        ({"panels": {"a": []}}, "fig_own.panels.a: got [], expected at least 1 of them"),
        ({"sizes_of": ["Nothing"]}, "fig_own.sizes_of: unknown design space 'Nothing'"),
    ],
)
def test_a_wrong_study_is_named_with_what_was_expected(config_folder, study, expected):
    change(config_folder / "studies.yaml", fig_own={"title": "Own"} | study)
    assert refusal(folder=config_folder).startswith(f"{config_folder / 'studies.yaml'}: {expected}")


def test_a_study_that_does_not_run_may_want_what_the_preset_lacks(config_folder):
    panels = {"a": [{"space": "RegNetX", "regime": "huge", "recipe": "long"}]}
    change(config_folder / "studies.yaml", fig_own={"title": "Own", "panels": panels})
    change(config_folder / "presets" / "digits.yaml", run_studies=["fig09_regnet"])
    assert load({}, config_folder).run_studies == ["fig09_regnet"]
    assert "regime 'huge'" in refusal({"run_studies": ["fig_own"]}, config_folder)


def test_a_study_of_the_command_line_adds_to_one_that_is_there():
    own = {"studies": {"fig01_design_space_design": {"panels": {"spaces": ["RegNetX"]}}}}
    study = load(own, CONFIG).studies["fig01_design_space_design"]
    assert study["title"] == load({}, CONFIG).studies["fig01_design_space_design"]["title"]
    assert study["panels"]["spaces"] == ["RegNetX"]


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        (
            {"title": "Own", "panels": {"a": ["Nothing"]}},
            "studies: fig_own.panels.a: unknown space 'Nothing', expected",
        ),
        ({"panels": {"a": ["RegNetX"]}}, "studies: fig_own: missing key 'title'"),
        ({"title": 3}, "studies.fig_own.title: got 3, expected text"),
    ],
)
def test_a_wrong_study_of_the_command_line_names_the_command_line(study, expected):
    assert refusal({"studies": {"fig_own": study}}).startswith(f"{COMMAND_LINE}: {expected}")


# ---- Claims ----------------------------------------------------------------------------------------------------------


CLAIM = {"claim": "x", "source": "y", "quantity": "mean_difference", "populations": ["RegNetX"], "range": [0, None]}


def test_claims_speak_of_populations_and_the_run_has_some_of_them():
    found = load(
        {"claims": {"mine": CLAIM | {"recipe": "long", "populations": ["RegNetX", {"space": "AnyNetX_A"}]}}}, CONFIG
    )
    names = [curve["population"] for curve in found.claimed_curves("mine")]
    assert names == ["RegNetX-base-long", "AnyNetX_A-base-long"]
    assert found.run_claims["mine"] == []
    assert [curve["population"] for curve in found.run_claims["best_b"]] == ["AnyNetX_B-base-short"]
    everything = load({"run_studies": "all"}, CONFIG)
    run = {curve["population"] for curves in everything.run_claims.values() for curve in curves}
    assert run <= set(everything.run_populations)


@pytest.mark.parametrize("missing", ["populations", "quantity", "range"])
def test_a_claim_of_nothing_is_refused(missing):
    claim = {key: value for key, value in CLAIM.items() if key != missing}
    expected = "expected populations or models, each with quantity and range, or unmeasured"
    assert expected in refusal({"claims": {"mine": claim}})


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({"populations": ["Nowhere"]}, "mine.populations: unknown space 'Nowhere', expected one of AnyNetX_A"),
        ({"populations": [{"imported": "X"}]}, "mine.populations: unknown imported 'X', expected a key of imported"),
        ({"quantity": "luck"}, "mine.quantity: got 'luck', expected one of best_exponent, best_mean, "),
        ({"range": [0]}, "mine.range: got [0], expected at least 2 of them"),
        ({"margin": 2}, "mine: unknown key 'margin'"),
        ({"models": [["ResNet-50"]]}, "mine.models.0: got ['ResNet-50'], expected at least 2"),
        ({"unmeasured": ""}, "mine.unmeasured: got ''"),
    ],
)
def test_a_wrong_claim_is_named_with_what_was_expected(claim, expected):
    assert expected in refusal({"claims": {"mine": CLAIM | claim}})


# ---- Short forms -----------------------------------------------------------------------------------------------------


def test_a_curve_of_several_regimes_is_one_curve_in_each():
    short = {"space": "RegNetX", "regimes": ["sweep_2", "sweep_1"], "recipe": "medium", "label": "X, {regime}"}
    curves = load({"studies": {"own": {"title": "Own", "panels": {"a": ["AnyNetX_A", short]}}}}, CONFIG).curves("own")
    assert [(curve["population"], curve["label"]) for curve in curves["a"]] == [
        ("AnyNetX_A-base-short", "AnyNetX_A"),
        ("RegNetX-sweep_2-medium", "X, sweep_2"),
        ("RegNetX-sweep_1-medium", "X, sweep_1"),
    ]


@pytest.mark.parametrize(
    ("key", "said", "folder"),
    [("times", True, "times"), ("times", "by_setting", "times_by_setting"), ("proxies", True, "proxies")],
)
def test_a_study_may_ask_for_measurements_of_its_populations(key, said, folder):
    panels = {"a": ["RegNetX", "AnyNetX_A"], "b": ["RegNetX"]}
    own = {"title": "Own", "panels": panels, key: said, "inputs": {"limits": "limits.json"}}
    inputs = load({"studies": {"own": own}}, CONFIG).studies["own"]["inputs"]
    names = ("RegNetX-base-short", "AnyNetX_A-base-short")
    assert inputs == {"limits": "limits.json"} | {name: f"{folder}/{name}.csv" for name in names}


def test_a_study_has_one_measurement_of_its_populations():
    own = {"title": "Own", "panels": {"a": ["RegNetX"]}, "times": True, "proxies": True}
    with pytest.raises(ConfigError, match="has both times and proxies, expected one of them"):
        load({"studies": {"own": own}}, CONFIG)


def test_the_sweep_is_the_papers_seven_regimes():
    curves = load({}, CONFIG).curves("fig12_complexity")
    names = [f"RegNetX-sweep_{i}-medium" for i in range(1, 8)]
    assert [curve["population"] for curve in curves["best"]] == names
    assert [curve["population"] for curve in curves["times"]] == names[:4]
    assert list(load({}, CONFIG).studies["fig12_complexity"]["inputs"]) == names
