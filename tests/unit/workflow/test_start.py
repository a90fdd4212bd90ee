"""What is checked once, before the first job."""

from types import SimpleNamespace

import pytest
from helpers.configurations import CONFIG
from helpers.makes import run_make
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.configuration.yaml_files import read_yaml
from netspaces.workflow import plan, start
from netspaces.workflow.gpus import Gpu, NoGpu
from netspaces.workflow.paths import Paths
from netspaces.workflow.start import check_gpus, check_interpreter, check_targets, trained_in

SMALL = {"device": "cuda", "population_size": 2}


@pytest.fixture
def no_gpu(monkeypatch) -> None:
    def none() -> list[Gpu]:
        raise NoGpu("this machine has no GPU")

    monkeypatch.setattr(start, "visible_gpus", none)


def jobs(*names: str) -> set[str]:
    """What the engine's jobs train: two populations, and one job of another rule."""
    rule, other = SimpleNamespace(name="train"), SimpleNamespace(name="collect")
    trained = [SimpleNamespace(rule=rule, wildcards=SimpleNamespace(population=name)) for name in names]
    return trained_in([*trained, SimpleNamespace(rule=other, wildcards=SimpleNamespace())])


def test_a_gpu_is_missed_once_before_the_first_job(tmp_path, no_gpu):
    with pytest.raises(ConfigError) as error:
        check_gpus(load(SMALL, CONFIG), Paths(str(tmp_path)), jobs("RegNetX-base-short", "AnyNetX_A-base-short"))
    expected = "device: got cuda, but this machine has no GPU, and 4 networks are to be trained; expected a GPU, or "
    assert str(error.value) == f"{expected}device: cpu"


def test_jobs_that_only_need_records_go_on_without_a_gpu(tmp_path, no_gpu, monkeypatch):
    monkeypatch.setattr(plan, "keys_of", lambda *_: ["known", "known"])
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "known.json").touch()
    check_gpus(load(SMALL, CONFIG), Paths(str(tmp_path)), jobs("RegNetX-base-short"))
    check_gpus(load(SMALL, CONFIG), Paths(str(tmp_path / "other")), jobs())


@pytest.mark.parametrize("limit, said", [(None, "3 jobs"), (2, "2 jobs"), (1, "1 job"), (16, "3 jobs")])
def test_where_there_are_gpus_jobs_are_told_which(tmp_path, monkeypatch, capsys, limit, said):
    monkeypatch.setattr(start, "visible_gpus", lambda: [Gpu(f"GPU-{i}", i, "NVIDIA H100") for i in (1, 4, 6)])
    check_gpus(load(SMALL, CONFIG), Paths(str(tmp_path)), jobs("RegNetX-base-short"), limit)
    assert capsys.readouterr().err == f"3 GPUs (NVIDIA H100: 1, 4, 6), {said} at a time, one on each\n"


def test_studies_that_a_chapter_is_made_without_are_named_at_the_start(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(start, "note_run", lambda *of, **options: None)
    configuration = load(read_yaml(CONFIG / "presets" / "cifar10.yaml"), CONFIG)
    made_with = SimpleNamespace(remember=lambda rules: None)

    def said(target: str) -> str:
        dag = SimpleNamespace(jobs=[SimpleNamespace(rule=SimpleNamespace(name=target))])
        workflow = SimpleNamespace(dag=dag, is_main_process=True, local_exec=False)
        start.before_jobs(workflow, configuration, Paths(str(tmp_path)), made_with)
        return capsys.readouterr().err

    assert said("critics").endswith("strides for them: second_data, order_holds_second_data\n")
    assert said("section_3") == ""


def test_plan_is_asked_for_alone():
    check_targets(["plan"])
    check_targets(["train", "collect"])
    with pytest.raises(ConfigError, match="plan: got jobs of fig09_regnet beside it, which would be run"):
        check_targets(iter(["plan", "fig09_regnet", "train"]))


@pytest.mark.parametrize("folder", ["my dir", "a(b)", "a&b", "a'b", "a$b"])
def test_a_python_that_a_shell_would_not_find_is_refused_in_one_line(folder):
    check_interpreter("/home/me/netspaces-1.0/.venv/bin/python")
    with pytest.raises(ConfigError, match="jobs cannot be started with a Python in a folder with a space") as error:
        check_interpreter(f"/home/{folder}/.venv/bin/python")
    assert len(str(error.value).splitlines()) == 1


def test_make_refuses_a_folder_with_a_space_in_one_line(tmp_path):
    folder = tmp_path / "my dir"
    folder.mkdir()
    (folder / "Makefile").write_bytes((CONFIG.parent / "Makefile").read_bytes())
    done = run_make("-n", folder=folder)
    assert done.returncode and not done.stdout
    message = done.stderr.splitlines()
    assert len(message) == 1 and f'has a space in its name, "{folder}": move it' in message[0]
    assert run_make("-n").returncode == 0


def test_a_full_disk_is_one_line_before_the_first_job(tmp_path, monkeypatch):
    def full(*of, **options):
        raise OSError(28, "No space left on device", "results/digits/configuration.yaml")

    monkeypatch.setattr(start, "note_run", full)
    workflow = SimpleNamespace(dag=SimpleNamespace(jobs=[]), is_main_process=False)
    made_with = SimpleNamespace(remember=lambda rules: None)
    configuration = load({}, CONFIG)
    for call in (
        lambda: start.before_jobs(workflow, configuration, Paths(str(tmp_path)), made_with),
        lambda: start.after_jobs(workflow, configuration, Paths(str(tmp_path))),
    ):
        with pytest.raises(SystemExit) as end:
            call()
        assert str(end.value) == "error: [Errno 28] No space left on device: 'results/digits/configuration.yaml'"
