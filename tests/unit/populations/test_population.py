"""A population as every part of the workflow holds it."""

import pickle
import subprocess
import sys
from dataclasses import replace

from netspaces.populations.population import Population

POPULATION = Population(
    name="A-base-short", space="A", definition={"block": "x"}, regime={"flops": [1, 2]}, recipe={}, n=4, seed=3
)


def test_repetitions_differ_in_the_training_seed_and_not_in_the_networks():
    again = replace(POPULATION, repeat=2)
    assert (again.seed, again.training_seed, POPULATION.training_seed) == (3, 5, 3)


def test_jobs_get_the_object_that_the_rules_have():
    assert pickle.loads(pickle.dumps(POPULATION)) == POPULATION


def test_it_costs_no_import():
    code = "import sys, netspaces.populations.population; print(*sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    loaded = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "netspaces.populations.population" in loaded.stdout.split()
    assert not {"numpy", "pandas", "torch", "yaml", "jsonschema"} & set(loaded.stdout.split())
