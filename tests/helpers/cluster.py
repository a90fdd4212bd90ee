"""A real SLURM cluster on this machine, for tests: controller, accounting database, two nodes with two fake GPUs each.

    python tests/helpers/cluster.py up [--no-accounting]    install what is missing, start what is not running
    python tests/helpers/cluster.py status                  one line per daemon
    python tests/helpers/cluster.py down                    cancel all jobs, stop what was started here, by pid

Needs Debian and root, but neither systemd, cgroups nor a GPU. Its configuration has to be /etc/slurm: inside a job the
executor drops SLURM_CONF. A file there that is not from here is left alone and `up` refuses.
"""

import argparse
import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ETC, LOGS = Path("/etc/slurm"), Path("/var/log/slurm")
STATE = Path("/var/lib/netspaces-slurm")  # database, spools, pid files
RUN = STATE / "run"
SIGNED = "# written by tests/helpers/cluster.py"
NODES = ("node1", "node2")
CPUS, MEMORY_MB = 16, 16000  # claimed per node, more than the machine has
CONTROLLER_PORT, ACCOUNTING_PORT, DATABASE_PORT, NODE_PORT = 17817, 17819, 17820, 17831
PACKAGES = ["munge", "slurmctld", "slurmd", "slurm-client"]
ACCOUNTING_PACKAGES = ["slurmdbd", "slurm-wlm-mysql-plugin", "mariadb-server"]
PATIENCE = 3600.0  # seconds: longer than a daemon or a job takes on a busy machine

# One line per GPU and any character device for it; a count alone is not honoured
GRES = "".join(
    f"NodeName={','.join(NODES)} Name=gpu Type=fake File={device}\n" for device in ("/dev/full", "/dev/zero")
)

# slurmd loads a cgroup plugin even where nothing uses it; this one looks for the mount only when it is used
CGROUP = "CgroupPlugin=cgroup/v1\n"

# Without cgroups a process whose parent has died escapes its job: end what is left of a job on its node
EPILOG = """#!/bin/sh
for environ in $(grep -lzxs "SLURM_JOB_ID=$SLURM_JOB_ID" /proc/[0-9]*/environ); do
    grep -qzxs "SLURMD_NODENAME=$SLURMD_NODENAME" "$environ" || continue
    grep -qzs '^SLURM_SCRIPT_CONTEXT=' "$environ" && continue # this script
    pid=${environ#/proc/}
    kill -9 "${pid%/environ}"
done 2>/dev/null
exit 0
"""

SLURM = f"""
ClusterName=netspaces
SlurmctldPort={CONTROLLER_PORT}
SlurmUser=slurm
StateSaveLocation={STATE}/controller
SlurmdSpoolDir={STATE}/spool-%n
SlurmctldPidFile={RUN}/slurmctld.pid
SlurmdPidFile={RUN}/%n.pid
SlurmctldLogFile={LOGS}/slurmctld.log
SlurmdLogFile={LOGS}/%n.log
MailProg=/bin/true
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
Epilog={STATE}/epilog
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=UsePss,OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
DefMemPerCPU=1000
EnforcePartLimits=ALL
AuthInfo=cred_expire=5
SchedulerParameters=sched_interval=5,bf_interval=2,batch_sched_delay=0
KillWait=5
SlurmdTimeout=20
ReturnToService=2
MinJobAge=300
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=DEFAULT Nodes=ALL DefaultTime=10 MaxTime=1-0 State=UP PriorityTier=1 PreemptMode=OFF
PartitionName=cpu Default=YES
PartitionName=gpu
PartitionName=low PreemptMode=REQUEUE
PartitionName=spot PreemptMode=CANCEL
PartitionName=high PriorityTier=10
"""

ACCOUNTING = f"""
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={ACCOUNTING_PORT}
AccountingStorageTRES=gres/gpu
AccountingStoreFlags=job_comment
"""

DATABASE_DAEMON = f"""
AuthType=auth/munge
SlurmUser=slurm
DbdAddr=127.0.0.1
DbdPort={ACCOUNTING_PORT}
LogFile={LOGS}/slurmdbd.log
PidFile={RUN}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={DATABASE_PORT}
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
"""


class ClusterError(RuntimeError):
    """The cluster cannot be brought up here; the message says why."""


def output(*command: str | Path, **options) -> str:
    """What a command prints; raises ClusterError with its last words if it fails."""
    done = subprocess.run(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, **options
    )
    if done.returncode:
        raise ClusterError(f"{' '.join(map(str, command))}: {done.stdout.strip()[-2000:]}")
    return done.stdout


def succeeds(*command: str | Path) -> bool:
    return (
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE).returncode == 0
    )


