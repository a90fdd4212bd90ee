"""Which GPUs jobs may use: by a fake nvidia-smi, by device files, and by CUDA_VISIBLE_DEVICES."""

import pytest
from helpers.fake_gpus import fake_program, listing
from netspaces.workflow import gpus
from netspaces.workflow.gpus import Gpu, NoGpu, choose, describe, has_gpu, parse_list, visible_gpus

EIGHT = [f"GPU-{number}aaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" for number in range(8)]
DIVIDED = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 1g.5gb      Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-c9e3b6f4-2d0a-3c51-a1c2-6a0a9f1f7d11)
Unable to determine the device handle for GPU 0000:41:00.0: Unknown Error
GPU 3: NVIDIA A30 (UUID: GPU-7e1f0f0e-8a44-4d2c-9f35-0c6f0d9a7a52)
  MIG 1g.6gb Device 0: (UUID: MIG-GPU-7e1f0f0e-8a44-4d2c-9f35-0c6f0d9a7a52/3/0)
"""
SLICES = ["MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", "MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb"]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine without GPUs; what it is called with puts them there."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(gpus, "NUMBERED", str(tmp_path / "nvidia[0-9]*"))
    monkeypatch.setattr(gpus, "UNCOUNTED", (str(tmp_path / "kfd"),))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    def equip(text: str = "", files: tuple[str, ...] = (), visible: str | None = None, **program) -> list[str]:
        fake_program(tmp_path / "bin", text, **program)
        for name in files:
            (tmp_path / name).touch()
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        return [gpu.id for gpu in visible_gpus()]

    return equip


def test_nvidia_smi_lists_them(machine):
    assert machine(listing(EIGHT)) == EIGHT and has_gpu()


def test_three_of_eight_are_visible_by_number_and_by_uuid(machine):
    assert machine(listing(EIGHT), visible="5,GPU-2aaaaaaa, 7") == [EIGHT[5], EIGHT[2], EIGHT[7]]


@pytest.mark.parametrize("hidden", ["", "-1", "NoDevFiles"])
def test_all_may_be_hidden(machine, hidden):
    with pytest.raises(NoGpu, match=f"CUDA_VISIBLE_DEVICES={hidden} hides all GPUs"):
        machine(listing(EIGHT), visible=hidden)


@pytest.mark.parametrize(
    "visible, why",
    [
        ("0,8", "names 8, which is none of the GPUs 0, 1, 2, 3, 4, 5, 6, 7"),
        ("GPU-9", "names GPU-9, which is none"),
        ("GPU-", "names GPU-, which is none"),
        ("all", "names all, which is none"),
        ("0,,1", "names nothing, which is none"),
        ("0,3,GPU-3", "names a GPU twice"),
    ],
)
def test_what_names_none_or_one_twice_is_refused_in_one_line(machine, visible, why):
    with pytest.raises(NoGpu) as error:
        machine(listing(EIGHT), visible=visible)
    assert f"CUDA_VISIBLE_DEVICES={visible} {why}" in str(error.value) and "\n" not in str(error.value)


def test_slices_stand_for_the_gpu_that_is_divided(machine):
    old = "MIG-GPU-7e1f0f0e-8a44-4d2c-9f35-0c6f0d9a7a52/3/0"
    assert machine(DIVIDED) == [*SLICES, "GPU-c9e3b6f4-2d0a-3c51-a1c2-6a0a9f1f7d11", old]
    assert machine(DIVIDED, visible="0") == machine(DIVIDED, visible="GPU-5d5ba0d6") == SLICES
    assert machine(DIVIDED, visible="MIG-cba663e8") == [SLICES[1]]
    assert machine(DIVIDED, visible=old) == [old]


def test_unequal_gpus_and_slices_are_described():
    assert describe(parse_list(DIVIDED)) == (
        "4 GPUs (MIG 3g.20gb of NVIDIA A100-SXM4-40GB: 0; MIG 1g.5gb of NVIDIA A100-SXM4-40GB: 0; "
        "NVIDIA A100-SXM4-40GB: 1; MIG 1g.6gb of NVIDIA A30: 3)"
    )
    assert describe(parse_list(listing(EIGHT[:1]))) == "1 GPU (NVIDIA H100 80GB HBM3: 0)"


@pytest.mark.parametrize("program", [{"code": 9}, {"text": "No devices were found\n"}, {"text": "\udcff \x00"}])
def test_device_files_are_counted_where_it_lists_none(machine, program):
    files = ("nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm", "kfd")
    text = program.pop("text", "").encode(errors="replace").decode()
    assert machine(text, files=files, **program) == ["0", "1"]
    assert machine(text, files=files, visible="1", **program) == ["1"]
    assert machine(text, files=files, visible="GPU-1,GPU-2", **program) == ["GPU-1", "GPU-2"]
    with pytest.raises(NoGpu, match="names 2"):
        machine(text, files=files, visible="0,2", **program)


def test_device_files_are_counted_where_nvidia_smi_is_missing(machine, monkeypatch):
    machine(files=("nvidia0",))
    monkeypatch.setenv("PATH", "/nowhere")
    assert visible_gpus() == [Gpu("0", 0, "NVIDIA")]


def test_one_that_hangs_is_not_waited_for(machine, monkeypatch):
    monkeypatch.setattr(gpus, "PATIENCE", 0.2)
    assert machine(listing(EIGHT), files=("nvidia0",), before="exec sleep 6000") == ["0"]


def test_gpus_of_other_makers_count_as_one_that_is_left_as_it_is(machine):
    assert machine(files=("kfd",)) == [""]
    with pytest.raises(NoGpu, match="hides all GPUs"):
        machine(files=("kfd",), visible="")


def test_a_machine_without_any(machine):
    with pytest.raises(NoGpu, match=r"^this machine has no GPU$"):
        machine()
    assert not has_gpu()


def test_choosing_keeps_the_order():
    listed = parse_list(listing(EIGHT))
    assert choose("3,1", listed) == [listed[3], listed[1]]
