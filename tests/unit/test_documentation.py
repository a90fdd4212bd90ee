"""The documentation names what there is: columns, keys, defaults, files, captions; its examples are valid."""

import re
import runpy
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from docutils.core import publish_parts
from helpers.documentation import DICTIONARY, REFERENCE, named, named_of_figure, prose
from helpers.invented import study
from jinja2 import Environment, StrictUndefined
from netspaces.configuration.loading import load as load_configuration
from netspaces.configuration.schemas import Schemas
from netspaces.cost.coefficients import DEFAULTS, Coefficients
from netspaces.cost.fitting import Fit
from netspaces.data.datasets import load
from netspaces.data.preparation import prepare
from netspaces.figures import FIGURES as FIGURE_MODULES
from netspaces.figures.drawing import COLUMNS as LEADING
from netspaces.files.escaping import restructured_text
from netspaces.files.safe import read_json, write_json
from netspaces.files.tables import write_csv
from netspaces.networks.modules import build
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.populations.strata import STRATA
from netspaces.populations.table import population_table
from netspaces.spaces.sampling import sample
from netspaces.tables import TABLES
from netspaces.tables.summaries import two_phase, two_phase_claims, two_phase_comparisons
from netspaces.training.proxies import PROXIES
from netspaces.training.train import train_network
from netspaces.workflow import reference
from netspaces.workflow.plan import COLUMNS as PLAN_COLUMNS
from netspaces.workflow.story import Story

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
KEYS = REFERENCE / "configuration.md"
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "results" / "README.md",
    CONFIG / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CONFIGURATION = load_configuration({}, CONFIG)
WEIGHED = {of.__name__.rpartition(".")[2]: of for of in (two_phase, two_phase_claims, two_phase_comparisons)}
SUMMARIES = (
    "populations",
    "comparisons",
    "paper_against_ours",
    "regression_estimates",
    "power",
    "tails",
    "sensitivity",
    *WEIGHED,
)
DISTRIBUTIONS = "two_phase_distributions"  # the figure that no study declares
GENERAL = ("study", "study_table", "explore")  # captions of studies of one's own
CAPTIONS = sorted({path.stem for path in (ROOT / "report").glob("*.rst")}.difference(GENERAL, ("story", "own_story")))


def per_stage(columns) -> set[str]:
    """Columns, those of all stages as that of the first."""
    return {re.sub(r"^(depth|width|bottleneck|group_width|stride|kernel)_\d+$", r"\1_1", name) for name in columns}


def rendered(name: str, snakemake: SimpleNamespace, targets: tuple[str, ...] = ()) -> str:
    """A page of the report as the engine makes it; raises for an unknown name and for broken markup."""
    text = (ROOT / "report" / f"{name}.rst").read_text()
    text += "\n\n" + "\n".join(f".. _{target}: javascript:show('{target}')" for target in targets)
    engine = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    engine.filters["rst"] = restructured_text
    engine.globals["own_story"] = lambda present: Story("", alone=False)
    page = engine.from_string(text)
    files = [SimpleNamespace(target=target) for target in targets]
    rst = page.render(snakemake=snakemake, files=files)
    return publish_parts(rst, writer="html", settings_overrides={"halt_level": 2})["html_body"]


def is_table(name: str) -> bool:
    """Whether a study or summary is a table; the others are figures."""
    return name in SUMMARIES or name.startswith("table") or "table" in CONFIGURATION.studies.get(name, ())


# ---- Data dictionary -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SimpleNamespace:
    """Two trained networks of a RegNet space: dataset, sampled table, record, population table."""
    folder = tmp_path_factory.mktemp("run")
    prepare(CONFIGURATION.settings["dataset"], folder / "dataset")
    dataset = load(folder / "dataset")
    drawn = sample(CONFIGURATION.spaces["RegNetX"], {"flops": [1e5, 2e5]}, 0, range(2))
    write_csv(folder / "sampled.csv", pd.DataFrame(drawn.columns()))
    record = train_network(
        drawn.architectures.row(0),
        {name: int(values[0]) for name, values in drawn.complexity.columns().items()},
        {"epochs": 1},
        0,
        dataset,
        folder / "runs",
    )
    shard = {"population": "RegNetX-base-short", "networks": [{"index": 0, "record": record}]}
    write_json(folder / "00000.json", shard)
    table = population_table("RegNetX-base-short", [folder / "00000.json"], folder / "sampled.csv", folder / "runs")
    return SimpleNamespace(folder=folder, sampled=set(drawn.columns()), record=record, shard=shard, table=table)


