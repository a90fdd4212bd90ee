"""Digests: what a rule rests on, the whole of it and no more; what is said but not done does not count."""

import shutil
import subprocess
import sys
from pathlib import Path

import netspaces
import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.workflow.digests import EXCLUDED, SCRIPTS, Sources, read_source
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_rules import study_rules

SMALL = {
    "show.py": "from netspaces.pictures import PICTURES\n\nPICTURES['tree'](snakemake.output[0])\n",
    "netspaces/__init__.py": "",
    "netspaces/pictures/__init__.py": (
        "from netspaces.plugins.registry import Registry\n\n"
        "PICTURES: Registry = Registry('picture', 'draw', 'netspaces.pictures.plain', 'netspaces.pictures.odd')\n"
    ),
    "netspaces/pictures/plain/__init__.py": "",
    "netspaces/pictures/plain/tree.py": "from netspaces.shapes import lines\n\ndraw = lines.WIDTH\n",
    "netspaces/pictures/plain/house.py": "def draw(file):\n    import netspaces.shapes.walls as walls\n",
    "netspaces/pictures/odd/__init__.py": "",
    "netspaces/pictures/odd/cloud.py": "def draw(file):\n    return 3\n",
    "netspaces/shapes/__init__.py": "",
    "netspaces/shapes/lines.py": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from netspaces.shapes import walls\n\nWIDTH = 1\n"
    ),
    "netspaces/shapes/walls.py": 'def height(floors):\n    """Of a house."""\n    return {**floors, "roof": 1}  # m\n',
}


