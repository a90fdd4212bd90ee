"""Files that a preparation writes: a disk that is full names the file, and leaves nothing behind."""

import os

import numpy as np
import pytest
from netspaces.data.growing_files import ArrayFile


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_full_disk_names_the_file_and_leaves_nothing(tmp_path, monkeypatch, step):
    def full(*of):
        raise OSError(28, "No space left on device")

    path = tmp_path / "train_images.npy"
    with pytest.raises(OSError, match="No space left on device: '.*train_images.npy'"):
        with ArrayFile(path, np.uint8, (2, 3)) as file:
            if step == "write":
                file.file.close()
                file.file = type("Full", (), {"write": full, "close": full})()
            monkeypatch.setattr(os, "fsync", full)
            file.write(np.zeros((2, 3)))
            file.finish()
    assert list(tmp_path.iterdir()) == []
