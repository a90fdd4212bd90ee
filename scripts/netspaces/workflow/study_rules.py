"""What the rule of a figure or table says: one study each, and the summaries, which speak of the whole run."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import IMPORTED
from netspaces.configuration.datasets import FIRST, SECOND
from netspaces.configuration.errors import ConfigError
from netspaces.figures import FIGURES
from netspaces.files.suggestions import did_you_mean
from netspaces.plugins.registry import Registry
from netspaces.populations.population import TWO_PHASE
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.covariates import COVARIATES
from netspaces.tables import TABLES
from netspaces.workflow.params import entries_of
from netspaces.workflow.paths import Paths
from netspaces.workflow.report import label

CLAIMS = "paper_against_ours"  # the summary that measures the paper's claims
MODELS = "models.csv"
SUMMARIES = {
    "populations": "edf_legends.csv",
    "comparisons": "edf_legends.csv",
    CLAIMS: MODELS,
    "regression_estimates": "",
    "power": "",
    "tails": "",
}
"""The tables that no study declares, and the published numbers that they show beside ours."""

TWO_PHASE_CLAIMS = f"{TWO_PHASE}_claims"
OF_TWO_PHASES = (TWO_PHASE, f"{TWO_PHASE}_comparisons", TWO_PHASE_CLAIMS, f"{TWO_PHASE}_distributions")
"""What weighs the networks of populations that are drawn in two phases: tables and a figure."""

ON_REQUEST = {"sensitivity": MODELS} | dict.fromkeys(OF_TWO_PHASES, "")
"""What no study declares either, and no part of the default target is: it takes minutes, or needs populations."""

ALL_SUMMARIES = SUMMARIES | ON_REQUEST
OF_CLAIMS = (CLAIMS, "sensitivity")  # the tables that measure all claims

EXPLORE = "explore"  # the rule of the page of all populations, and how those of pages of studies begin
STATIC, INTERACTIVE = {"view": "figure (static)"}, {"view": "interactive"}
"""Labels that the report makes a switch of, where each figure has both; it shows first what is first by alphabet."""

ALL_FIGURES, ALL_CLAIMS = "all-figures", "all-claims"
"""The predictions of summaries, by what these speak of; no study has such a name."""

OWN_CLAIMS = "claims"
OWN_SUMMARIES = ("populations", "comparisons", OWN_CLAIMS)
"""The tables that a study of a user's own has beside its figure, each under the study's name and its own."""

MEASURED_FOR_CLAIMS = ("fig12_complexity", "table04_efficientnet_comparison")  # times, and errors of published weights
REGISTRIES: dict[str, Registry] = {"figure": FIGURES, "table": TABLES}


@dataclass(frozen=True)
class StudyRule:
    """The rule of one study.

    Parameters
    ----------
    name : of the study, its rule and its files.
    configuration : of the preset.
    paths : the files of the preset.
    root : the folder of the repository, absolute, with `config/published` and `report`.
    of : for a table beside a study of a user's own, that study.
    """

    name: str
    configuration: Configuration
    paths: Paths
    root: Path
    of: str = ""

    @property
    def rule(self) -> str:
        """The name of the rule: the study's, which is a target; of a user's own study that makes its tables too."""
        return f"{self.name}_{self.kind}" if self.name in self.configuration.own_studies else self.name

    @property
    def summary(self) -> str:
        """Which summary it is, of the run or of a study; empty for a study."""
        return self.name.removeprefix(f"{self.of}_") if self.of or self.name in ALL_SUMMARIES else ""

    @property
    def declared(self) -> Mapping:
        """What studies.yaml says of the study; nothing for a summary."""
        return self.configuration.studies.get(self.name, {})

    @property
    def kind(self) -> str:
        """Whether it is a "figure" or a "table": the key that it has, or else whether its name begins with `table`."""
        if stated := [kind for kind in REGISTRIES if kind in self.declared]:
            return stated[0]
        return "table" if self.name.startswith("table") or self.summary in TABLES else "figure"

    @property
    def module(self) -> str:
        """The registry's entry that makes it: the one that the study names, or its own name."""
        return self.declared.get(self.kind, self.summary or self.name)

    @property
    def title(self) -> str:
        """A study's title, or its name as words; a study's tables have its title and what they are."""
        if self.of:
            study = replace(self, name=self.of, of="").title
            return f"{study}{'' if study.endswith(('.', '?', '!')) else '.'} {self.summary.capitalize()}"
        return self.declared.get("title", self.name.replace("_", " ").capitalize())

    # ---- Files

    @property
    def files(self) -> list[str]:
        """What the rule makes; the first is the one that the report shows."""
        return self.paths.studies(self.kind, [self.name])

    @property
    def populations(self) -> list[str]:
        """The populations of the study, each once."""
        return list(dict.fromkeys(curve["population"] for curve in _curves_of(self.panels)))

    @property
    def published(self) -> list[str]:
        """The files with the numbers that the paper prints for the study, or with its models for claims on them."""
        names = ALL_SUMMARIES.get(self.name) or self.declared.get("published", [])
        names = [names] if isinstance(names, str) else names
        return [os.path.relpath(self.root / "config" / "published" / name) for name in names]

    @property
    def inputs(self) -> dict[str, str]:
        """The files that the study rests on beside populations, by name."""
        inputs = dict(self.declared.get("inputs", {}))
        if self.summary == OWN_CLAIMS:
            inputs = dict(self.configuration.studies[self.of].get("inputs", {}))
        if self.name in OF_CLAIMS:  # no measurement is made for claims alone
            for source in MEASURED_FOR_CLAIMS:
                if source in self.configuration.run_studies:
                    inputs |= self.configuration.studies[source]["inputs"]
        if self.declared.get("finals"):  # a row for the best network of each population, under the population's name
            inputs |= {name: f"finals/{name}.csv" for name in self.populations}
        return {name: f"{self.paths.results}/{path}" for name, path in inputs.items()}

    @cached_property
    def untrained(self) -> dict[str, str]:
        """By population the file of untrained networks of its design space, where what makes the study uses them."""
        uses = REGISTRIES[self.kind].literal(self.module, "UNTRAINED")
        if not uses or not self.configuration.settings["statistics"]["untrained"]:
            return {}
        curves = (of for name, of in _own(self.panels).items() if not self.configuration.populations[name].strata)
        return {of["population"]: self.paths.untrained(of["space"], of["regime"]) for of in curves}

    @cached_property
    def predicted_from(self) -> dict[str, dict]:
        """The curves that errors are predicted from, by population; for claims also those of the figures of the run."""
        if self.name in (*OF_CLAIMS, TWO_PHASE_CLAIMS):
            return _own(self.configuration.run_claims, self._panels_of_run)
        return _own(self.panels, self.configuration.curves(self.of) if self.summary == OWN_CLAIMS else {})

    @cached_property
    def predictions(self) -> str:
        """The name of the predictions that it shares with others; empty where nobody else predicts from the same."""
        if not self.untrained:
            return ""
        if self.name in ALL_SUMMARIES:
            return ALL_FIGURES if set(self.predicted_from) == set(_own(self._panels_of_run)) else ALL_CLAIMS
        return self.of or (self.name if self.name in self.configuration.own_studies else "")

    # ---- What its script is told

    @cached_property
    def panels(self) -> Mapping[str, list[dict]]:
        """The study's panels; of a summary, those of all figures of the default target, of claims, or of two phases."""
        if self.name in OF_CLAIMS:
            return self.configuration.run_claims
        if self.name == TWO_PHASE_CLAIMS:
            return self.configuration.two_phase_claims
        if self.name in OF_TWO_PHASES:
            return {"populations": self.configuration.two_phase_curves}
        if self.summary == OWN_CLAIMS:
            return {claim: self.configuration.claimed_curves(claim) for claim in self.claims}
        if self.of:
            return self.configuration.curves(self.of)
        if not self.summary:
            return self.configuration.curves(self.name)
        return self._panels_of_run

    @property
    def _panels_of_run(self) -> dict[str, list[dict]]:
        """The panels of all figures of the default target."""
        run = [name for name in self.configuration.available_studies if name in self.configuration.run_studies]
        rules = [replace(self, name=name) for name in run]
        figures = [rule for rule in rules if rule.kind == "figure"]
        return {f"{rule.name}/{panel}": curves for rule in figures for panel, curves in rule.panels.items()}

    @property
    def claims(self) -> list[str]:
        """The claims that it tests."""
        if self.summary == OWN_CLAIMS:
            return self.configuration.own_claims[self.of]
        if self.name == TWO_PHASE_CLAIMS:
            return list(self.configuration.two_phase_claims)
        return self.configuration.shared_claims if self.name in OF_CLAIMS else []

    @cached_property
    def params(self) -> dict:
        """What the script is told: panels, the statistics' settings, the design spaces that the study speaks of."""
        settings, populations = self.configuration.settings, self.configuration.populations
        own = [curve for curve in _curves_of(self.panels) if curve["population"] in populations]
        preset = {key: settings[key] for key in ("preset", "dataset", "skeleton", *["device"] * bool(self.claims))}
        if any(populations[curve["population"]].dataset == SECOND for curve in own):
            preset[SECOND] = settings[SECOND]
        for kind in ("regime", "recipe"):
            names = dict.fromkeys(curve[kind] for curve in own)
            preset |= {f"{kind}s": {name: settings[f"{kind}s"][name] for name in names}}
        spaces = dict.fromkeys([*(curve["space"] for curve in own), *self.declared.get("sizes_of", [])])
        return {
            "name": self.name,
            "kind": self.kind,
            "module": self.module,
            "title": self.title,
            "panels": self.panels,
            "planned": {curve["population"]: populations[curve["population"]].n for curve in own},
            "statistics": dict(settings["statistics"]),
            "definitions": {name: self.configuration.spaces[name] for name in spaces},
            "claims": {name: self.configuration.claims[name] for name in self.claims},
            "preset": preset,
        }

    @property
    def used(self) -> dict[str, list[str]]:
        """The registries' entries that the script uses, by kind; a kind that is not named may be used whole."""
        used = {kind: [self.module] if kind == self.kind else [] for kind in REGISTRIES}
        used[COVARIATES.kind] = list(self.configuration.settings["statistics"]["covariates"]) if self.untrained else []
        if self.claims:
            claims = [self.configuration.claims[name] for name in self.claims]
            used[QUANTITIES.kind] = sorted({claim["quantity"] for claim in claims if "quantity" in claim})
        definitions = list(self.params["definitions"].values())
        has_foreign = not set(self.populations) <= set(self.configuration.populations)
        has_models = any(Path(path).name == MODELS for path in self.published)
        if definitions and not has_foreign and not has_models:  # what others have trained may have any block
            used |= entries_of(definitions)
        return used

    # ---- What the report says of it

    @property
    def caption(self) -> str:
        """The file of the report's caption: its own, or the general one for a study that a user added."""
        own = self.root / "report" / f"{self.name}.rst"
        return str(own if own.exists() else own.with_name("study_table.rst" if self.of else "study.rst"))

    @property
    def category(self) -> str:
        """The part of the report that shows it. Figures without populations have no interactive page to switch to."""
        others = "" if self.kind == "table" or self.populations else " of published models"
        return f"{self.kind.capitalize()}s{others}"

    @property
    def labels(self) -> dict[str, str]:
        """How the report names it: as the paper does, or as what it is."""
        numbered = re.match(r"(fig|table)(\d+)_", self.name)
        if numbered:
            kind = {"fig": "Figure", "table": "Table"}[numbered[1]]
            number = f"{kind} {int(numbered[2]):2}"
        else:
            number = "Summary" if self.name in ALL_SUMMARIES else "Study"
        has_page = self.category == "Figures" and self.name not in ALL_SUMMARIES
        return {"number": number, "shows": label(self.title)} | (STATIC if has_page else {})


