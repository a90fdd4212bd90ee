"""What the rules of figures and tables say."""

from pathlib import Path

import pytest
from helpers.configurations import CONFIG, change
from netspaces.configuration.configuration import PAPER, Configuration
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.workflow.paths import Paths
from netspaces.workflow.predictions import Predictions, predictions_of
from netspaces.workflow.study_rules import CLAIMS, OF_CLAIMS, SUMMARIES, StudyRule, files_of, study_rules, targets_of

ROOT = CONFIG.parent
PATHS = Paths("results/digits")
MINE = {"title": "Mine", "figure": "error_distributions", "panels": {"spaces": ["RegNetX", "AnyNetX_A"]}}


def rules(**given) -> dict[str, StudyRule]:
    """The rules of the digits preset with other settings on top."""
    return study_rules(load(given, CONFIG), PATHS, ROOT)


@pytest.fixture(scope="module")
def shipped() -> dict[str, StudyRule]:
    return rules()


def test_figures_and_tables_go_by_name_or_by_what_makes_them(shipped):
    kinds = {
        name: shipped[name].kind for name in ("fig09_regnet", "table01_design_spaces", "top_regnetx", "budget_drift")
    }
    assert list(kinds.values()) == ["figure", "table", "table", "figure"]
    assert shipped["top_regnetx"].module == "top_models" and shipped["fig09_regnet"].module == "fig09_regnet"
    assert all(shipped[name].kind == "table" and not shipped[name].declared for name in SUMMARIES)


def test_a_study_that_nothing_makes_is_refused_in_one_line():
    panels = {"a": ["RegNetX"]}
    for study, kind in (("fig99_unknown", "figure"), ("table99_unknown", "table")):
        with pytest.raises(ConfigError, match=f"{study}: there is no {kind} '{study}' to make it"):
            rules(studies={study: {"title": "x", "panels": panels}})


def test_files_that_a_study_rests_on(shipped):
    regnet = shipped["fig09_regnet"]
    assert regnet.files[0] == "results/digits/figures/fig09_regnet.svg" and len(regnet.files) == 4
    assert "RegNetX-base-short" in regnet.populations and len(set(regnet.populations)) == len(regnet.populations)
    assert all(Path(path).exists() for path in regnet.published)
    assert all(path.startswith("results/digits/") for path in shipped["fig12_complexity"].inputs.values())
    finals = shipped["selected_models"]
    assert finals.inputs == {name: f"results/digits/finals/{name}.csv" for name in finals.populations}


def test_summaries_speak_of_all_figures_of_the_run():
    some = rules(run_studies=["fig09_regnet", "table01_design_spaces"])
    assert {panel.partition("/")[0] for panel in some["populations"].panels} == {"fig09_regnet"}
    assert some["populations"].panels == some["comparisons"].panels
    assert set(some["populations"].populations) == set(some["fig09_regnet"].populations)


def test_untrained_networks_are_shared_by_populations_of_one_space_and_regime(shipped):
    found = shipped["regression_estimates"].untrained
    assert set(found) == set(shipped["regression_estimates"].populations)
    assert found["RegNetX-base-short"] == "results/digits/untrained/RegNetX-base.parquet"
    assert set(shipped["fig09_regnet"].untrained) == set(shipped["fig09_regnet"].populations)
    assert shipped["fig03_network_skeleton"].untrained == {} == shipped["table01_design_spaces"].untrained
    assert rules(statistics={"untrained": 0})["regression_estimates"].untrained == {}
    studies = {"mine": MINE | {"panels": {"spaces": ["RegNetX", {"space": "RegNetX", "recipe": "long"}]}}}
    both = rules(studies=studies, run_studies=["mine"])["regression_estimates"].untrained
    assert len(both) == 2 and len(set(both.values())) == 1


def test_tables_of_one_run_share_predictions_and_so_do_those_of_a_study_of_ones_own(shipped):
    assert {shipped[name].predictions for name in SUMMARIES} == {"all-figures"}
    assert shipped["fig09_regnet"].predictions == "" and shipped["fig09_regnet"].untrained
    of_figures = predictions_of(shipped)
    assert list(of_figures) == ["all-figures"]
    assert list(of_figures["all-figures"].curves) == sorted(shipped["populations"].untrained)
    _, of = own({"better": DIFFERENCE | {"populations": BOTH}})
    names = ["mine", "mine_populations", "mine_comparisons", "mine_claims"]
    assert [of[name].predictions for name in names] == ["mine"] * 4
    first, *others = [Predictions(of[name]) for name in names]
    assert list(first.curves) == ["AnyNetX_A-base-short", "RegNetX-base-short"]
    assert all((other.params, other.used) == (first.params, first.used) for other in others)


