"""The target new_preset: what it writes and says, what it refuses, and that the preset is planned by the engine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.configurations import CONFIG, refusal
from helpers.small_sources import labels_of, picture
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.data.errors import DatasetError
from netspaces.workflow.new_preset import new_preset
from netspaces.workflow.start import check_new_preset


@pytest.fixture
def photos(tmp_path) -> str:
    """Sixty images of three classes."""
    for i, label in enumerate(labels_of(60)):
        path = tmp_path / "photos" / "abc"[label] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(i, (10, 12)).save(path)
    return str(tmp_path / "photos")


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the configuration."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def test_a_preset_is_written_and_explained(photos, folder):
    said = new_preset({"name": "mine", "folder": photos}, folder)
    path = folder / "presets" / "mine.yaml"
    assert load({"preset": "mine"}, folder).settings["dataset"]["classes"] == 3
    assert f"train: 48 files in 3 folders of {photos}" in said and "3 classes, of 16 to 16 training images" in said
    for reason in ("extends: nearest by pixels", "dataset: 48 + 12 images", "skeleton: stages at 8, 4, 2, 1 pixels"):
        assert reason in said
    assert f"wrote {path}: plain snakemake would train 512 networks, about " in said
    assert "next: snakemake plan --config preset=mine" in said


def test_no_file_is_written_over(photos, folder):
    before = (folder / "presets" / "digits.yaml").read_bytes()
    with pytest.raises(ConfigError, match="digits.yaml: there is this preset already, expected --config name=NAME"):
        new_preset({"name": "digits", "folder": photos}, folder)
    assert (folder / "presets" / "digits.yaml").read_bytes() == before


def test_nothing_is_written_for_what_is_refused(folder, tmp_path):
    with pytest.raises(DatasetError, match="nothing: no such folder"):
        new_preset({"name": "mine", "folder": str(tmp_path / "nothing")}, folder)
    assert not (folder / "presets" / "mine.yaml").exists()


def test_a_new_preset_is_asked_for_alone_and_with_its_images():
    check_new_preset({"train"}, {"name": "mine"})
    check_new_preset({"new_preset"}, {"name": "mine", "folder": "photos"})
    check_new_preset({"new_preset"}, {"name": "mine", "file": "own.npz"})
    with pytest.raises(ConfigError, match="folder: got 'photos' without new_preset, expected snakemake new_preset"):
        check_new_preset({"train"}, {"name": "mine", "folder": "photos"})
    for names, settings in [
        ({"new_preset"}, {"name": "mine"}),
        ({"new_preset"}, {"folder": "photos"}),
        ({"new_preset"}, {"name": "mine", "folder": "photos", "file": "own.npz"}),
        ({"new_preset", "train"}, {"name": "mine", "folder": "photos"}),
    ]:
        with pytest.raises(ConfigError, match="new_preset: expected nothing else to make, a name, and a folder"):
            check_new_preset(names, settings)


def test_the_name_of_a_new_preset_is_no_folder_of_results(folder):
    assert load({"name": "mine", "folder": "photos"}, folder).name == "digits"
    assert load({"name": "mine"}, folder).name == "mine"
    assert "name: got 'a b', expected a name that matches" in refusal({"name": "a b", "folder": "photos"}, folder)


def test_the_engine_plans_a_preset_from_outside(photos, folder, tmp_path):
    new_preset({"name": "mine", "folder": photos}, folder)
    own = tmp_path / "my preset.yaml"
    (folder / "presets" / "mine.yaml").rename(own)
    command = [Path(sys.executable).with_name("snakemake"), "-n", "--quiet", "host", "--directory", tmp_path / "here"]
    command += ["--snakefile", CONFIG.parent / "Snakefile", "--configfile", own]
    done = subprocess.run(list(map(str, command)), cwd=CONFIG.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "results/mine/dataset/meta.json" in done.stdout + done.stderr