def _curves_of(*panels: Mapping[str, list[dict]]) -> list[dict]:
    """The curves of some panels, in order."""
    return [curve for each in panels for curves in each.values() for curve in curves]


def _own(*panels: Mapping[str, list[dict]]) -> dict[str, dict]:
    """By population a curve of some panels; none of imported ones."""
    return {curve["population"]: curve for curve in _curves_of(*panels) if IMPORTED not in curve}


def study_rules(configuration: Configuration, paths: Paths, root: Path) -> dict[str, StudyRule]:
    """The rules of all studies that a preset has, and of the summaries, by name.

    Raises ConfigError for a name that another rule has, and if there is no figure or table to make a study.
    """
    declared, taken = configuration.available_studies, {*rule_names(root), *ALL_SUMMARIES, EXPLORE}
    taken.update(f"{EXPLORE}_{study}" for study in declared)
    own = [rule for study in configuration.own_studies for rule in own_rules(study, configuration, paths, root)]
    taken.update(rule.name for rule in own)
    taken.update(StudyRule(study, configuration, paths, root).rule for study in configuration.own_studies)
    for name in configuration.studies:
        if name in taken:
            raise ConfigError(f"{configuration.sources[name]}: {name}: got the name of a rule, expected another")
    for name, chapter in ((name, configuration.chapter_of(name)) for name in declared):
        if chapter in taken or chapter in configuration.studies:
            where = f"{configuration.sources[name]}: {name}.chapter"
            raise ConfigError(f"{where}: got {chapter!r}, expected a name that no rule and no study has")
    shared = [StudyRule(name, configuration, paths, root) for name in [*declared, *ALL_SUMMARIES]]
    rules = {rule.name: rule for rule in [*shared, *own]}
    for rule in rules.values():
        if rule.module not in REGISTRIES[rule.kind]:
            source, suggested = configuration.sources[rule.name], did_you_mean(rule.module, REGISTRIES[rule.kind])
            raise ConfigError(f"{source}: {rule.name}: there is no {rule.kind} {rule.module!r} to make it{suggested}")
    return rules