def test_claims_on_populations_that_no_figure_shows_have_predictions_of_their_own():
    noted = {"title": "Noted", "table": "comparisons", "panels": {"spaces": ["RegNetV", "RegNetR", "RegNetX"]}}
    found = rules(studies={"noted": noted}, run_studies=["fig02_anynet_statistics", "noted"])
    assert (found["populations"].predictions, found[CLAIMS].predictions) == ("all-figures", "all-claims")
    shown, noted = {"AnyNetX_A-base-short"}, {f"RegNet{kind}-base-short" for kind in "VRX"}
    assert set(found["populations"].predicted_from) == shown and set(found[CLAIMS].predicted_from) == shown | noted


def test_claims_are_measured_on_what_the_run_has_and_nothing_is_measured_for_them_alone(shipped):
    assert shipped[CLAIMS].inputs == {} and shipped[CLAIMS].params["claims"]
    run = rules(run_studies=["fig12_complexity"])
    assert run[CLAIMS].inputs == run["fig12_complexity"].inputs != {}
    assert all(rule.params["claims"] == {} for name, rule in shipped.items() if name not in OF_CLAIMS)


def test_scripts_are_told_what_the_study_uses_and_no_more():
    own = rules(studies={"mine": MINE | {"sizes_of": ["RegNetV"]}}, run_studies=["mine"])["mine"].params
    assert set(own["definitions"]) == {"RegNetX", "AnyNetX_A", "RegNetV"}
    assert set(own["preset"]) == {"preset", "dataset", "skeleton", "regimes", "recipes"}
    assert rules()["paper_against_ours"].params["preset"]["device"] == "cpu"
    assert set(own["preset"]["regimes"]) == {"base"} and set(own["preset"]["recipes"]) == {"short"}
    assert own["planned"] == {"RegNetX-base-short": 32, "AnyNetX_A-base-short": 32}
    assert (own["name"], own["kind"], own["module"], own["title"]) == ("mine", "figure", "error_distributions", "Mine")
    assert "second_dataset" in rules()["second_data"].params["preset"]


def test_entries_that_a_study_uses(shipped):
    assert shipped["fig09_regnet"].used == {
        "figure": ["fig09_regnet"],
        "table": [],
        "block": ["x"],
        "family": ["anynet", "regnet"],
        "covariate": ["structure", "sampled_recipe"],
    }
    assert shipped["fig03_network_skeleton"].used["covariate"] == []
    assert shipped["fig23_block_types"].used["block"] == ["r", "v", "vr", "x"]
    assert "best_value" in shipped[CLAIMS].used["quantity"]


@pytest.mark.parametrize("study", ["fig15_top_regnetx", "table04_efficientnet_comparison", CLAIMS])
def test_published_models_may_have_any_block(shipped, study):
    assert "block" not in shipped[study].used


def test_imported_networks_may_have_any_block():
    imported = {"ResNeXt": {"format": "nds", "file": "theirs.json"}}
    study = MINE | {"panels": {"spaces": [{"imported": "ResNeXt"}, "RegNetX"]}}
    assert "block" not in rules(imported=imported, studies={"theirs": study})["theirs"].used


@pytest.mark.parametrize(
    "study, number",
    [
        ("fig09_regnet", "Figure  9"),
        ("fig12_complexity", "Figure 12"),
        ("table01_design_spaces", "Table  1"),
        ("populations", "Summary"),
        ("budget_drift", "Study"),
    ],
)
def test_the_report_numbers_studies_as_the_paper_does(shipped, study, number):
    rule = shipped[study]
    static = {"view": "figure (static)"} if rule.kind == "figure" else {}
    assert rule.labels == {"number": number, "shows": rule.title} | static
    assert rule.category == f"{rule.kind.capitalize()}s"
    assert Path(rule.caption).name == f"{study}.rst"


def test_a_study_of_a_user_has_the_general_caption_and_a_title_of_its_own():
    own = rules(studies={"mine": MINE})["mine"]
    assert (
        Path(own.caption) == ROOT / "report" / "study.rst"
        and own.labels["number"] == "Study"
        and own.labels["shows"] == "Mine"
    )
    assert rules()["paper_against_ours"].title == "Paper against ours"


def test_files_are_those_of_studies_that_have_a_rule(shipped):
    names = ["fig01_design_space_design", "no_such_study", "populations"]
    files = files_of(names, shipped)
    assert files == [*shipped[names[0]].files, *shipped["populations"].files] and len(files) == 8


# ---- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["all", "train", "plan", "prepare_dataset", "comparisons", "explore", "explore_fig09_regnet"]
)
def test_a_study_may_not_be_called_like_a_rule(name):
    with pytest.raises(ConfigError, match=f"studies: {name}: got the name of a rule, expected another"):
        rules(studies={name: MINE})


