"""Torchvision's weights on folders of images: labels, errors, files, and what the tables make of them."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from helpers.documentation import DICTIONARY, named
from helpers.published_studies import PUBLISHED
from helpers.strategies import published
from netspaces.data.torchvision_import import import_torchvision
from netspaces.files.safe import read_json
from netspaces.networks.modules import Network
from netspaces.published.evaluation import errors_on, evaluate_model, network_of, paper_sizes, weights_file
from netspaces.published.torchvision_weights import NAMES
from netspaces.studies.models import EVALUATED, evaluation_note, evaluation_table
from PIL import Image
from statsmodels.stats.proportion import proportion_confint
from torch import nn

MODEL = "RegNetX-400MF"
MODELS_FILE = PUBLISHED / "models.csv"
SCRIPTS = Path(__file__).parents[3] / "scripts"


def image_folder(folder: Path, values: dict[str, list[int]]) -> Path:
    """A folder of grey images per class, each all of one value."""
    for name, greys in values.items():
        (folder / name).mkdir(parents=True)
        for i, grey in enumerate(greys):
            Image.fromarray(np.full((40, 48, 3), grey, np.uint8)).save(folder / name / f"{i}.png")
    return folder


class Reader(nn.Module):
    """Takes an image of value 20 k for class k, of 20 classes."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        seen = (images.mean((1, 2, 3)) * 255 / 20).round().long()
        return nn.functional.one_hot(seen, 20).float()


def transform(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.asarray(image) / 255.0).permute(2, 0, 1)


def settings(tmp_path: Path, **more) -> dict:
    """An evaluation with random weights of the model under the name that torchvision's have."""
    torchvision = import_torchvision()
    url = torchvision.models.get_model_weights(NAMES[MODEL]).IMAGENET1K_V1.url
    torch.manual_seed(0)
    network = torchvision.models.get_model(NAMES[MODEL])
    (tmp_path / "weights").mkdir()
    torch.save(network.state_dict(), tmp_path / "weights" / url.rpartition("/")[2])
    folders = {
        "imagenet": str(image_folder(tmp_path / "val", {"n01440764": [0, 20], "n01443537": [90, 200]})),
        "imagenetv2": str(image_folder(tmp_path / "v2", {name: [100] for name in ("0", "1", "10", "2")})),
    }
    return {"weights": str(tmp_path / "weights")} | folders | more


# ---- Labels and errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [{"dog": 0, "emu": 1, "fox": 2}, {"0": 0, "1": 1, "2": 2, "10": 10}])
def test_classes_are_numbered_in_alphabetical_order_or_by_number(names, tmp_path):
    folder = image_folder(tmp_path, {name: [20 * k] * 2 for name, k in names.items()})
    found = errors_on(Reader(), str(folder), "x", transform, "cpu")
    assert found == {"images": 2 * len(names), "error": 0.0, "top5_error": 0.0}


def test_errors_count_wrong_images(tmp_path):
    folder = image_folder(tmp_path, {"a": [0, 200], "b": [20, 200], "c": [40]})
    found = errors_on(Reader(), str(folder), "x", transform, "cpu")
    assert found["images"] == 5 and found["error"] == pytest.approx(40)
    assert found["top5_error"] <= found["error"]


def test_hidden_folders_are_no_classes_and_links_that_lead_back_are_refused(tmp_path, capsys):
    folder = image_folder(tmp_path / "val", {"a": [0], "b": [20], ".thumbnails": [40]})
    assert errors_on(Reader(), str(folder), "x", transform, "cpu")["error"] == 0
    assert capsys.readouterr().out == f"x: 2 files in 2 folders of {folder}, left out 1 hidden folders\n"
    (folder / "a" / "up").symlink_to("..")
    with pytest.raises(ValueError, match=f"x: {folder}/a/up: the same folder as {folder}, whose images would count"):
        errors_on(Reader(), str(folder), "x", transform, "cpu")


def test_wrong_folders_are_named(tmp_path):
    with pytest.raises(ValueError, match="evaluation.imagenet: .*nowhere"):
        errors_on(Reader(), str(tmp_path / "nowhere"), "evaluation.imagenet", transform, "cpu")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="x: .*empty: 0 folders, one per class, expected some"):
        errors_on(Reader(), str(tmp_path / "empty"), "x", transform, "cpu")
    folder = str(image_folder(tmp_path / "large", {"3": [0], "20": [0]}))
    with pytest.raises(ValueError, match="has a class 20, expected below 20"):
        errors_on(Reader(), folder, "x", transform, "cpu")


