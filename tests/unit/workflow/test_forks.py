"""Forked jobs are as those with a process of their own; whichever of four processes dies, nothing is left behind."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake.api  # noqa: F401  (first, since the engine's modules import each other)
from helpers.kills import ended, jobs, prepared
from helpers.patience import PATIENCE
from helpers.small_runs import comparable
from netspaces.workflow import forks
from netspaces.workflow.engine import ANALYSES, TRAINING
from snakemake.script import PythonScript

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are forked on Linux only")

ENGINE = f"""
import sys, time
sys.path.append({forks.SCRIPTS!r})
from netspaces.workflow.forks import start_server
print(start_server(sys.argv[1]).hex(), flush=True)
sys.stdin.read()
"""
WAIT = "import os, signal, sys, time\nprint(os.getpid(), os.getppid(), flush=True)\n"
UNUSUAL_IN_NOTHING = {
    "threads": 1,
    "conda_env": None,
    "container_img": None,
    "env_modules": None,
    "bench_record": None,
}
ONE_THREAD = os.environ | forks.ONE_THREAD


class Engine:
    """A process that has started a server."""

    def __init__(self, imports: Path) -> None:
        command = [sys.executable, "-c", ENGINE, str(imports)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = bytes.fromhex(self.process.stdout.readline())

    def begin(self, path: Path, code: str, **options) -> subprocess.Popen:
        """A job's script with some code, as the engine starts it."""
        path.write_text(forks.ASKING.format(forks.SCRIPTS, self.address) + code)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([sys.executable, str(path)], **pipes, **options)


@contextmanager
def engine_of(imports: Path):
    engine = Engine(imports)
    try:
        yield engine
    finally:
        engine.process.communicate(timeout=PATIENCE)


@pytest.fixture
def engine(tmp_path):
    """An engine whose server imports nothing but what it needs itself."""
    (tmp_path / "imports.py").write_text("\nwith job(snakemake): pass")
    with engine_of(tmp_path / "imports.py") as engine:
        yield engine


def numbers(script: subprocess.Popen) -> tuple[int, int]:
    """The numbers of child and server, which the child says first."""
    child, server = map(int, script.stdout.readline().split())
    assert script.pid != child
    return child, server


def state(process: int) -> str:
    """The state of a process by Linux's letter: X when it has ended, also if its parent has not yet heard of it."""
    try:
        letter = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
    return "X" if letter == "Z" else letter


def wait_until(process: int, letters: str) -> None:
    """Wait until a process is in one of some states."""
    while state(process) not in letters:
        time.sleep(0.01)


# ---- A forked job is as one of its own -------------------------------------------------------------------------------


def test_a_job_has_its_own_files_environment_folder_and_arguments(engine, tmp_path):
    code = WAIT + "print(sys.argv, os.getcwd(), os.environ, sys.stdin.read(), __name__, file=sys.stderr)"
    (tmp_path / "elsewhere").mkdir()
    given = {"ONLY": "this=\udcff", "PATH": os.environ["PATH"]}
    script = engine.begin(tmp_path / "a.py", code, env=given, cwd=tmp_path / "elsewhere", stdin=subprocess.PIPE)
    numbers(script)
    _, said = script.communicate("input", timeout=PATIENCE)
    assert script.returncode == 0
    environment = {name: value for name, value in given.items()}
    for what in (str([str(tmp_path / "a.py")]), str(tmp_path / "elsewhere"), repr(environment)[1:-1], "input __main__"):
        assert what in said