IMPORTS = """
import os, runpy, sys
import matplotlib.pyplot, pandas, scipy.stats, torch  # once for all
for script in sys.argv[1:]:
    if os.fork() == 0:
        try:
            runpy.run_path(script)
        except NameError:  # what is not imported but given by the engine
            print(script, *sys.modules, flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture
def small(tmp_path) -> Path:
    """A folder of scripts with a library of a few lines."""
    for name, text in SMALL.items():
        path = tmp_path / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "scripts"


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file, which must have it."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# ---- Closures --------------------------------------------------------------------------------------------------------


def test_imports_are_followed_also_those_inside_functions_but_not_those_for_type_checkers(small):
    files = Sources(small).closure("show.py", {"picture": ["tree"]})
    pictures = {"netspaces.pictures", "netspaces.pictures.plain", "netspaces.pictures.plain.tree"}
    assert set(files) == {"show.py", *pictures, "netspaces.shapes", "netspaces.shapes.lines"}
    assert "netspaces.shapes.walls" in Sources(small).closure("show.py", {"picture": ["house"]})


def test_all_entries_of_a_registry_count_where_the_rule_names_none(small):
    entries = {"plain.tree", "plain.house", "odd.cloud"}
    whole = Sources(small).closure("show.py")
    assert {name for name in whole if name.startswith("netspaces.pictures.") and name.count(".") == 3} == {
        f"netspaces.pictures.{entry}" for entry in entries
    }
    none = Sources(small).closure("show.py", {"picture": []})
    assert not any(name.endswith(("tree", "house", "cloud")) for name in none)


def test_a_module_can_be_the_entry(small):
    assert set(Sources(small).closure("netspaces.shapes.lines")) == {"netspaces.shapes", "netspaces.shapes.lines"}


def test_a_file_that_uses_the_public_api_rests_on_the_modules_behind_it(tmp_path):
    (tmp_path / "mine.py").write_text("from netspaces import edf\n")
    (tmp_path / "all.py").write_text("import netspaces\n")
    sources = Sources()
    one = {"mine.py": tmp_path / "mine.py", **sources._modules(read_source(tmp_path / "mine.py").imports)}
    assert "netspaces.statistics.edf" in one and "netspaces.statistics.comparisons" not in one
    whole = sources._modules(read_source(tmp_path / "all.py").imports)
    assert set(netspaces.PUBLIC.values()) - set(EXCLUDED) <= set(whole)


def test_a_plug_in_counts_where_it_is_used(small, tmp_path):
    plugin = tmp_path / "ghost.py"
    plugin.write_text("def draw(file):\n    from netspaces.shapes import walls\n    return 1\n")
    try:
        load_plugins([plugin])
        files = Sources(small).closure("show.py", {"picture": ["ghost"]})
        assert files["plug-in ghost"] == plugin and "netspaces.shapes.walls" in files
        assert "plug-in ghost" not in Sources(small).closure("show.py", {"picture": ["tree"]})
        before = Sources(small).digest_of("show.py")
        edit(plugin, "return 1", "return 2")
        assert Sources(small).digest_of("show.py") != before
    finally:
        forget_plugins()


def test_the_files_beside_a_plug_in_that_it_imports_count_too(small, tmp_path):
    for name in ("ghost", "phantom"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text("def draw(file):\n    import paint\n    return paint.COLOUR\n")
        (tmp_path / name / "paint.py").write_text("import netspaces.shapes.walls\n\nCOLOUR = 1\n")
        (tmp_path / name / "other.py").write_text("NOT_IMPORTED = 1\n")
    try:
        load_plugins([tmp_path / "ghost" / "ghost.py", tmp_path / "phantom" / "phantom.py"])
        files = Sources(small).closure("show.py", {"picture": ["ghost", "phantom"]})
        names = {name: path.relative_to(tmp_path).as_posix() for name, path in files.items() if "plug-in" in name}
        assert names == {
            "plug-in ghost": "ghost/ghost.py",
            "plug-in ghost: paint.py": "ghost/paint.py",
            "plug-in phantom": "phantom/phantom.py",
            "plug-in phantom: paint.py": "phantom/paint.py",
        }
        assert "netspaces.shapes.walls" in files
        edit(tmp_path / "ghost" / "paint.py", "= 1", "= 2")
        after = {name: Sources(small).digest_of("show.py", {"picture": [name]}) for name in ("ghost", "phantom")}
        edit(tmp_path / "ghost" / "paint.py", "= 2", "= 1  # again")
        before = {name: Sources(small).digest_of("show.py", {"picture": [name]}) for name in ("ghost", "phantom")}
        assert after["ghost"] != before["ghost"] and after["phantom"] == before["phantom"]
    finally:
        forget_plugins()


def test_what_a_script_imports_is_in_its_closure():
    """The interpreter says what a script imports; of the library all must count, but what is excluded."""
    command = [sys.executable, "-c", IMPORTS, *map(str, sorted(SCRIPTS.glob("*.py")))]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(SCRIPTS)}, check=True)
    sources, lines = Sources(), [line.split() for line in done.stdout.splitlines()]
    assert len(lines) > 15
    for script, *modules in lines:
        imported = {name for name in modules if name.split(".")[0] == "netspaces"}
        assert "netspaces.workflow.jobs" in imported, script
        assert imported - set(EXCLUDED) <= set(sources.closure(Path(script).name)), script


def test_published_times_and_evaluations_rest_on_all_that_measures_them():
    """Lists that were kept by hand lacked these."""
    sources = Sources()
    assert "netspaces.published.timing" in sources.closure("measure_published.py")
    assert "netspaces.training.device" in sources.closure("measure_published.py")
    assert "netspaces.training.device" in sources.closure("evaluate_published.py")


def test_what_is_excluded_has_a_reason_and_exists():
    for module, reason in EXCLUDED.items():
        stem = SCRIPTS.joinpath(*module.split("."))
        assert (stem / "__init__.py").exists() or stem.with_suffix(".py").exists()
        assert len(reason) > 10


# ---- Digests ---------------------------------------------------------------------------------------------------------

WALLS = {"picture": ["house"]}


@pytest.mark.parametrize(
    "old, new",
    [
        ("  # m", ""),
        ('"""Of a house."""', '"""Of any house, in metres."""'),
        ('    """Of a house."""\n', ""),
        ('{**floors, "roof": 1}', "{\n        **floors,\n        'roof': 1,\n    }"),
    ],
)
def test_comments_docstrings_and_formatting_change_no_digest(small, old, new):
    before = Sources(small).digest_of("show.py", WALLS)
    edit(small / "netspaces" / "shapes" / "walls.py", old, new)
    assert Sources(small).digest_of("show.py", WALLS) == before


@pytest.mark.parametrize(
    "old, new",
    [
        ("1}", "2}"),
        ("1}", "True}"),
        ("1}", "1.0}"),
        ("roof", "Roof"),
        ('**floors, "roof": 1', '"roof": 1, **floors'),
        ("floors):", "floors=None):"),
        ("height", "size"),
    ],
)
def test_what_is_done_changes_the_digests_of_those_who_use_it(small, old, new):
    used = [{"picture": ["house"]}, {"picture": ["tree"]}]
    before = [Sources(small).digest_of("show.py", which) for which in used]
    edit(small / "netspaces" / "shapes" / "walls.py", old, new)
    house, tree = [Sources(small).digest_of("show.py", which) for which in used]
    assert house != before[0] and tree == before[1]


def test_a_new_entry_changes_no_digest_of_those_who_do_not_use_it(small):
    before = Sources(small).digest_of("show.py", {"picture": ["tree"]})
    (small / "netspaces" / "pictures" / "odd" / "moon.py").write_text("def draw(file):\n    return 4\n")
    assert Sources(small).digest_of("show.py", {"picture": ["tree"]}) == before
    assert "netspaces.pictures.odd.moon" in Sources(small).closure("show.py")


def test_digests_are_the_same_wherever_the_library_lies(small, tmp_path):
    shutil.copytree(small, tmp_path / "elsewhere")
    assert Sources(small).digest_of("show.py") == Sources(tmp_path / "elsewhere").digest_of("show.py")


def test_each_source_is_read_once(small, monkeypatch):
    reads: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: (reads.append(path), read(path))[1])
    sources = Sources(small)
    for used in ({"picture": ["tree"]}, {"picture": ["house"]}, None):
        sources.digest_of("show.py", used)
    assert len(reads) == len(set(reads)) == len(sources.closure("show.py"))


# ---- The library's own -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules() -> dict:
    configuration = load({}, CONFIG)
    return study_rules(configuration, Paths("results/digits"), CONFIG.parent)


@pytest.fixture
def library(tmp_path) -> Path:
    """A copy of the scripts and the library that a test may edit."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=ignored)


