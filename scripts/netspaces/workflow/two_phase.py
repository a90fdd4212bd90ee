"""Drawing populations in two phases: which networks to train, by what their pilots predict, and their training.

    python -m netspaces.workflow.two_phase --configfile digits.yaml --populations RegNetX_w0_wa --networks 72

`make two_phase POPULATIONS=RegNetX_w0_wa NETWORKS=72` types it. A first run of the engine trains the populations of the
run, the pilots, and predicts the errors of untrained networks. These are cut into strata; a file of configuration says
which of them are to be trained. A second run with that file trains them, and makes the tables and the figure of them.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import DEFAULTS
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.files.escaping import to_csv
from netspaces.files.safe import OneLineError, write_text
from netspaces.files.suggestions import one_of
from netspaces.files.tables import read_csv, read_parquet
from netspaces.populations.population import TWO_PHASE
from netspaces.statistics.strata import LEAST, Stratum, design, expected_error
from netspaces.workflow.paths import Paths
from netspaces.workflow.plan import plan_preset, shown
from netspaces.workflow.run_engine import LOCAL, ROOT, run_engine
from netspaces.workflow.study_rules import ALL_FIGURES, OF_TWO_PHASES, StudyRule

STRATA = 3
SUMMARY = "regression_estimates"  # a table that reads the predictions of the run
COLUMNS = ("population", "stratum", "from", "free", "share", "networks", "probability", "spread")


@dataclass(frozen=True)
class Request:
    """Which populations are to be drawn in two phases.

    Parameters
    ----------
    files : of configuration, as --configfile takes them.
    populations : names of populations of the run, or of design spaces in the base regime with the recipe `short`.
    networks : to train in the second phase, of each.
    strata : so many, at most.
    profile : of the engine, a folder.
    """

    files: Sequence[str]
    populations: Sequence[str]
    networks: int
    strata: int = STRATA
    profile: str = LOCAL


@dataclass(frozen=True, eq=False)
class Design:
    """The networks of a design space that are to be trained.

    Parameters
    ----------
    population : the pilot.
    strata : of the free draws.
    indices : (N,) of the free draws, in which members of strata are places.
    error, simple_error : standard errors of the mean that are expected, of these networks and of as many random ones,
        percentage points.
    """

    population: str
    strata: Sequence[Stratum]
    indices: np.ndarray
    error: float
    simple_error: float

    @classmethod
    def of(cls, population: str, predictions: pd.DataFrame, networks: int, strata: int) -> "Design":
        """The design for a population from the predictions of a run; raises ValueError for too few or many networks."""
        own = predictions[predictions["population"] == population]
        recipe = own["recipe"].iloc[0]
        fitted = predictions[(predictions["recipe"] == recipe) & predictions["trained"]]
        known = (fitted["predicted"].to_numpy(), (fitted["error"] - fitted["predicted"]).to_numpy())
        free = own[~own["trained"]]
        predicted = free["predicted"].to_numpy()
        chosen = design(predicted, *known, networks, strata)
        simple = design(predicted, *known, networks, strata=1)
        return cls(population, chosen, free["index"].to_numpy(), expected_error(chosen), expected_error(simple))

    def settings(self) -> list[dict]:
        """The strata as the configuration states them."""
        return [
            {
                "from": stratum.lowest,
                "free": stratum.members.size,
                "indices": self.indices[stratum.chosen].tolist(),
            }
            for stratum in self.strata
        ]

    def rows(self) -> list[dict]:
        """A row per stratum: `COLUMNS`."""
        return [
            {
                "population": self.population,
                "stratum": number,
                "from": stratum.lowest,
                "free": stratum.members.size,
                "share": stratum.members.size / self.indices.size,
                "networks": stratum.networks,
                "probability": stratum.probability,
                "spread": stratum.spread,
            }
            for number, stratum in enumerate(self.strata, 1)
        ]

    def __str__(self) -> str:
        parts = [
            f"{stratum.networks} of {stratum.members.size}{f' from {stratum.lowest:.3g} % on' if number else ''}"
            for number, stratum in enumerate(self.strata)
        ]
        errors = f"standard error of the mean {self.error:.2g}, of as many random networks {self.simple_error:.2g}"
        return f"{self.population}, by predicted error: {', '.join(parts)}; expected {errors}"


def two_phase(request: Request, only_design: bool = False) -> pd.DataFrame:
    """Train the pilots, choose networks by what they predict, train these; returns the table `two_phase`.

    With `only_design` the networks are chosen and not trained, and the design is returned: a row per stratum. Raises
    ConfigError, in one line, for what cannot be drawn; SystemExit if a run of the engine fails.
    """
    if request.networks < LEAST * request.strata:
        expected = f"expected {LEAST} per stratum or more"
        raise ConfigError(f"--networks: got {request.networks} for {request.strata} strata, {expected}")
    configuration = load({}, ROOT / "config", request.files)
    paths = Paths(f"results/{configuration.name}")
    names = _populations(request.populations, configuration, paths)
    predicted = paths.predictions(ALL_FIGURES)
    run_engine(request.files, request.profile, [predicted])
    designs = _designs(names, read_parquet(predicted, "predicted errors"), request)
    overlay = Path(paths.results, TWO_PHASE, "sample.yaml")
    strata = {design.population: design.settings() for design in designs}
    write_text(overlay, yaml.safe_dump({TWO_PHASE: strata}, sort_keys=False, default_flow_style=None, width=120))
    rows = pd.DataFrame([row for design in designs for row in design.rows()], columns=list(COLUMNS))
    write_text(overlay.with_name("design.csv"), to_csv(rows, "%.10g"))
    print("\n".join(map(str, designs)))
    drawn = [configuration.populations[name].in_two_phases(strata[name]) for name in names]
    left = plan_preset({of.name: of for of in drawn}, configuration.settings, paths.results).rows[-1]
    print(f"{overlay} names them; {left['to_train']} to train, in about {shown(left['hours_left'])} hours", flush=True)
    if only_design:
        return rows
    rules = [StudyRule(name, configuration, paths, ROOT) for name in OF_TWO_PHASES]
    run_engine([*request.files, str(overlay)], request.profile, [file for rule in rules for file in rule.files])
    table = read_csv(f"{paths.results}/tables/{TWO_PHASE}.csv", "a table of the workflow")
    print("\n".join(map(_sentence, table.to_dict("records"))))
    return table


def _populations(named: Sequence[str], configuration: Configuration, paths: Paths) -> list[str]:
    """The populations that are named; raises ConfigError for one whose errors the run does not predict."""
    rule = StudyRule(SUMMARY, configuration, paths, ROOT)
    if not rule.untrained:
        raise ConfigError("statistics.untrained: got 0, expected free draws, whose errors are predicted")
    known, names = list(rule.predicted_from), []
    for name in named:
        whole = name if name in known else "-".join([name, DEFAULTS["regime"], DEFAULTS["recipe"]])
        if whole not in known:
            expected = "a population of run_studies, or its design space"
            raise ConfigError(f"--populations: got {name!r}, expected {expected}: {one_of(name, known)}")
        names.append(whole)
    return list(dict.fromkeys(names))


def _designs(names: Sequence[str], predictions: pd.DataFrame, request: Request) -> list[Design]:
    """A design for each population; raises ConfigError for one of which nothing is predicted, or too few networks."""
    designs = []
    for name in names:
        if name not in set(predictions["population"]):
            raise ConfigError(f"--populations: nothing is predicted of {name}, expected more networks of its recipe")
        try:
            designs.append(Design.of(name, predictions, request.networks, request.strata))
        except ValueError as error:
            raise ConfigError(f"--{error}") from None
    return designs


def _sentence(row: Mapping) -> str:
    """What a row of the table says."""
    if pd.isna(row["mean"]):
        return f"{row['population']}: no estimate, a stratum has fewer than two runs"
    mean = f"mean error {row['mean']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
    simple = "" if pd.isna(row["n_simple"]) else f", as {row['n_simple']:.0f} random ones would tell it"
    return f"{row['population']}: {mean} from {row['n']} networks{simple}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser("two_phase", description="Train the networks that tell most of a design space.")
    parser.add_argument("--configfile", nargs="+", required=True, help="files of configuration")
    parser.add_argument("--populations", nargs="+", required=True, metavar="NAME", help="populations or design spaces")
    parser.add_argument("--networks", type=int, required=True, help="to train of each, beside its pilot")
    parser.add_argument("--strata", type=int, default=STRATA, help="at most; each has two networks or more")
    parser.add_argument("--only-design", action="store_true", help="choose the networks and do not train them")
    parser.add_argument("--profile", default=LOCAL, help="profile of the engine")
    given = parser.parse_args(arguments)
    if given.strata < 1:
        parser.error(f"--strata {given.strata}: expected 1 or more")
    request = Request(given.configfile, given.populations, given.networks, given.strata, given.profile)
    try:
        two_phase(request, given.only_design)
    except (OneLineError, OSError) as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
