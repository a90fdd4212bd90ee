"""Growing populations until claims are decided: each look is a run of the engine, all looks together keep the level.

    python -m netspaces.workflow.decide --configfile config/presets/digits.yaml --until regnet_beats_e --hours 8

`make decide UNTIL=regnet_beats_e HOURS=8` types it. The populations of the claims named begin with `population_size`
networks and double from look to look; those of a claim that is decided grow no more. Networks that are there are found
in the store, so that the same command goes on where it was stopped.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import yaml

from netspaces.configuration.configuration import PAPER, Configuration
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.files.escaping import to_csv
from netspaces.files.safe import OneLineError, write_text
from netspaces.files.suggestions import one_of
from netspaces.statistics.sequential import pocock_level
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED
from netspaces.studies.study import load_study
from netspaces.tables.summaries.paper_against_ours import claims_table
from netspaces.training.records import read_record
from netspaces.workflow.paths import Paths
from netspaces.workflow.plan import plan_preset, runs_in, shown
from netspaces.workflow.run_engine import LOCAL, ROOT, run_engine
from netspaces.workflow.study_rules import CLAIMS, StudyRule

LOOKS = 5
DECIDED = (CONFIRMED, CONTRADICTED)
COLUMNS = ("look", "networks", "claim", "estimate", "low", "high", "level", "verdict", "decides", "hours")


@dataclass(frozen=True)
class Growth:
    """Which claims are to be decided, and how far their populations may grow.

    Parameters
    ----------
    files : of configuration, as --configfile takes them.
    claims : names of the claims.
    hours : of a core or a GPU that all trainings together may take.
    looks : how often populations double at most, the first look included.
    profile : of the engine, a folder.
    """

    files: Sequence[str]
    claims: Sequence[str]
    hours: float
    looks: int = LOOKS
    profile: str = LOCAL

    def configured(self, sizes: Mapping[str, int]) -> Configuration:
        """The configuration with all studies of the preset and some sizes of populations; raises ConfigError."""
        given = {"run_studies": "all"} | ({"population_sizes": dict(sizes)} if sizes else {})
        return load(given, ROOT / "config", self.files)


def decide(growth: Growth) -> pd.DataFrame:
    """Grow until all claims are decided, or the hours or the looks are used up; returns a row per look and claim.

    Raises ConfigError, in one line, for a claim that no population decides; SystemExit if a run of the engine fails.
    """
    configuration = growth.configured({})
    wanted = {claim: _populations_of(claim, configuration) for claim in growth.claims}
    sizes = [configuration.settings["population_size"] * 2**look for look in range(growth.looks)]
    level = pocock_level(sizes, configuration.settings["statistics"]["level"])
    paths = Paths(f"results/{configuration.name}")
    overlay, table = Path(paths.results, "decide", "sizes.yaml"), Path(paths.results, "decide", "looks.csv")
    rows: list[dict] = []
    grown: dict[str, int] = {}
    undecided, spent, ending = list(growth.claims), 0.0, "all looks are used up"
    for look, size in enumerate(sizes, 1):
        grown |= {name: size for claim in undecided for name in wanted[claim]}
        configuration = growth.configured(grown)
        left = _hours_left(configuration, grown, paths)
        if spent + left > growth.hours:
            ending = f"look {look} would take about {shown(left)} hours, and {shown(growth.hours - spent)} are left"
            break
        write_text(overlay, yaml.safe_dump({"population_sizes": grown}))
        before = runs_in(Path(paths.results, "runs"))
        rule = _rule(configuration, growth.claims, paths)
        _run_engine(growth, overlay, [*paths.populations(grown), *sorted(set(rule.untrained.values()))])
        spent += _hours_of(runs_in(Path(paths.results, "runs")) - before, Path(paths.results, "runs"))
        found = _look(rule, undecided, level)
        rows += [{"look": look, "networks": size, "level": level, "hours": spent, **row} for row in found]
        write_text(table, to_csv(pd.DataFrame(rows, columns=list(COLUMNS)), "%.6g"))
        print(f"look {look} of {growth.looks}, {size} networks per population, {shown(spent)} hours:")
        print("\n".join(f"  {_sentence(row)}" for row in found), flush=True)
        undecided = [row["claim"] for row in found if row["verdict"] not in DECIDED]
        if not undecided:
            ending = "all claims are decided"
            break
    confidence = 100 * configuration.settings["statistics"]["level"]
    print(f"{ending}; undecided: {', '.join(undecided) or 'none'}. Of equal spaces at most {100 - confidence:g} % are")
    print(f"ever decided, over {growth.looks} looks and all claims named (Pocock; each look at {100 * level:.2f} %).")
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _populations_of(claim: str, configuration: Configuration) -> list[str]:
    """The populations that a claim speaks of; raises ConfigError where there are none that can grow."""
    if claim not in configuration.claims:
        expected = one_of(claim, list(configuration.claims))
        raise ConfigError(f"--until: got {claim!r}, expected the name of a claim: {expected}")
    names = [curve["population"] for curve in configuration.claimed_curves(claim)]
    own = configuration.populations
    if not names or not set(names) <= set(own):
        lacking = sorted(set(names).difference(own))
        why = f"this preset does not train {lacking[0]}" if lacking else "it speaks of no populations"
        raise ConfigError(f"--until: got {claim!r}, expected a claim that more networks decide: {why}")
    return names


def _hours_left(configuration: Configuration, names: Iterable[str], paths: Paths) -> float:
    """Predicted hours, of a core or a GPU, of the networks of some populations that have no run yet."""
    populations = {name: configuration.populations[name] for name in names}
    return plan_preset(populations, configuration.settings, paths.results).rows[-1]["hours_left"]


def _hours_of(keys: Iterable[str], store: Path) -> float:
    """The hours that some runs took."""
    return sum(read_record(store / f"{key}.json")["seconds"] for key in keys) / 3600


def _run_engine(growth: Growth, overlay: Path, targets: Sequence[str]) -> None:
    """One run of the engine that trains what is missing; raises SystemExit with its exit code if it fails."""
    run_engine([*growth.files, overlay], growth.profile, targets)


def _rule(configuration: Configuration, family: Sequence[str], paths: Paths) -> StudyRule:
    """The rule of the table of the claims named, which together are the family of the tests of a look."""
    # claims of a user's own study belong to it and not to the summary, unless their chapter is one of the paper's
    claims = {name: {**configuration.claims[name], "chapter": PAPER[0]} for name in family}
    return StudyRule(CLAIMS, replace(configuration, claims=claims), paths, ROOT)


def _look(rule: StudyRule, undecided: Sequence[str], level: float) -> list[dict]:
    """What the populations say of the claims that are undecided, at the level of one look for all claims named.

    Means are those that decide verdicts elsewhere; errors are predicted from the populations of the claims alone.
    """
    tables = dict(zip(rule.populations, rule.paths.populations(rule.populations), strict=True))
    study = replace(load_study(rule.params, tables, rule.published, untrained=rule.untrained), level=level)
    rows = claims_table(study).set_index("name").reindex(columns=["estimate", "low", "high", "verdict", "decides"])
    kept = rows.loc[list(undecided)].astype(object)
    return [{"claim": name, **row} for name, row in kept.to_dict("index").items()]


def _sentence(row: Mapping) -> str:
    mean = " (regression estimate)" if row["decides"] == "regression" else ""
    return f"{row['claim']}: {row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]{mean}, {row['verdict']}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and decide."""
    parser = argparse.ArgumentParser("decide", description="Grow populations until claims are decided.")
    parser.add_argument("--configfile", nargs="+", required=True, help="files of configuration")
    parser.add_argument("--until", nargs="+", required=True, metavar="CLAIM", help="names of claims")
    parser.add_argument("--hours", type=float, required=True, help="core- or GPU-hours that trainings may take")
    parser.add_argument("--looks", type=int, default=LOOKS, help="how often to look; populations double in between")
    parser.add_argument("--profile", default=Growth.profile, help="profile of the engine")
    given = parser.parse_args(arguments)
    if not given.hours > 0 or given.looks < 1:
        parser.error(f"--hours {given.hours:g}, --looks {given.looks}: expected numbers above 0")
    try:
        decide(Growth(given.configfile, list(dict.fromkeys(given.until)), given.hours, given.looks, given.profile))
    except (OneLineError, OSError) as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