@pytest.mark.parametrize("chapter", ["all", "train", "fig09_regnet", "mine"])
def test_a_chapter_may_not_be_called_like_a_rule_or_a_study(chapter):
    with pytest.raises(ConfigError, match=f"studies: mine.chapter: got '{chapter}', expected a name that no rule"):
        rules(studies={"mine": MINE | {"chapter": chapter}})


def test_a_study_that_nothing_makes_names_the_file_that_states_it(config_folder):
    change(config_folder / "presets" / "digits.yaml", studies={"mine": {"title": "x", "panels": {"a": ["RegNetX"]}}})
    with pytest.raises(ConfigError) as error:
        study_rules(load({}, config_folder), PATHS, ROOT)
    assert str(error.value).startswith(
        f"{config_folder / 'presets' / 'digits.yaml'}: studies: mine: there is no figure"
    )


def test_a_table_by_name_may_be_a_figure_by_key():
    assert rules(studies={"table_mine": MINE})["table_mine"].kind == "figure"


# ---- A study of one's own --------------------------------------------------------------------------------------------

DIFFERENCE = {"claim": "Mine is better", "quantity": "mean_difference", "range": [0, None]}
BOTH = ["RegNetX", "AnyNetX_A"]


def own(claims: dict | None = None, **more) -> tuple[Configuration, dict[str, StudyRule]]:
    """A configuration with a study of one's own and claims, and its rules."""
    configuration = load({"studies": {"mine": MINE | more}, "claims": claims or {}}, CONFIG)
    return configuration, study_rules(configuration, PATHS, ROOT)


def test_every_chapter_of_the_studies_that_ship_is_one_of_the_paper():
    configuration = load({"run_studies": "all"}, CONFIG)
    assert {configuration.chapter_of(study) for study in configuration.studies} == set(PAPER)
    assert {claim["chapter"] for claim in configuration.claims.values()} <= set(PAPER)
    assert configuration.own_studies == [] and configuration.shared_claims == list(configuration.claims)


def test_the_name_of_a_study_of_ones_own_makes_its_figure_its_comparisons_and_its_claims():
    configuration, of = own({"better": DIFFERENCE | {"populations": BOTH}})
    targets = targets_of(configuration, of, lambda studies: [f"pages of {','.join(studies)}"])
    *files, pages = targets["mine"]
    assert {Path(file).stem for file in files} == {"mine", "mine_populations", "mine_comparisons", "mine_claims"}
    assert targets["own"] == targets["mine"] and len(files) == 16 and pages == "pages of mine"
    assert of["mine"].rule == "mine_figure" and of["fig09_regnet"].rule == "fig09_regnet"


@pytest.mark.parametrize("summary", ["populations", "comparisons", "claims"])
def test_the_tables_of_a_study_speak_of_its_populations_alone_and_under_its_title(summary):
    _, of = own({"better": DIFFERENCE | {"populations": BOTH}})
    table = of[f"mine_{summary}"]
    assert set(table.populations) == {f"{space}-base-short" for space in BOTH}
    assert (table.kind, table.module, table.rule) == ("table", summary, f"mine_{summary}")
    assert table.title == f"Mine. {summary.capitalize()}" and table.published == []
    assert table.caption.endswith("study_table.rst")


def test_the_title_of_a_table_ends_its_studys_question_once():
    _, of = own(title="Does it help?")
    assert of["mine_comparisons"].title == "Does it help? Comparisons"


def test_claims_of_a_study_are_those_that_a_user_added_about_its_populations():
    claims = {
        "better": DIFFERENCE | {"populations": BOTH},
        "elsewhere": DIFFERENCE | {"populations": ["RegNetX", "AnyNetX_E"]},
        "of_the_paper": DIFFERENCE | {"populations": BOTH, "chapter": "section_3"},
    }
    _, of = own(claims)
    assert of["mine_claims"].claims == list(of["mine_claims"].params["claims"]) == ["better"]
    assert of["mine_claims"].used["quantity"] == ["mean_difference"]
    assert {"elsewhere", "of_the_paper"} < set(of[CLAIMS].claims) and "better" not in of[CLAIMS].claims


def test_a_study_has_tables_only_of_what_it_has():
    assert "mine_claims" not in own()[1]
    single = own(panels={"a": ["RegNetX"], "b": ["AnyNetX_A"]})[1]
    assert "mine_populations" in single and "mine_comparisons" not in single


def test_claims_of_a_study_have_the_times_that_it_asks_for():
    _, of = own({"better": DIFFERENCE | {"populations": BOTH}}, times=True)
    assert of["mine_claims"].inputs == of["mine"].inputs != {} and of["mine_comparisons"].inputs == {}


def test_a_study_may_not_be_called_like_the_table_of_another():
    with pytest.raises(ConfigError, match="mine_comparisons: got the name of a rule"):
        rules(studies={"mine": MINE, "mine_comparisons": MINE})
