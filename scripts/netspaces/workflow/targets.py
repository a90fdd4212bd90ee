"""Names of targets: the engine says of an unknown one only that no rule makes it, and nothing of it in --forcerun."""

import os
from typing import Any

from netspaces.configuration.configuration import Configuration
from netspaces.files.suggestions import did_you_mean
from netspaces.workflow.paths import Paths


def explain_unknown(workflow: Any, configuration: Configuration, paths: Paths) -> None:
    """End the run in one line for a target that is no rule and that no rule makes, with what was probably meant.

    `workflow` is the engine's. It knows its targets only when all rules are parsed, and then asks for each whether it
    is a rule; so the question is where they are looked at.
    """
    is_rule = workflow.is_rule

    def explaining(name: str) -> bool:
        is_known = is_rule(name)
        is_target = workflow.dag_settings is not None  # and no rule that is being added
        if is_target and not is_known and (fault := complaint(str(name), workflow, configuration, paths)):
            raise SystemExit(f"error: {fault}")
        return is_known

    workflow.is_rule = explaining


def complaint(name: str, workflow: Any, configuration: Configuration, paths: Paths) -> str:
    """What is wrong with a target that is no rule; empty if it is a file that there is or that a rule makes."""
    path = os.path.relpath(name)
    producers = [rule for rule in workflow.rules if rule.is_producer(path)]
    for rule in producers:
        population = rule.get_wildcards(path).get("population")
        if population and population not in configuration.populations:
            meant = did_you_mean(population, configuration.populations)
            return f"{name}: no study has the population {population}{meant}"
    if producers or os.path.exists(name):
        return ""
    if os.sep in name:
        made = [str(file) for rule in workflow.rules if not rule.has_wildcards() for file in rule.output]
        tables = paths.populations(configuration.run_populations, ["parquet", "csv"])
        return f"{name}: no rule makes this file{did_you_mean(name, [*made, *tables])}"
    if name in configuration.studies:
        return f"{name}: preset {configuration.preset} lacks regimes, recipes or strides of this study"
    expected = "one of those that `snakemake --list` shows, or --configfile with the file that declares it"
    meant = did_you_mean(name, [rule.name for rule in workflow.rules])
    return f"{name}: no study, chapter or rule has this name, expected {expected}{meant}"
