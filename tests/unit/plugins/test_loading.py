"""Files of users: loaded once, found by registries under the file's name, refused in one line."""

import os
import sys

import pytest
from netspaces.data.readers import READERS
from netspaces.networks.blocks import BLOCKS
from netspaces.plugins.loading import PluginError, forget_plugins, load_plugins, loaded_plugins
from netspaces.plugins.meaning import digest_of_source
from netspaces.spaces.families import FAMILIES

COPY_OF_X = """
from netspaces.networks.blocks.x import XBlock


class Copy(XBlock):
    name = "mine"


BLOCK = Copy()
"""


@pytest.fixture(autouse=True)
def no_plugins_are_left():
    forget_plugins()
    yield
    forget_plugins()


def write(folder, name: str, text: str):
    path = folder / name
    path.write_text(text)
    return path


def test_an_entry_goes_by_the_name_of_its_file(tmp_path):
    path = write(tmp_path, "mine.py", COPY_OF_X)
    before = list(BLOCKS)
    load_plugins([path])
    assert list(BLOCKS) == [*before, "mine"] and "mine" in BLOCKS and len(BLOCKS) == len(before) + 1
    assert BLOCKS["mine"].parameters == BLOCKS["x"].parameters
    assert "mine" not in FAMILIES


def test_a_file_is_loaded_once(tmp_path):
    path = write(tmp_path, "counted.py", "import os\nos.environ['TIMES'] = os.environ.get('TIMES', '') + 'x'\n")
    os.environ.pop("TIMES", None)
    load_plugins([path])
    load_plugins([path, tmp_path / "." / "counted.py"])
    assert os.environ.pop("TIMES") == "x" and len(loaded_plugins()) == 1


def test_only_names_of_plugins_have_digests(tmp_path):
    path = write(tmp_path, "mine.py", COPY_OF_X)
    load_plugins([path])
    digest = digest_of_source(path.read_bytes())
    assert BLOCKS.plugin_digests(["x", "mine"]) == {"mine": digest}
    assert FAMILIES.plugin_digests(["mine"]) == {}


def test_a_name_of_the_library_is_refused_where_it_is_looked_up(tmp_path):
    load_plugins([write(tmp_path, "x.py", COPY_OF_X)])
    with pytest.raises(PluginError, match=r"x\.py: 'x' is a block of the library, expected a file of another name"):
        BLOCKS["x"]
    assert "anynet" in FAMILIES  # it brings no family


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("broken.py", "a = 1\nb = 1 / 0\n", r"broken\.py: line 2: ZeroDivisionError: division by zero"),
        ("wrong.py", "a = 1\ndef f(:\n", r"wrong\.py: line 2: SyntaxError"),
        ("lost.py", "import nowhere_at_all\n", r"lost\.py: line 1: ModuleNotFoundError: No module named 'nowhere"),
        ("leaving.py", "import sys\nsys.exit(0)\n", r"leaving\.py: line 2: SystemExit: 0"),
        ("two-words.py", "", r"got the name 'two-words', expected letters, digits and _"),
        ("text.txt", "", r"no such file, expected a file of Python, NAME\.py"),
    ],
)
def test_what_cannot_be_loaded_is_one_line_with_file_and_line(tmp_path, name, text, complaint):
    with pytest.raises(PluginError, match=complaint) as raised:
        load_plugins([write(tmp_path, name, text)])
    assert "\n" not in str(raised.value) and loaded_plugins() == []