@pytest.mark.parametrize(
    "end, code, said",
    [
        ("", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('why')", 1, "why\n"),
        ("raise ValueError('why')", 1, "ValueError: why\n"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, ""),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
    ],
)
def test_a_script_ends_as_its_child_ends(engine, tmp_path, end, code, said):
    script = engine.begin(tmp_path / "a.py", WAIT + end)
    numbers(script)
    _, err = script.communicate(timeout=PATIENCE)
    assert script.returncode == code and err.endswith(said)


AT_THE_END = """
import atexit, tempfile, threading
def last(kept=tempfile.TemporaryDirectory()):
    print(len(os.listdir(kept.name)), "last")
atexit.register(last)
threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
print(last.__defaults__[0].name)
sys.exit({})
"""


@pytest.mark.parametrize("code", [0, 3])
def test_at_the_end_of_a_script_threads_are_waited_for_and_all_that_was_registered_is_done(engine, tmp_path, code):
    script = engine.begin(tmp_path / "a.py", WAIT + AT_THE_END.format(code))
    numbers(script)
    said, err = script.communicate(timeout=PATIENCE)
    folder, *lines = said.splitlines()
    assert (script.returncode, lines, err) == (code, ["thread", "0 last"], "") and not os.path.exists(folder)


def test_children_have_one_thread_and_random_numbers_of_their_own(tmp_path):
    imports = tmp_path / "imports.py"
    imports.write_text("import random\nimport numpy.random\nwith job(snakemake): pass")
    draw = "import random, numpy\nprint(random.random(), numpy.random.random(), len(os.listdir('/proc/self/task')))"
    with engine_of(imports) as engine:
        scripts = [engine.begin(tmp_path / f"{i}.py", WAIT + draw) for i in range(2)]
        drawn = [script.communicate(timeout=PATIENCE)[0].split()[2:] for script in scripts]
    (first, one, threads), (second, two, _) = drawn
    assert first != second and one != two and threads == "1"


def test_records_are_the_same_bits(tmp_path):
    train, records = Path(forks.SCRIPTS, "train.py"), []
    told = [script for name, script in jobs(prepared(tmp_path / "run")) if name == "train.py"][-1]
    given = {name: str(path) for name, path in told.input.items()}
    params = {name: str(value) if isinstance(value, Path) else value for name, value in vars(told.params).items()}
    output = [str(tmp_path / "forked.json")]
    rest = {"wildcards": told.wildcards, "log": told.log, "config": told.config, "threads": told.threads}
    preamble = f"""
from types import SimpleNamespace as namespace
print("torch" in sys.modules, file=sys.stderr)
given = type("Files", (dict,), {{"__getattr__": dict.get}})({given})
snakemake = namespace(input=given, output={output}, params=namespace(**{params}), **{rest})
"""
    with engine_of(train) as engine:
        script = engine.begin(tmp_path / "a.py", WAIT + preamble + train.read_text(), env=ONE_THREAD)
        numbers(script)
        assert script.communicate(timeout=PATIENCE) == ("", "True\n") and script.returncode == 0
    for record in (tmp_path / "run" / "runs").iterdir():
        record.unlink()  # or it would be found
    process = os.fork()
    if not process:
        runpy.run_path(str(train), {"snakemake": told})
        os._exit(0)
    assert ended(process) == 0
    for path in (*output, told.output[0]):
        records += [comparable(network["record"]) for network in json.loads(Path(path).read_text())["networks"]]
    assert len(records) == 2 and records[0] == records[1]


# ---- Signals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_reach_the_child_which_decides(engine, tmp_path, number):
    heed = f"signal.signal({int(number)}, lambda *_: sys.exit(7))\nprint('ready', flush=True)\ntime.sleep({PATIENCE})"
    # a test suite in the background ignores SIGINT, and so would the script
    heeding = {"preexec_fn": lambda: signal.signal(number, signal.SIG_DFL)}
    script = engine.begin(tmp_path / "a.py", WAIT + heed, **heeding)
    numbers(script)
    script.stdout.readline()
    script.send_signal(number)
    script.communicate(timeout=PATIENCE)
    assert script.returncode == 7


def test_a_signal_that_a_script_ignores_is_not_passed_on(engine, tmp_path):
    script = engine.begin(
        tmp_path / "a.py",
        WAIT + "sys.stdin.read()",
        stdin=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # nohup
    )
    numbers(script)
    script.send_signal(signal.SIGHUP)
    script.communicate(timeout=PATIENCE)
    assert script.returncode == 0


def test_a_suspended_script_suspends_its_child(engine, tmp_path):
    script = engine.begin(tmp_path / "a.py", WAIT + "sys.stdin.read()", stdin=subprocess.PIPE)
    child, _ = numbers(script)
    script.send_signal(signal.SIGTSTP)
    for process in (child, script.pid):
        wait_until(process, "T")
    script.send_signal(signal.SIGCONT)
    script.communicate(timeout=PATIENCE)
    assert script.returncode == 0


# ---- Each way to die -------------------------------------------------------------------------------------------------


def test_a_script_that_is_killed_takes_its_child_along_and_no_other(engine, tmp_path):
    waiting = WAIT + "sys.stdin.read()"
    one, other = (engine.begin(tmp_path / f"{i}.py", waiting, stdin=subprocess.PIPE) for i in range(2))
    (child, server), _ = numbers(one), numbers(other)
    one.kill()
    wait_until(child, "X")
    other.communicate(timeout=PATIENCE)
    assert other.returncode == 0 and state(server) != "X"
    one.communicate()


def test_without_its_server_a_script_goes_on_by_itself_once_its_child_has_ended(engine, tmp_path):
    code = f"""
import os, signal, sys, time
print(os.getpid(), os.getppid(), flush=True)
def end(*_):
    open({str(tmp_path / "checkpoint")!r}, "w").close()
    sys.exit(1)
if os.getppid() == {os.getpid()}:
    print(os.path.exists({str(tmp_path / "checkpoint")!r}))
else:
    signal.signal(signal.SIGTERM, end)
    time.sleep({PATIENCE})
"""
    script = engine.begin(tmp_path / "a.py", code)
    child, server = numbers(script)
    time.sleep(0.05)  # it has its handler
    os.kill(server, signal.SIGKILL)
    said, _ = script.communicate(timeout=PATIENCE)
    assert said == f"{script.pid} {os.getpid()}\nTrue\n" and script.returncode == 0
    wait_until(child, "X")  # its files are closed before it is gone
    late = engine.begin(tmp_path / "b.py", code)
    assert late.communicate(timeout=PATIENCE)[0] == f"{late.pid} {os.getpid()}\nTrue\n"


def test_a_script_that_was_told_to_end_does_not_go_on_without_its_server(engine, tmp_path):
    script = engine.begin(tmp_path / "a.py", WAIT + f"signal.signal(signal.SIGTERM, print)\ntime.sleep({PATIENCE})")
    child, server = numbers(script)
    os.kill(server, signal.SIGSTOP)
    script.send_signal(signal.SIGTERM)
    time.sleep(0.05)  # it has passed the signal on
    os.kill(child, signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    assert script.communicate(timeout=PATIENCE) == ("", "") and script.returncode == -signal.SIGTERM


@pytest.mark.parametrize("importing", [False, True])
def test_an_engine_that_is_killed_leaves_nothing_behind(tmp_path, importing):
    imports = tmp_path / "imports.py"
    imports.write_text(
        "import time; time.sleep(0.5)\nwith job(snakemake): pass" if importing else "\nwith job(snakemake)"
    )
    engine = Engine(imports)
    script = engine.begin(tmp_path / "a.py", WAIT + f"time.sleep({PATIENCE})")
    if not importing:
        processes = numbers(script)
    engine.process.kill()
    script.communicate(timeout=PATIENCE)
    assert script.returncode == -signal.SIGTERM
    if not importing:
        for process in processes:
            wait_until(process, "X")
    engine.process.communicate(timeout=PATIENCE)


def test_imports_that_start_a_thread_leave_scripts_to_themselves(tmp_path):
    imports = tmp_path / "imports.py"
    imports.write_text(
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()\nwith job(snakemake)"
    )
    with engine_of(imports) as engine:
        script = engine.begin(tmp_path / "a.py", "import os; print(os.getpid())")
        assert script.communicate(timeout=PATIENCE) == (f"{script.pid}\n", "")


# ---- Which jobs are forked -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, forked",
    [
        ({}, True),
        ({"path": "elsewhere/train.py"}, False),
        ({"path": str(Path(forks.SCRIPTS, "figure.py"))}, True),
        ({"path": str(Path(forks.SCRIPTS, "plan.py"))}, False),
        ({"threads": 2}, False),
        ({"conda_env": "env"}, False),
        ({"container_img": "image"}, False),
        ({"env_modules": ["torch"]}, False),
        ({"bench_record": "record"}, False),
    ],
)
def test_jobs_of_one_thread_in_the_engine_s_environment_are_forked(monkeypatch, given, forked):
    monkeypatch.setattr(PythonScript, "get_preamble", lambda script: "preamble")
    monkeypatch.setattr(forks, "start_server", lambda script: b"\0address")
    forks.fork_jobs(TRAINING, ANALYSES)
    usual = {
        "path": str(Path(forks.SCRIPTS, "train.py")),
        "threads": 1,
        "conda_env": None,
        "container_img": None,
        "env_modules": None,
    }
    script = SimpleNamespace(**usual | {"bench_record": None} | given)
    path = script.path
    script.path = SimpleNamespace(get_path_or_uri=lambda secret_free: path)
    expected = [forks.ASKING.format(forks.SCRIPTS, b"\0address") + "preamble"] if forked else ["preamble"]
    assert [PythonScript.get_preamble(script)] == expected


def test_each_group_of_scripts_has_one_server_with_the_imports_of_its_first(monkeypatch):
    started: list[str] = []
    monkeypatch.setattr(PythonScript, "get_preamble", lambda script: "")
    monkeypatch.setattr(forks, "start_server", cache(lambda script: started.append(script) or b"%d" % len(started)))
    forks.fork_jobs(TRAINING, ANALYSES)
    scripts = [*ANALYSES, *TRAINING, *ANALYSES]
    for name in scripts:
        path = SimpleNamespace(get_path_or_uri=lambda secret_free, name=name: str(Path(forks.SCRIPTS, name)))
        assert PythonScript.get_preamble(SimpleNamespace(path=path, **UNUSUAL_IN_NOTHING))
    assert started == [str(Path(forks.SCRIPTS, first)) for first in (ANALYSES[0], TRAINING[0])]


@pytest.mark.parametrize("group", [TRAINING, ANALYSES])
def test_what_a_server_imports_starts_no_thread_and_is_most_of_what_its_scripts_import(tmp_path, group):
    code = "print(len(os.listdir('/proc/self/task')), len(sys.modules))\n"
    heads = [Path(forks.SCRIPTS, name).read_text().partition("\nwith job(snakemake)")[0] for name in group]
    assert len(set(heads)) == len(group)
    with engine_of(Path(forks.SCRIPTS, group[0])) as engine:
        for name, head in zip(group, heads, strict=True):
            script = engine.begin(tmp_path / name, WAIT + code + head + "\nprint(len(sys.modules))", env=ONE_THREAD)
            said, complaint = script.communicate(timeout=PATIENCE)
            assert not complaint
            child, _, threads, before, after = map(int, said.split())
            assert child != script.pid and threads == 1
            assert name == "train_final.py" or after - before < before / 8
