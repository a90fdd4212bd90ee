"""What every script of the workflow does first: keep a log, load plug-ins, and end every error with one line."""

import io
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Protocol, TextIO

from netspaces.files.safe import OneLineWarning
from netspaces.plugins.loading import load_plugins, naming_plugins
from netspaces.workflow.kept import keep
from netspaces.workflow.repeated import is_first

ENDED_BY_SIGINT = 130  # the exit code of shells


class Snakemake(Protocol):
    """What a job needs of the engine's object."""

    log: Sequence[str]
    config: Mapping


class Log(io.TextIOBase):
    """A job's log, written line by line; one that cannot be written says so once and ends no job."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say, self._begun = path, say, ""
        self._file: io.FileIO | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(path, "wb", buffering=0)
        except OSError as error:
            self._give_up(error)

    def write(self, text: str) -> int:
        """Take in text; whole lines go to the file at once, so that a killed job's log says how far it came."""
        self._begun += text
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Write what there is."""
        content, self._begun = self._begun.encode(errors="backslashreplace"), ""
        if self._file is not None and content:
            try:
                self._file.write(content)
            except OSError as error:
                self._give_up(error)

    def fileno(self) -> int:
        """The file's number, for what writes below Python."""
        if self._file is None:
            raise io.UnsupportedOperation("the log cannot be written")
        return self._file.fileno()

    def close(self) -> None:
        """Write what there is, and close the file."""
        if not self.closed:
            self.flush()
            if self._file is not None:
                with suppress(OSError):
                    self._file.close()
        super().close()

    def _give_up(self, error: OSError) -> None:
        self._file = None
        self._say(f"warning: {self._path}: {error.strerror or error}; what this job prints is not kept")


@contextmanager
def job(snakemake: Snakemake) -> Iterator[None]:
    """Send what the job prints to its log; an error or an interruption ends in one line on stderr, and more in the log.

    A warning that is meant for users (`OneLineWarning`) is a line in both. Of equal lines of many jobs the terminal
    gets the first (`netspaces.workflow.repeated`). What a job that succeeds has made is kept until it succeeds again
    (`netspaces.workflow.kept`).

    Parameters
    ----------
    snakemake : the object of this name that the engine gives a script. The job's log is its first one, and the
        plug-ins are those of its configuration.
    """
    terminal = sys.stderr
    print_whatever_comes()

    def say(line: str) -> None:
        if is_first(line):
            with suppress(OSError, ValueError):  # a terminal that has gone
                print(line, file=terminal, flush=True)

    path = Path(snakemake.log[0])
    with _interruptible(), Log(path, say) as log, redirect_stdout(log), redirect_stderr(log), warnings.catch_warnings():
        warnings.simplefilter("always", OneLineWarning)
        warnings.showwarning = _showing(warnings.showwarning, say)
        try:
            load_plugins(snakemake.config.get("plugins", []))
            with naming_plugins():
                yield
            keep(getattr(snakemake, "output", ()))
        except BaseException as error:
            line, code = _ending(error, path)
            if line:
                say(line)
            traceback.print_exc()
            if code == ENDED_BY_SIGINT:
                print("Interrupted: the job had not come so far that it could go on from here")
            sys.exit(code)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Meanwhile SIGINT is an exception, for a process that it would just end (`netspaces.workflow.interrupts`)."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def print_whatever_comes(*others: object) -> None:
    """Let a character that the terminal's encoding, or any encoding, lacks be printed as its number, not fail.

    `others` are streams for which the same holds.
    """
    for stream in (sys.stdout, sys.stderr, *others):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _ending(error: BaseException, log: Path) -> tuple[str, str | int | None]:
    """How a job ends: its last line on the terminal, and its exit code."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kind = type(error).__name__
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", ENDED_BY_SIGINT
    if isinstance(error, SystemExit):
        return (lines[0], 1) if isinstance(error.code, str) and lines else ("", error.code)
    if isinstance(error, (ValueError, OSError)):
        return f"error: {lines[0] if lines else kind}", 1
    return f"error: {': '.join([kind, *lines[:1]])} (not expected; where: {log})", 1


def _showing(show: Callable[..., None], say: Callable[[str], None]) -> Callable[..., None]:
    """A way to show warnings: those for users as a line on the terminal and in the log, others as before."""

    def show_or_say(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, OneLineWarning):
            say(f"warning: {message}")
            print(f"warning: {message}")
        else:
            show(message, category, filename, lineno, file, line)

    return show_or_say
