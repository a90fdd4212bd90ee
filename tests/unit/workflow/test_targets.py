"""Targets that there are not: one line with what was probably meant."""

import re
from types import SimpleNamespace

import pytest
from helpers.configurations import CONFIG
from helpers.engine import run_engine
from netspaces.configuration.loading import load
from netspaces.workflow.paths import Paths
from netspaces.workflow.targets import complaint

PATHS = Paths("results/digits")
MINE = {"title": "Mine", "figure": "error_distributions", "panels": {"spaces": ["RegNetX", "AnyNetX_A"]}}


class Rule:
    """A rule as the engine has it: its name, and its file, in which a population may be a wildcard."""

    def __init__(self, name: str, file: str) -> None:
        self.name, self.output = name, [file]
        self.pattern = re.compile(re.escape(file).replace(r"\{population\}", "(?P<population>.+)"))

    def has_wildcards(self) -> bool:
        return "{" in self.output[0]

    def is_producer(self, path: str) -> bool:
        return self.pattern.fullmatch(path) is not None

    def get_wildcards(self, path: str) -> dict[str, str]:
        return self.pattern.fullmatch(path).groupdict()


def said(name: str) -> str:
    """What is said of a target in a workflow of few rules."""
    rules = [
        Rule("my_study", "results/digits/figures/my_study.svg"),
        Rule("fig09_regnet", "results/digits/figures/fig09_regnet.svg"),
        Rule("collect", "results/digits/populations/{population}.csv"),
    ]
    configuration = load(
        {
            "studies": {
                "my_study": MINE,
                "later": MINE | {"panels": {"a": [{"space": "RegNetX", "regime": "elsewhere"}]}},
            },
            "run_studies": ["my_study"],
        },
        CONFIG,
    )
    return complaint(name, SimpleNamespace(rules=rules), configuration, PATHS)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("my_studdy", "my_studdy: no study, chapter or rule has this name, .* did you mean 'my_study'"),
        ("fig9", "did you mean 'fig09_regnet'"),
        ("results/digits/figures/my_studi.svg", "no rule makes this file; did you mean '.*figures/my_study.svg'"),
        ("results/digits/populations/RegNtX-base-short.csv", "no study has the population RegNtX-base-short; did you "),
        ("later", "later: preset digits lacks regimes, recipes or strides of this study"),
    ],
)
def test_an_unknown_target_is_one_line_with_what_was_meant(name, expected):
    assert re.search(expected, said(name)) and "\n" not in said(name)


@pytest.mark.parametrize("name", ["results/digits/populations/RegNetX-base-short.csv", "../" + CONFIG.parent.name])
def test_files_that_are_made_or_there_are_targets(name, monkeypatch):
    monkeypatch.chdir(CONFIG.parent)
    assert said(name) == ""


def test_under_the_engine_the_line_comes_in_place_of_its_own(tmp_path):
    done = run_engine("--cores", "1", "-n", "--directory", str(tmp_path), "fig9")
    lines = [line for line in done.stdout.splitlines() if line.startswith(("error", "Missing", "Traceback"))]
    assert done.returncode == 1 and len(lines) == 1 and lines[0].endswith("did you mean 'fig09_regnet'?")
