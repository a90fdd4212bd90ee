"""The profile of a cluster, without one."""

import subprocess
import sys

import yaml
from helpers.running import REPOSITORY


def test_the_cluster_profile_resolves_from_the_root():
    assert (REPOSITORY / "slurm").is_symlink()
    assert yaml.safe_load((REPOSITORY / "slurm" / "config.yaml").read_text())["executor"] == "slurm"


def test_the_cluster_profile_reads_all_rules_though_it_knows_no_number_of_cores(tmp_path):
    """A dry run does not tell: there the engine assumes one core."""
    target = "results/digits/acceptance/AnyNetX_A-base-short.json"
    command = [sys.executable, "-m", "snakemake", target, "--profile", "slurm", "--directory", str(tmp_path)]
    command += ["--configfile", "tests/workflow/tiny.yaml", "--slurm-init-seconds-before-status-checks", "1"]
    done = subprocess.run(command, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / target).exists()
