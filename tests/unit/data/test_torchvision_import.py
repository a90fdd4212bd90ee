"""Importing torchvision: plainly where that works, else with the operators declared that its import misses."""

import sys

import pytest
from netspaces.data import torchvision_import
from netspaces.data.torchvision_import import import_torchvision


@pytest.fixture
def fake_torchvision(tmp_path, monkeypatch):
    """Writes a package called torchvision that shadows the real one for one test."""
    real = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "torchvision"}
    for name in real:
        del sys.modules[name]
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "part.py").write_text("")

    yield lambda source: (tmp_path / "torchvision" / "__init__.py").write_text(source)

    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    sys.modules.update(real)


def test_torchvision_is_imported_once():
    assert import_torchvision() is import_torchvision()


def test_a_plain_import_declares_nothing(fake_torchvision, monkeypatch):
    fake_torchvision("value = 1")
    monkeypatch.setattr(torchvision_import, "_declare_operators", lambda: pytest.fail("declared"))
    assert import_torchvision().value == 1


def test_operators_are_declared_if_the_import_misses_them(fake_torchvision, monkeypatch):
    fake_torchvision(
        "import os\n"
        "from torchvision import part\n"
        "known = hasattr(part, 'seen')\n"
        "part.seen = True\n"
        "if 'DECLARED' not in os.environ:\n"
        "    raise RuntimeError('operator torchvision::nms does not exist')\n"
    )
    monkeypatch.setattr(torchvision_import, "_declare_operators", lambda: monkeypatch.setenv("DECLARED", "1"))
    assert import_torchvision().known is False, "what the failed import left behind is imported anew"


def test_other_failures_of_the_import_are_not_hidden(fake_torchvision):
    fake_torchvision("raise RuntimeError('something else')")
    with pytest.raises(RuntimeError, match="something else"):
        import_torchvision()
