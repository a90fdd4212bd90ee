"""The configuration of one preset: which studies it has, of which populations, and what of that is to be made.

It is read by `netspaces.configuration.loading.load`. Nothing is sampled here: reading the configuration is cheap, since
every job of the workflow repeats it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property

from netspaces.configuration.curves import IMPORTED, complete_curve
from netspaces.configuration.datasets import dataset_of, trained_recipe
from netspaces.configuration.errors import ConfigError
from netspaces.populations.population import TWO_PHASE, Population
from netspaces.spaces.limits import takes_limits

LIMITS = ("fig12_complexity", "best")  # the study and panel whose populations limits on complexity are derived from
OF_NEW_PRESET = ("folder", "file")  # settings that say for what images a preset `name` is to be proposed
OWN = "own"  # the chapter of a study that names none: those that a user adds
PAPER = ("section_3", "generalisation", "section_4", "section_5", "appendix", "critics")
"""The chapters that report/story.rst tells. A study or a claim of any other chapter is a user's own."""


@dataclass(frozen=True)
class Configuration:
    """The checked configuration of one preset.

    `spaces` are resolved and complete; `studies` and `claims` have their curves spelled out; `sources` says for each
    study which file states it.
    """

    settings: Mapping
    spaces: Mapping[str, Mapping]
    studies: Mapping[str, Mapping]
    claims: Mapping[str, Mapping] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def preset(self) -> str:
        """The name of the preset."""
        return self.settings["preset"]

    @property
    def name(self) -> str:
        """The name of the folder of results: the preset's, unless the settings give one; not a new preset's."""
        proposing = any(key in self.settings for key in OF_NEW_PRESET)
        return self.preset if proposing else self.settings.get("name", self.preset)

    def curves(self, study: str) -> dict[str, list[dict]]:
        """The panels of a study; each curve with space, regime, recipe, repeat, label and population."""
        panels, imported = self.studies[study].get("panels", {}), self.settings.get(IMPORTED, {})
        return {panel: [complete_curve(curve, imported) for curve in curves] for panel, curves in panels.items()}

    def claimed_curves(self, claim: str) -> list[dict]:
        """The populations that a claim speaks of, as curves; its regime and recipe count for those that name none."""
        content = self.claims[claim]
        shared = {key: content[key] for key in ("regime", "recipe") if key in content}
        imported = self.settings.get(IMPORTED, {})
        return [complete_curve(curve, imported, shared) for curve in content.get("populations", [])]

    @cached_property
    def run_claims(self) -> dict[str, list[dict]]:
        """By shared claim, those of its populations that are part of the default target, as curves."""
        run, curves = set(self.run_populations), {claim: self.claimed_curves(claim) for claim in self.shared_claims}
        return {claim: [curve for curve in own if curve["population"] in run] for claim, own in curves.items()}

    # ---- Studies of a user's own

    @cached_property
    def own_studies(self) -> list[str]:
        """The available studies that a user has added: each has comparisons, claims and a story of its own."""
        return [study for study in self.available_studies if self.chapter_of(study) not in PAPER]

    @cached_property
    def own_claims(self) -> dict[str, list[str]]:
        """By study of a user's own, the claims that a user has added and all of whose populations the study has."""
        added = {
            claim: {curve["population"] for curve in self.claimed_curves(claim)}
            for claim, content in self.claims.items()
            if content.get("chapter") not in PAPER and content.get("populations")
        }
        names = {study: {curve["population"] for curve in self._curves_of([study])} for study in self.own_studies}
        return {study: [claim for claim in added if added[claim] <= names[study]] for study in self.own_studies}

    @cached_property
    def shared_claims(self) -> list[str]:
        """The claims that no study of a user's own tests: the paper's, and those about populations of several."""
        own = {claim for claims in self.own_claims.values() for claim in claims}
        return [claim for claim in self.claims if claim not in own]

    @cached_property
    def populations(self) -> dict[str, Population]:
        """Every population that a study of this preset asks for, or that is drawn in two phases, by name.

        Not those that are imported.
        """
        curves = [curve for study in self.available_studies for curve in self.own_curves(study)]
        own = {curve["population"]: self._population_of(curve) for curve in curves}
        strata = self.settings.get(TWO_PHASE, {})
        chosen = [own[name].in_two_phases(strata[name]) for name in strata if name in own]
        return own | {population.name: population for population in chosen}

    @cached_property
    def two_phase_curves(self) -> list[dict]:
        """The populations that are drawn in two phases, as curves, in the order of the settings; in no study."""
        curves = [curve for study in self.available_studies for curve in self.own_curves(study)]
        own = {curve["population"]: curve | {"label": curve["space"]} for curve in curves}
        names = self.settings.get(TWO_PHASE, {})
        return [own[name] | {"population": f"{name}-{TWO_PHASE}"} for name in names if name in own]

    @cached_property
    def two_phase_claims(self) -> dict[str, list[dict]]:
        """By shared claim that speaks of a population drawn in two phases, its populations, as curves.

        One that is drawn in two phases stands in place of its pilot; of the others, those of the default target.
        """
        pilots = {
            curve["population"].removesuffix(f"-{TWO_PHASE}"): curve["population"] for curve in self.two_phase_curves
        }
        known, claims = pilots.keys() | set(self.run_populations), {}
        for claim in self.shared_claims:
            curves = [curve for curve in self.claimed_curves(claim) if curve["population"] in known]
            names = [curve["population"] for curve in curves]
            if not pilots.keys().isdisjoint(names):
                claims[claim] = [
                    curve | {"population": pilots.get(name, name)} for curve, name in zip(curves, names, strict=True)
                ]
        return claims

    @cached_property
    def run_populations(self) -> list[str]:
        """The populations of the default target, imported ones too."""
        return list(dict.fromkeys(curve["population"] for curve in self._curves_of(self.run_studies)))

    @cached_property
    def final_populations(self) -> list[str]:
        """The populations of the default target whose best networks are trained again."""
        studies = [study for study in self.run_studies if self.studies[study].get("finals")]
        return list(dict.fromkeys(curve["population"] for study in studies for curve in self.own_curves(study)))

    @cached_property
    def imported_populations(self) -> dict[str, Mapping]:
        """By population, what is declared of those that are read from files."""
        curves = [curve for curve in self._curves_of(self.available_studies) if IMPORTED in curve]
        return {curve["population"]: self.settings[IMPORTED][curve[IMPORTED]] for curve in curves}

    def _curves_of(self, studies: Iterable[str]) -> list[dict]:
        return [curve for study in studies for curves in self.curves(study).values() for curve in curves]

    def _population_of(self, curve: Mapping) -> Population:
        recipe = self.settings["recipes"][curve["recipe"]]
        return Population(
            name=curve["population"],
            space=curve["space"],
            definition={k: v for k, v in self.spaces[curve["space"]].items() if k != "description"},
            regime=self.settings["regimes"][curve["regime"]],
            recipe=trained_recipe(recipe),
            n=self.size_of(curve["population"]),
            seed=self.settings["seed"],
            repeat=curve["repeat"],
            dataset=dataset_of(recipe),
        )

    def largest_population(self, space: str, regime: str) -> Population:
        """The population of the most networks of a design space in a regime; raises ConfigError if there is none."""
        populations = [of for of in self.populations.values() if not of.strata]
        own = [of for of in populations if of.name.startswith(f"{space}-{regime}-")]
        if not own:
            raise ConfigError(f"no study has a population of {space} in regime {regime}")
        return max(own, key=lambda population: population.n)

    def size_of(self, population: str) -> int:
        """Networks of a population: its own entry in `population_sizes`, or the last pattern there that fits it."""
        sizes = self.settings.get("population_sizes", {})
        fitting = [n for pattern, n in sizes.items() if fnmatchcase(population, pattern)]
        return sizes.get(population, [self.settings["population_size"], *fitting][-1])

    @cached_property
    def available_studies(self) -> list[str]:
        """The studies whose regimes, recipes and strides this preset has, and the limits that their spaces take."""
        return [s for s in self.studies if self._can_plan(s) and (self.limit_populations or not self.limited_spaces(s))]

    def limited_spaces(self, study: str) -> list[str]:
        """The design spaces of a study that take limits on complexity from other populations."""
        return sorted(space for space in self._used(study, "space") if takes_limits(self.spaces[space]))

    @cached_property
    def limit_populations(self) -> list[str]:
        """The populations that limits on complexity are derived from; none if this preset does not have them."""
        study, panel = LIMITS
        possible = study in self.studies and self._can_plan(study)
        return [curve["population"] for curve in self.curves(study)[panel]] if possible else []

    def spaces_without_strides(self, study: str) -> list[str]:
        """The design spaces of a study that have more stages than the skeleton has strides."""
        spaces = {*self._used(study, "space"), *self.studies[study].get("sizes_of", [])}
        return sorted(s for s in spaces if len(self.spaces[s]["strides"]) < self.spaces[s]["stages"])

    def own_curves(self, study: str) -> list[dict]:
        """The curves of a study that are not imported."""
        return [curve for curve in self._curves_of([study]) if IMPORTED not in curve]

    def _can_plan(self, study: str) -> bool:
        if self.spaces_without_strides(study):
            return False
        if self.studies[study].get("finals") and "final" not in self.settings["recipes"]:
            return False
        known = (("regime", self.settings["regimes"]), ("recipe", self.settings["recipes"]))
        return all(self._used(study, kind) <= set(names) for kind, names in known)

    def _used(self, study: str, kind: str) -> set[str]:
        """The spaces, regimes or recipes of a study's curves."""
        return {curve[kind] for curve in self.own_curves(study)}

    @cached_property
    def chapters(self) -> dict[str, list[str]]:
        """The available studies by chapter."""
        chapters: dict[str, list[str]] = {}
        for study in self.available_studies:
            chapters.setdefault(self.chapter_of(study), []).append(study)
        return chapters

    def chapter_of(self, study: str) -> str:
        """The chapter of a study."""
        return self.studies[study].get("chapter", OWN)

    @cached_property
    def run_studies(self) -> list[str]:
        """The studies of the default target, in the order of studies.yaml; `run_studies` names studies or chapters.

        One that needs a setting which the preset lacks is among them only if it is named itself.
        """
        lacking = [s for s, study in self.studies.items() if "needs" in study and study["needs"] not in self.settings]
        of_chapters = [s for s in self.studies if self.chapter_of(s) in self._named and s not in lacking]
        return [s for s in self.studies if s in self._named or s in of_chapters]

    def left_out(self, targets: Iterable[str] = ()) -> list[str]:
        """The studies that chapters are made without, as the preset lacks what they need.

        The chapters are those of `run_studies`, and those among some targets.
        """
        chapters = {*targets, *self._named}
        return [s for s in self.studies if self.chapter_of(s) in chapters and s not in self.available_studies]

    @property
    def _named(self) -> set[str]:
        """The studies and chapters that `run_studies` names; all chapters for `all`."""
        named = self.settings["run_studies"]
        return {self.chapter_of(study) for study in self.studies} if named == "all" else {*named}
