"""What the rules of interactive pages say."""

from collections import Counter
from pathlib import Path

import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.workflow.explore_rules import ExplorePage, explore_pages, pages_of
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_rules import study_rules

ROOT, PATHS = CONFIG.parent, Paths("results/digits")
IMPORTED = {"ResNeXt": {"format": "nds", "file": "theirs.json"}}
THEIRS = {"title": "Theirs", "figure": "error_distributions", "panels": {"a": [{"imported": "ResNeXt"}, "RegNetX"]}}


def pages(**given) -> dict[str, ExplorePage]:
    configuration = load(given, CONFIG)
    return explore_pages(configuration, PATHS, ROOT, study_rules(configuration, PATHS, ROOT))


@pytest.fixture(scope="module")
def shipped() -> dict[str, ExplorePage]:
    return pages()


def test_there_is_one_page_for_the_run_and_one_for_each_study_with_populations(shipped):
    assert (shipped[""].rule, shipped[""].file) == ("explore", "results/digits/explore.html")
    own = shipped["fig09_regnet"]
    assert (own.rule, own.file) == ("explore_fig09_regnet", "results/digits/explore/fig09_regnet.html")
    assert "table01_design_spaces" not in shipped and "fig10_generalisation" in shipped
    assert (
        len({page.rule for page in shipped.values()}) == len({page.file for page in shipped.values()}) == len(shipped)
    )


def test_the_page_of_the_run_shows_the_populations_of_the_run_and_no_others(shipped):
    assert set(shipped[""].populations) == set(load({}, CONFIG).run_populations)
    one = pages(run_studies=["fig04_x_block"])[""]
    assert one.populations == ["AnyNetX_A-base-short"] and [study["name"] for study in one.params["studies"]] == [
        "fig04_x_block"
    ]


def test_a_page_is_told_curves_and_images_and_nothing_that_does_not_change_it(shipped):
    told = shipped["fig09_regnet"].params
    assert set(told["statistics"]) == {"error", "level"} and told["planned"]["RegNetX-base-short"] == 32
    assert told["datasets"]["RegNetX-base-short"] == "results/digits/dataset"
    assert set(told["studies"][0]["panels"]["spaces"][0]) == {"label", "population", "regime", "recipe"}


def test_imported_populations_have_pages():
    page = pages(imported=IMPORTED, studies={"theirs": THEIRS})["theirs"]
    assert page.populations == ["ResNeXt-imported-nds", "RegNetX-base-short"]
    assert set(page.params["planned"]) == set(page.params["datasets"]) == {"RegNetX-base-short"}


@pytest.mark.parametrize("chosen", ["all", ["fig09_regnet", "fig04_x_block", "table01_design_spaces"]])
def test_the_report_can_switch_between_every_figure_and_its_page(chosen):
    """The engine makes a switch of a label with two values, each in half of the results of a category."""
    configuration = load({"run_studies": chosen}, CONFIG)
    rules = study_rules(configuration, PATHS, ROOT)
    run = configuration.run_studies
    made = explore_pages(configuration, PATHS, ROOT, rules)
    kept = [page for page in made.values() if page.file in pages_of(run, made)]
    results = [thing for thing in [*(rules[study] for study in run), *kept] if thing.category == "Figures"]
    views = Counter(thing.labels["view"] for thing in results)
    assert sorted(views) == ["figure (static)", "interactive"] and len(set(views.values())) == 1
    named = Counter((thing.labels["number"], thing.labels["shows"]) for thing in results)
    assert set(named.values()) == {2}


def test_the_page_of_the_run_stands_in_the_report_alone(shipped):
    assert shipped[""].category == "Explore" and shipped[""].labels == {"shows": "All populations of digits"}
    assert Path(shipped[""].caption).is_file()
    assert pages_of(["", "fig09_regnet", "unshared_patterns"], shipped) == [
        "results/digits/explore.html",
        "results/digits/explore/fig09_regnet.html",
    ]
