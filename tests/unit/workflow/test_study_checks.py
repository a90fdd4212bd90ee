"""Studies at the start: panels that the figure or table cannot take are one line, and what is accepted can be drawn."""

import random
from importlib import import_module
from pathlib import Path

import pytest
from helpers.configurations import CONFIG, PRESETS
from helpers.invented import FIGURES as PANELS
from helpers.invented import REGIMES, module_of, study
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import COMMAND_LINE
from netspaces.configuration.loading import load
from netspaces.figures import FIGURES
from netspaces.plugins.loading import forget_plugins
from netspaces.studies.study import explained
from netspaces.tables import TABLES
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_checks import check_imported_files, check_studies
from netspaces.workflow.study_rules import CLAIMS, OWN_CLAIMS, TWO_PHASE_CLAIMS, study_rules

ROOT = CONFIG.parent
IMPORTED = {"imported": {"theirs": {"file": "theirs.csv", "format": "csv"}}}


def check(given: dict) -> None:
    configuration = load(given, CONFIG)
    check_studies(study_rules(configuration, Paths("results/x"), ROOT), configuration.run_studies)


def refusal(own: dict, **settings) -> str:
    with pytest.raises(ConfigError) as error:
        check({"studies": {"mine": {"title": "Mine"} | own}, "run_studies": ["mine"]} | settings)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize("preset", PRESETS)
def test_studies_that_ship_have_what_their_modules_want(preset):
    rules = study_rules(load({"preset": preset}, CONFIG), Paths("results/x"), ROOT)
    check_studies(rules, rules)


@pytest.mark.parametrize(
    ("registry", "name"),
    [(r, n) for r in (FIGURES, TABLES) for n in r if n not in (CLAIMS, OWN_CLAIMS, TWO_PHASE_CLAIMS)],
)
def test_what_a_module_wants_is_read_without_importing_it(registry, name):
    wants = registry.literal(name, "WANTS")
    assert wants is not None and wants == import_module(registry.modules[name]).WANTS


def sweep(space: str = "RegNetX", **more) -> dict:
    return {"space": space, "regimes": ["sweep_1", "sweep_2"], "recipe": "medium"} | more


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"figure": "fig07_monotone_widths_depths", "panels": {"widths": ["RegNetX"]}}, "panels: depths is missing"),
        ({"figure": "error_distributions"}, "panels: at least one is missing"),
        (
            {"figure": "fig23_block_types", "panels": {"blocks": ["RegNetX"], "more": ["RegNetR"]}},
            "panels: more is not known to what makes this study, expected of blocks",
        ),
        ({"figure": "fig17_resnet_comparison", "panels": {"a": ["RegNetX"]}}, "panels: a is not known to what makes"),
        ({"figure": "sharing_equivalence", "panels": {"a": ["RegNetX"]}}, "panels.a: got 1 curves, expected 2"),
        (
            {"table": "sharing_tests", "panels": {"a": ["RegNetX", "AnyNetX_A", "AnyNetX_B"]}},
            "panels.a: got 3 curves, expected 2",
        ),
        ({"figure": "fig04_x_block", "panels": {"spaces": ["RegNetX", "RegNetY"]}}, "panels.spaces: got 2 curves, exp"),
        (
            {"figure": "error_distributions", "panels": {"a": ["RegNetX", "RegNetX"]}},
            "panels.a: RegNetX-base-short stands there twice, expected each once",
        ),
        (
            {"figure": "fig11_parameter_trends", "panels": {"regimes": [sweep("AnyNetX_A")]}},
            "panels.regimes: the table of AnyNetX_A-sweep_1-medium has no column w_m, expected one",
        ),
        (
            {"figure": "fig03_network_skeleton", "panels": {"spaces": [{"imported": "theirs"}]}},
            "panels.spaces: theirs-imported-csv is imported, expected populations that are trained here",
        ),
        (
            {
                "figure": "budget_drift",
                "panels": {"budgets": ["RegNetX", {"space": "RegNetX", "repeat": 1}, "RegNetY"]},
            },
            "panels.budgets: got 2 different labels (RegNetX, RegNetY), expected 1",
        ),
        (
            {"figure": "budget_drift", "panels": {"budgets": [{"space": "RegNetX", "repeat": 1}]}},
            "panels.budgets: RegNetX: expected one population per number of epochs and repeat, repeat 0 for each",
        ),
        (
            {"table": "order_holds", "panels": {"a": ["RegNetX"], "b": [sweep(regimes=["sweep_1"], label="RegNetX")]}},
            "panels: RegNetX: RegNetX-sweep_1-medium has other networks than RegNetX-base-short, expected one design",
        ),
        ({"figure": "budget_split", "panels": {"budgets": ["RegNetX"]}}, "panels.budgets: got 1 different labels"),
        (
            {"figure": "settings", "panels": {"a": ["RegNetX"], "b": ["RegNetY"]}},
            "panels: expected two settings or more with the same design spaces in the same order",
        ),
        (
            {
                "table": "order_holds",
                "panels": {"a": ["RegNetX"], "b": [sweep(regimes=["sweep_1"])], "seed": ["RegNetY"]},
            },
            "panels: seeds: RegNetY is in no setting",
        ),
        ({"figure": "fig15_top_regnetx", "panels": {"selected": [sweep()]}}, "panels.selected: shows final trainings"),
        (
            {"table": "unshared_patterns", "panels": {"bottleneck": ["AnyNetX_B"]}},
            "panels.bottleneck: AnyNetX_B shares bottleneck, expected spaces whose stages differ in it",
        ),
        ({"table": "unshared_patterns", "panels": {"depths": ["AnyNetX_B"]}}, "panels: depths is not known"),
    ],
)
def test_panels_that_cannot_be_drawn_are_refused_at_the_start(own, expected):
    assert refusal(own, **IMPORTED).startswith(f"{COMMAND_LINE}: studies: mine.{expected}")