def test_sampled_columns(run):
    anynet = sample(CONFIGURATION.spaces["AnyNetX_A_5_stages"], {}, 0, range(2)).columns()
    assert per_stage({*run.sampled, *anynet}) <= named(DICTIONARY, "Sampled networks")


def test_population_columns(run):
    here = named(DICTIONARY, "Populations") | named(DICTIONARY, "Sampled networks")
    assert per_stage(run.table) | set(STRATA) <= here
    assert {"finished", "diverged", "missing"} <= here
    assert set(run.table["status"]) == {"finished", "missing"}


def test_run_record_keys(run):
    here = named(DICTIONARY, "Run records")
    keys = {*run.record, *run.record["architecture"], *run.record["complexity"], *run.record["versions"]}
    assert keys.union(*run.record["epochs"]) <= here
    assert set(run.record["recipe"]) <= named(KEYS, "recipes")


def test_training_job_and_dataset_keys(run):
    assert {*run.shard, *run.shard["networks"][0]} <= named(DICTIONARY, "Training jobs")
    meta = read_json(run.folder / "dataset" / "meta.json", "a prepared dataset")
    assert set(meta) <= named(DICTIONARY, "Dataset")


def test_acceptance_keys(tmp_path):
    params = SimpleNamespace(definition=CONFIGURATION.spaces["RegNetX"], regime={"flops": [1e5, 2e5]}, seed=0)
    output, log = tmp_path / "acceptance.json", tmp_path / "log"
    named_population = SimpleNamespace(population="RegNetX-base-short")
    job = SimpleNamespace(params=params, input={}, output=[output], log=[log], config={}, wildcards=named_population)
    runpy.run_path(str(ROOT / "scripts" / "measure_acceptance.py"), {"snakemake": job})
    content = read_json(output, "what drawing took")
    assert {*content, "structure"} <= named(DICTIONARY, "Acceptance")
    assert content["networks"] == 16 and "first 16 networks" in DICTIONARY.read_text()


def test_columns_of_proxies():
    assert {"index", *PROXIES} <= named(DICTIONARY, "Zero-cost proxies")


def test_plan_and_cost_keys():
    assert set(PLAN_COLUMNS) <= named(DICTIONARY, "Plan")
    keys = {field.name for kind in (Fit, Coefficients) for field in fields(kind)}
    assert keys <= named(DICTIONARY, "Cost")


def test_columns_of_error_distributions():
    data = FIGURE_MODULES["error_distributions"](study("fig23_block_types")).data
    assert {*LEADING, *data.columns, *data["kind"].dropna()} <= named_of_figure("error_distributions")


def table_columns(table: str) -> set[str]:
    """The columns that the reference names for a table, its own and those of several tables."""
    return named(REFERENCE / "tables.md", table) | named(REFERENCE / "tables.md", "Columns of several tables")


@pytest.mark.parametrize(
    "table, figure", [("fixed_choices", "fixed_choices"), ("matched_conclusions", "matched_complexity")]
)
def test_columns_of_tables_beside_figures(table, figure):
    assert set(TABLES[table](study(figure)).columns) <= table_columns(table)


@pytest.mark.parametrize("table", [*(name for name in SUMMARIES if name not in WEIGHED), "table01_design_spaces"])
def test_table_columns(table):
    assert set(TABLES[table](study("fig09_regnet")).columns) <= table_columns(table)


@pytest.mark.parametrize("name", WEIGHED)
def test_columns_of_populations_in_two_phases(name):
    assert set(WEIGHED[name].COLUMNS) <= table_columns(name)