def test_a_missing_file_and_a_second_one_of_a_name_are_refused(tmp_path):
    with pytest.raises(PluginError, match="no such file"):
        load_plugins([tmp_path / "none.py"])
    (tmp_path / "other").mkdir()
    load_plugins([write(tmp_path, "mine.py", COPY_OF_X)])
    with pytest.raises(PluginError, match="has the same name, expected another one"):
        load_plugins([write(tmp_path / "other", "mine.py", COPY_OF_X)])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            COPY_OF_X.replace("Copy()", "Copy"),
            r"mine\.py: BLOCK: got <class .*Copy'>, expected an instance of .*\.Block$",
        ),
        (
            COPY_OF_X.replace('"mine"', '"other"'),
            r"mine\.py: BLOCK\.name: got 'other', expected the file's name 'mine'$",
        ),
        ("FAMILY = 3\n", r"mine\.py: FAMILY: got 3, expected an instance of netspaces\.spaces\.family\.Family$"),
        ("READER = len\n", r"mine\.py: READER: got <built-in function len>, expected an instance of .*\.Reader$"),
    ],
)
def test_an_entry_of_another_type_or_name_is_refused_where_names_are_listed(tmp_path, text, complaint):
    load_plugins([write(tmp_path, "mine.py", text)])
    with pytest.raises(PluginError, match=complaint):
        list(BLOCKS) + list(FAMILIES) + list(READERS)


def test_a_file_that_was_edited_within_a_second_is_read_anew(tmp_path):
    path = write(tmp_path, "mine.py", "LAYERS = 7\n")
    (first,) = load_plugins([path])
    seen = path.stat()
    path.write_text("LAYERS = 5\n")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    forget_plugins()
    (second,) = load_plugins([path])
    assert (first.module.LAYERS, second.module.LAYERS) == (7, 5) and first.digest != second.digest
    assert not (tmp_path / "__pycache__").exists()


def test_comments_and_docstrings_of_a_file_do_not_change_its_digest():
    plain = b"def f(x):\n    return x + 1\n"
    commented = b'"""What it is."""\n# why\n\n\ndef f(x):\n    """What f is."""\n    return (x + 1)  # more\n'
    assert digest_of_source(plain) == digest_of_source(commented) != digest_of_source(plain.replace(b"1", b"2"))


# ---- Files beside a plug-in ------------------------------------------------------------------------------------------

IMPORTING = (
    "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport first_part\nfrom parts_of_it import two\n"
)


@pytest.fixture
def with_parts(tmp_path, monkeypatch):
    """A plug-in that imports a file and a package of its folder, and through the file another one."""
    monkeypatch.setattr("sys.path", list(sys.path))
    folder = tmp_path / "my"
    (folder / "parts_of_it").mkdir(parents=True)
    write(folder, "first_part.py", "def second():\n    import second_part\n")
    write(folder, "second_part.py", "NUMBER = 1\n")
    write(folder, "alone.py", "NUMBER = 1\n")
    write(folder / "parts_of_it", "__init__.py", "")
    write(folder / "parts_of_it", "two.py", "NUMBER = 1\n")
    yield write(folder, "mine.py", IMPORTING + COPY_OF_X)
    for name in ("first_part", "second_part", "parts_of_it", "parts_of_it.two"):
        sys.modules.pop(name, None)


def digest_of(path) -> str:
    forget_plugins()
    (plugin,) = load_plugins([path])
    return plugin.digest


@pytest.mark.parametrize("name", ["first_part.py", "second_part.py", "parts_of_it/two.py"])
def test_files_that_a_plug_in_imports_from_its_folder_are_in_its_digest(with_parts, name):
    before, part = digest_of(with_parts), with_parts.parent / name
    part.write_text(part.read_text() + "# a comment\n")
    assert digest_of(with_parts) == before
    part.write_text(part.read_text() + "OTHER = 2\n")
    assert digest_of(with_parts) != before


def test_files_that_a_plug_in_does_not_import_do_not_count(with_parts):
    before = digest_of(with_parts)
    write(with_parts.parent, "alone.py", "NUMBER = 2\n")
    assert digest_of(with_parts) == before


def test_what_a_plug_in_prints_does_not_get_among_answers(tmp_path, capsys):
    load_plugins([write(tmp_path, "loud.py", "print('loud')\n" + COPY_OF_X.replace("mine", "loud"))])
    assert capsys.readouterr() == ("", "loud\n")