# ---- Models ----------------------------------------------------------------------------------------------------------


def test_every_name_is_a_published_model_and_a_model_of_torchvision():
    models = import_torchvision().models
    assert set(NAMES) <= set(published()) and set(NAMES.values()) <= set(models.list_models())
    assert all("IMAGENET1K_V1" in models.get_model_weights(name).__members__ for name in NAMES.values())


def test_the_paper_tests_at_256_and_224_pixels_but_for_larger_efficientnets():
    sizes = {model: paper_sizes(MODELS_FILE, model) for model in NAMES}
    assert sizes.pop("EfficientNet-B5") == (522, 456)
    assert {size for model, size in sizes.items() if not model.startswith("Eff")} == {(256, 224)}


def test_a_model_is_evaluated_from_files_to_table(tmp_path):
    given = settings(tmp_path)
    params = SimpleNamespace(settings=given, device="cpu")
    snakemake = SimpleNamespace(
        input=[MODELS_FILE],
        output=[tmp_path / f"{MODEL}.json"],
        log=[tmp_path / "log"],
        config={},
        threads=1,
        params=params,
        wildcards=SimpleNamespace(model=MODEL),
    )
    runpy.run_path(str(SCRIPTS / "evaluate_published.py"), {"snakemake": snakemake})
    result = read_json(snakemake.output[0], "an evaluated model")
    assert (result["torchvision"], result["version"]) == ("regnet_x_400mf", "IMAGENET1K_V1")
    assert (result["resize"], result["crop"], result["sets"]["imagenet"]["images"]) == (256, 224, 4)
    assert result["network"] == "ours"
    assert {*result, *result["sets"]["imagenet"], *result["sets"]} <= named(DICTIONARY, "Published models")
    table = evaluation_table([snakemake.output[0]], 0.9)
    assert list(table) == EVALUATED and set(table) <= named(DICTIONARY, "Published models")
    row = table.iloc[0]
    assert row["imagenet_error"] == result["sets"]["imagenet"]["error"] and row["imagenetv2_images"] == 4
    wrong = round(row["imagenetv2_error"] / 25)
    expected = proportion_confint(wrong, 4, 0.1, method="wilson")
    assert (row["imagenetv2_low"] / 100, row["imagenetv2_high"] / 100) == pytest.approx(expected)
    assert "IMAGENET1K_V1 on 4 images" in evaluation_note(table) and "256/224" in evaluation_note(table)


@pytest.mark.parametrize(
    ("model", "code"),
    [("RegNetY-800MF", "ours"), ("ResNet-50", "ours"), ("ResNeXt-50", "ours"), ("EfficientNet-B0", "torchvision's")],
)
def test_weights_are_those_of_our_networks_where_ours_are_the_same(model, code):
    theirs = import_torchvision().models.get_model(NAMES[model]).eval()
    network, whose = network_of(model, theirs.state_dict(), MODELS_FILE)
    assert whose == code and isinstance(network, Network) == (code == "ours")
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(network.eval()(images), theirs(images), rtol=1e-4, atol=1e-6)


def test_sizes_and_versions_as_configured(tmp_path):
    given = settings(tmp_path, transforms="weights")
    del given["imagenetv2"]
    result = evaluate_model(MODEL, given, MODELS_FILE, "cpu")
    assert (result["resize"], result["crop"], list(result["sets"])) == (256, 224, ["imagenet"])
    with pytest.raises(ValueError, match="regnet_x_400mf has no V3, expected one of IMAGENET1K_V1"):
        evaluate_model(MODEL, given | {"version": "V3"}, MODELS_FILE, "cpu")


def test_missing_weights_are_named_unless_they_may_be_fetched(tmp_path, monkeypatch):
    url = "https://example.org/models/weights-abc.pth"
    with pytest.raises(ValueError, match="has no weights-abc.pth; put https://example.org/.* there"):
        weights_file({"weights": str(tmp_path)}, url)
    fetched = []
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *args, **options: fetched.append((args, options)))
    assert weights_file({"weights": str(tmp_path), "download": True}, url) == tmp_path / "weights-abc.pth"
    assert fetched[0][0] == (url, str(tmp_path)) and fetched[0][1]["check_hash"]


def test_without_configuration_the_table_is_empty_and_the_note_says_how_to_fill_it():
    table = evaluation_table([], 0.95)
    assert list(table) == EVALUATED and table.empty
    assert "evaluation (weights, imagenetv2)" in evaluation_note(pd.DataFrame(columns=EVALUATED), "imagenetv2")