def test_a_regime_without_flops_has_no_place_on_an_axis_of_flops():
    own = {"figure": "fig20_swish", "panels": {}}
    for panel in ("sweep_2", "sweep_4", "sweep_6", "depthwise"):
        own["panels"][panel] = [{"space": space, "regime": "small"} for space in ("RegNetX", "RegNetY")]
    said = refusal(own, regimes={"small": {"params": [10_000, 50_000]}})
    assert "panels.sweep_2: the regime of RegNetX-small-short does not bound flops, expected one that does" in said


def test_the_same_is_checked_where_a_study_is_drawn():
    of = study("fig20_swish", {"sweep_2": ["RegNetX"]})
    with pytest.raises(ValueError, match=r"studies\.yaml: fig20_swish\.panels: sweep_4 is missing"):
        explained(FIGURES["fig20_swish"], of, FIGURES.literal("fig20_swish", "WANTS"))
    of = study("fig22_efficientnet_learning_rate_weight_decay", {"base": ["RegNetX"], "regimes": ["RegNetX"]})
    expected = r"panels\.base: the table of RegNetX-base-short has no column learning_rate"
    with pytest.raises(ValueError, match=expected):
        explained(FIGURES[of.name], of, FIGURES.literal(of.name, "WANTS"))


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        ("{'a': {'curves': 2}}", "mine.panels.a: got 1 curves, expected 2, by the figure pairs"),
        (
            "{'a': {'curve': 2}}",
            "mine.panels: WANTS of its module has a key 'curve', expected one of at_least",
        ),
        ("['a']", "mine.panels: WANTS of its module is no mapping"),
    ],
)
def test_a_figure_of_a_user_may_say_what_it_wants(tmp_path, wants, expected):
    path = Path(tmp_path / "pairs.py")
    path.write_text(f"WANTS = {wants}\ndef draw(study):\n    return None\n")
    own = {"figure": "pairs", "panels": {"a": ["RegNetX"]}}
    try:
        assert expected in refusal(own, plugins=[str(path)])
    finally:
        forget_plugins()


# ---- Mutations -------------------------------------------------------------------------------------------------------


def mutated(panels: dict[str, list], random_numbers: random.Random) -> dict[str, list]:
    """Panels with one of them deleted, renamed or copied, or with a curve less, more, or of another space."""
    panels = {name: [{"space": of} if isinstance(of, str) else dict(of) for of in own] for name, own in panels.items()}
    name = random_numbers.choice(list(panels))
    kind = random_numbers.choice(["delete", "rename", "copy", "less", "more", "space", "label", "regime"])
    if kind == "delete":
        del panels[name]
    elif kind in ("rename", "copy"):
        panels["other"] = panels.pop(name) if kind == "rename" else list(panels[name])
    elif kind == "less":
        panels[name].pop()
    elif kind == "more":
        panels[name].append({"space": random_numbers.choice(["AnyNetX_A", "RegNetX", "RegNetY"])})
    else:
        new = {"space": "AnyNetX_A", "label": "x", "regime": random_numbers.choice(list(REGIMES))}
        panels[name][0] |= {kind: new[kind]}
    return {name: own for name, own in panels.items() if own}


@pytest.mark.parametrize("seed", range(20))
def test_mutated_panels_are_refused_in_one_line_or_can_be_drawn(seed):
    random_numbers = random.Random(seed)
    name = random_numbers.choice([name for name in PANELS if name not in ("fixed_choices", "fig13_constrained_regnet")])
    of = study(name, mutated(PANELS[name], random_numbers), n=random_numbers.choice([0, 6]))
    module = module_of(name)
    try:
        drawing = explained(FIGURES[module], of, FIGURES.literal(module, "WANTS"))
    except ValueError as error:
        assert str(error).startswith(f"studies.yaml: {name}.panels") and len(str(error).splitlines()) == 1
    else:
        assert len(drawing.data)


def test_a_file_of_an_import_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = {"title": "T", "figure": "error_distributions", "panels": {"a": [{"imported": "theirs"}]}}
    configuration = load(IMPORTED | {"studies": {"own": own}, "run_studies": ["own"]}, CONFIG)
    expected = "expected a file, or the folder that its format reads"
    with pytest.raises(ConfigError, match=rf"studies: own: imported\.theirs\.file: got 'theirs\.csv', {expected}"):
        check_imported_files(configuration)
    Path("theirs.csv").touch()
    check_imported_files(configuration)
    check_imported_files(load(IMPORTED, CONFIG))  # which no study of the default target asks for