@pytest.mark.parametrize("table", ["order_holds", "sharing_tests", "unshared_patterns"])
def test_columns_of_the_critics_tables(table):
    of = study(table, CONFIGURATION.studies[table]["panels"])
    assert set(TABLES[table](of).columns) <= table_columns(table)


# ---- Generated reference ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_committed_reference_is_what_the_generator_gives(name):
    assert (REFERENCE / name).read_text() == reference.PAGES[name](), "run `make docs` and commit what it writes"


def documented_properties(schema: object) -> Iterator[tuple[str, dict]]:
    """Every key of the sections of the reference, with its schema."""
    for option in reference.options_of(schema):
        yield from option["properties"].items()


def test_every_key_is_documented_in_the_schemas():
    schemas = Schemas(CONFIG / "schemas").contents
    definitions = schemas["definitions.yaml"]["$defs"]
    groups = [schemas["config.schema.yaml"], *(definitions[section.schema] for section in reference.SECTIONS)]
    for group in groups:
        for key, schema in documented_properties(group):
            assert schema.get("markdownDescription", "").strip().endswith("."), key


def keys_and_choices(schema: object) -> set[str]:
    """Every key that a schema knows, and every word that it allows for one, as YAML writes it."""
    if isinstance(schema, list):
        return set().union(*map(keys_and_choices, schema))
    if not isinstance(schema, dict):
        return set()
    choices = (str(choice).lower() if isinstance(choice, bool) else choice for choice in schema.get("enum", []))
    own = {*schema.get("properties", {}), *choices}
    return own.union(*map(keys_and_choices, schema.values()))


@pytest.mark.parametrize("schema", sorted((CONFIG / "schemas").glob("*.yaml")), ids=lambda path: path.name)
def test_every_key_and_choice_is_in_the_documentation(schema):
    pages = (KEYS, REFERENCE / "registries.md", ROOT / "docs" / "how-to" / "own_space.md")
    words = {word for page in pages for text in named(page) for word in re.findall(r"\w+", text)}
    assert keys_and_choices(Schemas(CONFIG / "schemas").contents[schema.name]) <= words


def test_defaults_are_those_of_config_yaml_and_of_the_code():
    stated = dict(re.findall(r"^- `(\w+)` \(.*?default (.*?)\): ", KEYS.read_text(), re.MULTILINE))
    assert (stated["batch_size"], stated["models_per_job"], stated["augmentation"]) == ("128", "1", "`[]`")
    assert stated["per_flop"] == f"{DEFAULTS['cpu'].per_flop}, {DEFAULTS['cuda'].per_flop}"


@pytest.mark.parametrize("name", yaml.safe_load((CONFIG / "design_spaces.yaml").read_text()))
def test_every_design_space_is_described(name):
    assert CONFIGURATION.spaces[name]["description"].endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_are_valid(page, tmp_path):
    for example in fences(page, "yaml"):
        given = yaml.safe_load(example)
        if "plugins" in given:  # the page has the file too, or the repository has
            file = Path(given["plugins"][0])
            there = (ROOT / file).exists()
            given["plugins"] = [str(ROOT / file if there else saved_plugin(page, tmp_path / file.name))]
        configuration = load_configuration(given, CONFIG)
        assert set(given.get("design_spaces", {})) <= set(configuration.spaces)
    forget_plugins()