def wait_until(ready: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait for something, looking five times a second; raises ClusterError after `seconds`."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise ClusterError(f"{what}: not after {seconds:.0f} s")
        time.sleep(0.2)


@dataclass
class Daemon:
    """A process known by its pid file."""

    name: str  # of the pid file
    program: str
    start: Callable[[], object] = field(repr=False)
    ready: Callable[[], bool] = field(repr=False, default=lambda: True)

    @property
    def pid(self) -> int | None:
        """Its process id, if it lives."""
        try:
            pid = int((RUN / f"{self.name}.pid").read_text())
            state = Path(f"/proc/{pid}/stat").read_text()
        except (OSError, ValueError):
            return None
        return pid if f"({self.program}) " in state and ") Z " not in state else None

    def up(self) -> None:
        if self.pid is None:
            (RUN / f"{self.name}.pid").unlink(missing_ok=True)
            self.start()
            wait_until(lambda: self.pid, f"start of {self.name}")
        wait_until(self.ready, f"{self.name} ready")

    def kill(self, number: int) -> None:
        """Send a signal and wait for the end."""
        if (pid := self.pid) is not None:
            os.kill(pid, number)
            wait_until(lambda: self.pid is None, f"end of {self.name}", 20)

    def down(self) -> None:
        try:
            self.kill(15)
        except ClusterError:
            self.kill(9)


def check_ours(path: Path) -> None:
    """Refuse a configuration file that is somebody else's."""
    if path.exists() and SIGNED not in path.read_text():
        raise ClusterError(f"{path} is not from this script; move it away first")


def write(path: Path, content: str, owner: str = "root", mode: int = 0o644) -> None:
    """Write a configuration file, unless it is somebody else's."""
    check_ours(path)
    first, _, rest = content.partition("\n")
    path.write_text(f"{first}\n{SIGNED}\n{rest}" if first.startswith("#!") else f"{SIGNED}\n{content}")
    path.chmod(mode)
    shutil.chown(path, owner, owner)


def folder(path: Path, owner: str = "root", mode: int = 0o755) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    shutil.chown(path, owner, owner)


def background(*command: str, pid_file: str) -> None:
    """Start a program that does not put itself into the background."""
    with open(STATE / f"{pid_file}.log", "a") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (RUN / f"{pid_file}.pid").write_text(str(process.pid))


class Cluster:
    """The cluster; `up` and `down` may be repeated, `up` repairs what a test has killed."""

    def __init__(self, accounting: bool = True) -> None:
        self.accounting = accounting
        self.controller = Daemon(
            "slurmctld", "slurmctld", lambda: output("slurmctld"), lambda: succeeds("scontrol", "ping")
        )
        self.nodes = {name: Daemon(name, "slurmd", lambda name=name: output("slurmd", "-N", name)) for name in NODES}
        munge = Daemon("munged", "munged", self._start_munge, lambda: succeeds("munge", "-n"))
        database = Daemon("mariadbd", "mariadbd", self._start_database, lambda: succeeds(*self._sql, "SELECT 1"))
        accounts = Daemon(
            "slurmdbd", "slurmdbd", self._start_accounting, lambda: succeeds("sacctmgr", "-n", "show", "cluster")
        )
        self.daemons = [munge, *([database, accounts] if accounting else []), self.controller, *self.nodes.values()]

    _sql = ("mariadb", "--no-defaults", f"--socket={STATE}/database/socket", "-e")

    def up(self) -> None:
        """Install, configure, start, and wait until every node takes jobs; raises ClusterError where that cannot be."""
        if os.geteuid() != 0:
            raise ClusterError("a cluster of its own takes root")
        check_ours(ETC / "slurm.conf")
        try:
            with self._alone():
                self._install()
                self._configure()
                self._start()
        except ClusterError:
            self.down()
            raise

    def _start(self) -> None:
        for daemon in self.daemons:
            if daemon.name != "munged" or not succeeds("munge", "-n"):  # somebody else's will do
                daemon.up()
        self.wait_for_nodes()
        if self.accounting:
            for what in (["account", "lab"], ["user", "root", "account=lab"]):
                succeeds("sacctmgr", "-inQ", "add", *what)

    def down(self) -> None:
        """Cancel all jobs, stop the daemons, remove the configuration: with it every snakemake start would wait."""
        with self._alone():
            if self.controller.pid and succeeds("scontrol", "ping"):
                for node in self.nodes.values():  # jobs outlive their slurmd: it has to end them
                    node.up()
                succeeds("scancel", "--user=root")
                wait_until(lambda: not output("squeue", "-h"), "end of all jobs")
            for daemon in reversed(Cluster().daemons):
                daemon.down()
            for path in ETC.glob("*.conf"):
                if path.name != "plugstack.conf" and SIGNED in path.read_text():
                    path.unlink()

    def wait_for_nodes(self) -> None:
        """Wait until every node takes jobs, one that has failed too."""
        wait_until(self.resume_nodes, "nodes that take jobs")

    def restart_controller(self) -> None:
        """Kill the controller; a new one takes over its jobs."""
        self.controller.kill(9)
        self.controller.up()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One caller at a time."""
        for path in (STATE, RUN):
            folder(path)
        with open(STATE / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _install(self) -> None:
        wanted = PACKAGES + (ACCOUNTING_PACKAGES if self.accounting else [])
        missing = [name for name in wanted if not Path(f"/var/lib/dpkg/info/{name}.list").exists()]
        if not missing:
            return
        if not shutil.which("apt-get"):
            raise ClusterError(f"no apt-get to install {', '.join(missing)}")
        policy = Path("/usr/sbin/policy-rc.d")  # packages must not start daemons of their own
        own = not policy.exists()
        if own:
            policy.write_text("#!/bin/sh\nexit 101\n")
            policy.chmod(0o755)
        try:
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            output("apt-get", "update", "-q", env=quiet)
            output("apt-get", "install", "-qy", "--no-install-recommends", *missing, env=quiet)
        finally:
            if own:
                policy.unlink()

    def _configure(self) -> None:
        host = socket.gethostname().split(".")[0]
        folder(ETC)
        for path in (LOGS, STATE / "controller"):
            folder(path, "slurm")
        nodes = "".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={NODE_PORT + number} CPUs={CPUS} "
            f"RealMemory={MEMORY_MB} Gres=gpu:fake:2 Feature=only_{name} State=UNKNOWN\n"
            for number, name in enumerate(NODES)
        )
        accounting = ACCOUNTING if self.accounting else "AccountingStorageType=accounting_storage/none\n"
        partitions = SLURM.index("PartitionName=DEFAULT")
        text = f"SlurmctldHost={host}(127.0.0.1)" + SLURM[:partitions] + accounting + nodes + SLURM[partitions:]
        changed = not (ETC / "slurm.conf").exists() or text not in (ETC / "slurm.conf").read_text()
        if changed:
            for daemon in reversed([self.controller, *self.nodes.values()]):
                daemon.down()
        write(ETC / "slurm.conf", text)
        write(ETC / "gres.conf", GRES)
        write(ETC / "cgroup.conf", CGROUP)
        write(STATE / "epilog", EPILOG, mode=0o755)
        if self.accounting:
            write(ETC / "slurmdbd.conf", f"DbdHost={host}{DATABASE_DAEMON}", "slurm", 0o600)

    def resume_nodes(self) -> bool:
        """Whether every node takes jobs; one that is down is told that it may, and may have come back by itself."""
        states = dict(line.split() for line in output("sinfo", "-h", "-N", "-p", "cpu", "-o", "%N %t").splitlines())
        for name, state in states.items():
            if state.startswith(("down", "drain", "inval")):
                succeeds("scontrol", "update", f"nodename={name}", "state=resume")
        return len(states) == len(NODES) and set(states.values()) <= {"idle", "mix", "alloc", "comp", "plnd"}

    @staticmethod
    def _start_munge() -> None:
        folder(Path("/run/munge"), "munge")
        if not Path("/etc/munge/munge.key").exists():
            output("runuser", "-u", "munge", "--", "mungekey", "--create")
        pid_file = Path("/run/munge/munged.pid")
        pid_file.unlink(missing_ok=True)
        output("runuser", "-u", "munge", "--", "munged", "--force", f"--pid-file={pid_file}")
        wait_until(pid_file.exists, "start of munged")
        (RUN / "munged.pid").write_text(pid_file.read_text())

    @staticmethod
    def _start_database() -> None:
        data = STATE / "database"
        if not (data / "mysql").exists():
            folder(data, "mysql", 0o700)
            once = ["--force", "--skip-test-db", "--auth-root-authentication-method=socket"]
            output("mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}", *once)
        where = [f"--datadir={data}", f"--socket={data}/socket", f"--pid-file={data}/pid"]
        network = ["--bind-address=127.0.0.1", f"--port={DATABASE_PORT}", "--skip-name-resolve"]
        small = ["--skip-log-bin", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0"]
        background("mariadbd", "--no-defaults", "--user=mysql", *where, *network, *small, pid_file="mariadbd")

    def _start_accounting(self) -> None:
        user = "slurm@127.0.0.1"
        output(*self._sql, f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY 'slurm'")
        output(*self._sql, "CREATE DATABASE IF NOT EXISTS slurm_acct_db")
        output(*self._sql, f"GRANT ALL ON slurm_acct_db.* TO {user}")
        output("slurmdbd")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["up", "down", "status"])
    parser.add_argument("--no-accounting", action="store_true")
    arguments = parser.parse_args()
    cluster = Cluster(accounting=not arguments.no_accounting)
    try:
        if arguments.verb == "status":
            for daemon in cluster.daemons:
                print(daemon.name, f"pid {daemon.pid}" if daemon.pid else "down")
        else:
            getattr(cluster, arguments.verb)()
    except ClusterError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
