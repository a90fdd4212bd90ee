"""What the rules of the interactive pages say: one page for all populations of the run, and one for each study."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.workflow.paths import Paths
from netspaces.workflow.report import label
from netspaces.workflow.study_rules import EXPLORE, INTERACTIVE, StudyRule

OF_CURVES = ("label", "population", "regime", "recipe")  # what a page is told of a curve
OF_STATISTICS = ("error", "level")
DRAWS_NOTHING: dict[str, list[str]] = {kind: [] for kind in ("figure", "block", "family")}
"""The registries that a page's code reaches, and of which it uses no entry."""


@dataclass(frozen=True)
class ExplorePage:
    """The rule of one page.

    Parameters
    ----------
    configuration : of the preset.
    paths : the files of the preset.
    root : the folder of the repository, with `report`.
    studies : the rules of the studies whose populations it shows.
    of : the study, empty for the page of all of the run.
    """

    configuration: Configuration
    paths: Paths
    root: Path
    studies: tuple[StudyRule, ...]
    of: str = ""

    @property
    def name(self) -> str:
        """The study's, or that of the page of all."""
        return self.of or EXPLORE

    @property
    def rule(self) -> str:
        """The name of the rule, which is a target: `explore` or `explore_STUDY`."""
        return f"{EXPLORE}_{self.of}" if self.of else EXPLORE

    @property
    def file(self) -> str:
        """What the rule makes."""
        return self.paths.page(self.of)

    @property
    def populations(self) -> list[str]:
        """The populations that it shows, each once."""
        return list(dict.fromkeys(name for study in self.studies for name in study.populations))

    @cached_property
    def params(self) -> dict:
        """What the script is told: titles, curves, which error, and the images of populations of our own."""
        settings, own = self.configuration.settings, self.configuration.populations
        trained = {name: own[name] for name in self.populations if name in own}
        title = self.studies[0].title if self.of else f"All populations of {self.configuration.preset}"
        return {
            "title": title,
            "preset": self.configuration.preset,
            "statistics": {name: settings["statistics"][name] for name in OF_STATISTICS},
            "studies": [_told(study) for study in self.studies],
            "planned": {name: population.n for name, population in trained.items()},
            "datasets": {name: f"{self.paths.results}/{population.dataset}" for name, population in trained.items()},
        }

    # ---- What the report says of it

    @property
    def _beside_a_figure(self) -> bool:
        return bool(self.of) and self.studies[0].kind == "figure"

    @property
    def caption(self) -> str:
        """The file of the report's caption."""
        return str(self.root / "report" / f"{EXPLORE}.rst")

    @property
    def category(self) -> str:
        """The part of the report that shows it: that of the study's figure, with a switch between the two."""
        return self.studies[0].category if self._beside_a_figure else "Explore"

    @property
    def labels(self) -> dict[str, str]:
        """How the report names it: as the study's figure but for the switch."""
        if self._beside_a_figure:
            return self.studies[0].labels | INTERACTIVE
        return self.studies[0].labels if self.of else {"shows": label(self.params["title"])}


def _told(study: StudyRule) -> dict:
    panels = {panel: [{key: curve[key] for key in OF_CURVES} for curve in own] for panel, own in study.panels.items()}
    return {"name": study.name, "title": study.title, "panels": panels}


def explore_pages(
    configuration: Configuration, paths: Paths, root: Path, rules: Mapping[str, StudyRule]
) -> dict[str, ExplorePage]:
    """The pages of a preset by study, and under the empty name that of all of the run.

    A study without populations has none.
    """
    studies = [rules[name] for name in configuration.available_studies if rules[name].populations]
    run = tuple(study for study in studies if study.name in configuration.run_studies)
    whole = ExplorePage(configuration, paths, root, run)
    return {"": whole} | {study.name: replace(whole, studies=(study,), of=study.name) for study in studies}


def pages_of(studies: Iterable[str], pages: Mapping[str, ExplorePage]) -> list[str]:
    """The files of the pages beside the figures of some studies; the empty name stands for the page of all."""
    found = [pages[name] for name in studies if name in pages]
    return [page.file for page in found if not page.of or page.studies[0].kind == "figure"]