def fences(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def saved_plugin(page: Path, file: Path) -> Path:
    """The file that a page has as its first block of Python, saved."""
    file.write_text(fences(page, "python")[0])
    return file


def test_the_pages_say_by_which_version_runs_are_known():
    assert "TRAINING_VERSION" in named(ROOT / "docs" / "explanation" / "identity.md", "A run")


def test_the_block_of_the_how_to_is_one(tmp_path):
    load_plugins([saved_plugin(ROOT / "docs" / "how-to" / "own_block.md", tmp_path / "seven.py")])
    try:
        space = CONFIGURATION.spaces["RegNetX"]
        parameters = space["parameters"] | {"bottleneck": {"choice": [0.5, 0.25]}}
        drawn = sample({**space, "block": "seven", "parameters": parameters}, {"flops": [1e5, 1e6]}, 0, range(2))
        for row, params in enumerate(drawn.complexity.params):
            network = build(drawn.architectures.row(row), channels=1, classes=10)
            assert sum(parameter.numel() for parameter in network.parameters()) == params
    finally:
        forget_plugins()


QUOTED = (  # parts of error messages that the pages quote, as the code holds them
    "no network found in",
    "channels, but gets",
    "expected a run record",
    "give this run a folder of its own",
    "(not expected; where:",
    "its digest is not that of its contents",
    "not JSON",
    "which this kind of figure or table needs",
    "device is cuda, but torch sees no GPU",
    "device: got cuda, but",
    "not a readable image",
    "label is",
    "missing, expected",
    "an integer",
    "a number",
)


def test_quoted_errors_are_those_of_the_code():
    sources = "\n".join(path.read_text() for path in (ROOT / "scripts" / "netspaces").rglob("*.py"))
    for part in QUOTED:
        assert part in sources, part
    for page in PAGES:
        for line in re.findall(r"^(?:.*# )?error: .*$", page.read_text(), re.MULTILINE):
            following = page.read_text().split(line)[1].split("\n```")[0]
            assert any(part in f"{line} {following}" for part in QUOTED), line


# ---- Links -----------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """What links may point to in a page, by GitHub's rules."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_pages_name_only_files_that_exist():
    """Also without a folder of the repository's: `training/store.py` is one of the library."""
    folders = (ROOT, ROOT / "scripts" / "netspaces", ROOT / "docs")
    for page in PAGES:
        for name in re.findall(r"[\w./-]+\.(?:py|smk)\b", prose(page)):
            known = any((folder / name).exists() for folder in folders) or (page.parent / name).exists()
            assert known or name.startswith("my/") or "/" not in name, f"{page}: {name}"


def test_sources_name_only_pages_that_exist():
    sources = [
        path for folder in ("scripts", "rules", "benchmarks", "profiles") for path in (ROOT / folder).rglob("*.*")
    ]
    for source in [*sources, *CONFIG.rglob("*.yaml")]:
        if source.suffix in (".py", ".smk", ".yaml"):
            for name in re.findall(r"docs/[\w/-]+\.md", source.read_text()):
                assert (ROOT / name).exists(), f"{source}: {name}"


# ---- Report ----------------------------------------------------------------------------------------------------------


def test_every_study_has_a_caption():
    assert CAPTIONS == sorted([*CONFIGURATION.studies, *SUMMARIES, DISTRIBUTIONS])


@pytest.mark.parametrize("name", [*CAPTIONS, *GENERAL])
def test_captions_render(name):
    shown = name if name in CONFIGURATION.studies else "fig09_regnet"
    panels = CONFIGURATION.curves(shown)
    planned = {curve["population"]: 32 for curves in panels.values() for curve in curves}
    settings = CONFIGURATION.settings
    params = {
        "name": shown,
        "module": shown,
        "title": CONFIGURATION.studies[shown]["title"],
        "panels": panels,
        "planned": planned,
        "statistics": settings["statistics"],
        "definitions": {name: CONFIGURATION.spaces[name] for name in ("AnyNetX_A", "RegNetX")},
        "preset": {key: settings[key] for key in ("preset", "dataset", "skeleton", "regimes", "recipes")},
    }
    page = params | {"preset": CONFIGURATION.preset}
    html = rendered(name, SimpleNamespace(params=SimpleNamespace(study=params, page=page)))
    assert f"Preset: {CONFIGURATION.preset}" in html
    assert not planned or "(planned): 32" in html


@pytest.mark.parametrize("complete", [True, False])
def test_story_renders(complete):
    files = [f"{name}.{'html' if is_table(name) else 'svg'}" for name in CAPTIONS] if complete else []
    settings = CONFIGURATION.settings | {"population_sizes": {"RegNetX-base-short": 64}}
    html = rendered("story", SimpleNamespace(config=settings), tuple(files))
    low, high = settings["regimes"]["base"]["flops"]
    assert f"flops from {low:,.0f} to {high:,.0f}" in html
    assert html.count("href=") == len(files)  # each figure and table once, and no link to one that was not made