def own_rules(study: str, configuration: Configuration, paths: Paths, root: Path) -> list[StudyRule]:
    """The rules of the tables beside a study of a user's own: those that have something to say."""
    panels = configuration.curves(study)
    populations = [{curve["population"] for curve in curves} for curves in panels.values()]
    has_rows = (bool(populations), any(len(names) > 1 for names in populations), bool(configuration.own_claims[study]))
    names = [f"{study}_{summary}" for summary, has in zip(OWN_SUMMARIES, has_rows, strict=True) if has]
    return [StudyRule(name, configuration, paths, root, study) for name in names]


def rule_names(root: Path) -> set[str]:
    """The names that the Snakefile and the files of `rules/` give to rules, and those that follow from datasets."""
    files = [root / "Snakefile", *(root / "rules").glob("*.smk")]
    found = (
        re.findall(r"^\s*(?:rule|use rule \w+ as|checkpoint) (\w+)", path.read_text(encoding="utf-8"), re.M)
        for path in files
    )
    return {*chain.from_iterable(found), *(f"prepare_{key}" for key in (FIRST, SECOND))}


def targets_of(
    configuration: Configuration, rules: Mapping[str, StudyRule], pages_of: Callable[[Iterable[str]], list[str]]
) -> dict[str, list[str]]:
    """The files that are made under a name which is no rule with a file: chapters, and studies of a user's own.

    `pages_of` gives the interactive pages of some studies.
    """
    own = {study: [study] for study in configuration.own_studies}
    targets = (configuration.chapters | own).items()
    return {name: [*files_of(studies, rules), *pages_of(studies)] for name, studies in targets}


def files_of(studies: Iterable[str], rules: Mapping[str, StudyRule]) -> list[str]:
    """The files of those of some studies that the preset can make, each with the tables beside it."""
    return [
        file for study in studies for rule in rules.values() if study in (rule.name, rule.of) for file in rule.files
    ]