def digests(rules: dict, library: Path) -> dict[str, str]:
    """The digest of every figure and table."""
    sources = Sources(library)
    return {name: sources.digest_of(f"{rule.kind}.py", rule.used) for name, rule in rules.items()}


def changed(rules: dict, library: Path, module: str, old: str, new: str) -> set[str]:
    """The studies that an edit of one module draws again."""
    before = digests(rules, library)
    edit(library / "netspaces" / module, old, new)
    return {name for name, digest in digests(rules, library).items() if digest != before[name]}


def append(rules: dict, library: Path, module: str, text: str) -> set[str]:
    """The studies that new lines at the end of one module draw again."""
    before = digests(rules, library)
    path = library / "netspaces" / module
    path.write_text(path.read_text() + text)
    return {name for name, digest in digests(rules, library).items() if digest != before[name]}


def test_editing_the_statistics_of_patterns_draws_the_one_table_that_uses_them(rules, library):
    assert append(rules, library, "statistics/patterns.py", "\n\nEDITED = True\n") == {"unshared_patterns"}


def test_editing_a_figure_draws_that_figure(rules, library):
    assert append(rules, library, "figures/paper/fig06_good_and_bad_networks.py", "\n\nEDITED = True\n") == {
        "fig06_good_and_bad_networks"
    }


def test_a_comment_in_what_every_study_uses_draws_nothing(rules, library):
    assert append(rules, library, "studies/study.py", "\n\n# edited\n") == set()
    assert append(rules, library, "studies/study.py", "\n\nEDITED = True\n") == set(rules)


def test_editing_a_block_draws_no_study_that_does_not_use_it(rules, library):
    drawn = append(rules, library, "networks/blocks/mb.py", "\n\nEDITED = True\n")
    without = {name for name, rule in rules.items() if "block" in rule.used and "mb" not in rule.used["block"]}
    assert drawn.isdisjoint(without) and {"fig09_regnet", "fig04_x_block", "fig23_block_types"} <= without


def test_no_rule_lists_modules_by_hand():
    text = "".join(path.read_text() for path in (CONFIG.parent / "rules").glob("*.smk"))
    assert "netspaces/" not in text
