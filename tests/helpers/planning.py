"""What the engine's rules ask of a configuration while a workflow is parsed and planned, without the engine."""

import json
import re
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.datasets import datasets_of
from netspaces.cost.sharing import shards
from netspaces.spaces.limits import takes_limits
from netspaces.workflow.params import deciding, plugins_of, run_imported, run_populations
from netspaces.workflow.paths import JOB_PATTERN, POPULATION_PATTERN, Paths
from netspaces.workflow.study_checks import check_studies
from netspaces.workflow.study_rules import SUMMARIES, files_of, study_rules

REPOSITORY = Path(__file__).parents[2]
PATH_PATTERN = r"[A-Za-z0-9_.@+-]+(/[A-Za-z0-9_.@+-]+)*"


def plan_in_process(configuration: Configuration) -> None:
    """Do what parsing the workflow and planning its jobs do; raises what the engine would stumble over."""
    paths = Paths(f"results/{configuration.name}")
    rules = study_rules(configuration, paths, REPOSITORY)
    check_studies(rules, configuration.run_studies)
    files = files_of(configuration.run_studies, rules) + files_of(SUMMARIES, rules)
    for rule in rules.values():
        json.dumps(rule.params, allow_nan=False)
        json.dumps([rule.used, rule.caption, rule.category, rule.labels])
        files += [*rule.files, *rule.inputs.values(), *paths.populations(rule.populations)]
        for published in rule.published:
            assert Path(published).is_file(), f"{rule.name}: no {published}"
    for key in datasets_of(configuration.settings):
        files.append(paths.meta(key))
    for name, population in configuration.populations.items():
        assert re.fullmatch(POPULATION_PATTERN, name), name
        jobs = shards(population.n, configuration.settings["models_per_job"])
        assert all(re.fullmatch(JOB_PATTERN, job) for job in jobs), name
        json.dumps(deciding(population), allow_nan=False)
        assert isinstance(population.training_seed, int) and population.training_seed < 2**63
        plugins_of(population.definition, population.recipe)
        takes_limits(population.definition)
        files += [*paths.populations([name]), *paths.trained(name, list(jobs)[:1])]
    run_populations(configuration, None)
    run_imported(configuration)
    for file in files:
        assert re.fullmatch(PATH_PATTERN, file) and max(map(len, file.split("/"))) <= 230, f"not a path: {file!r}"
    names = [*rules, *configuration.chapters]
    assert len(set(names)) == len(names), "a chapter has the name of a study"
