"""Chromium without a window, driven over a pipe (the protocol of its developer tools): for tests of pages.

No port is opened and nothing is installed: the browser reads commands from file descriptor 3 and answers on 4.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from helpers.patience import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--disable-dev-shm-usage")


def chromium() -> str | None:
    """The path of the browser, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


needs_browser = pytest.mark.skipif(chromium() is None, reason=f"no browser to try the page in: none of {NAMES}")


class Tab:
    """One page: what it asked for, what it complained of, and the hands of a reader."""

    def __init__(self, browser: "Browser", width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self.browser = browser
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.contexts: list[int] = []  # of frames, in the order in which they came
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.tabs[self.session] = self
        for domain in ("Runtime", "Log", "Network", "Page"):
            self.ask(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[theme])

    def ask(self, method: str, **parameters: Any) -> dict:
        """A command of the protocol and its answer."""
        return self.browser.ask(method, self.session, **parameters)

    def hear(self, message: dict) -> None:
        """Note requests and complaints among what the browser says of its own accord."""
        content = message.get("params", {})
        if message["method"] == "Network.requestWillBeSent":
            self.requests.append(content["request"]["url"])
        elif message["method"] == "Runtime.executionContextCreated":
            self.contexts.append(content["context"]["id"])
        elif message["method"] == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(content["exceptionDetails"]))
        elif message["method"] == "Log.entryAdded" and content["entry"]["level"] == "error":
            self.complaints.append(content["entry"]["text"])
        elif message["method"] == "Runtime.consoleAPICalled" and content["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(content["args"]))

    def open(self, url: str, ready: str = "document.body?.classList.contains('ready')") -> None:
        """Go to a page and wait until an expression of JavaScript is true."""
        self.ask("Page.navigate", url=url)
        self.wait(ready)

    def wait(self, expression: str, context: int | None = None) -> None:
        """Wait until an expression of JavaScript is true; it fails after a patient while, or as the page complains."""
        end = time.monotonic() + PATIENCE
        while not self.value(f"Boolean({expression})", context):
            assert time.monotonic() < end and not self.complaints, f"not true: {expression}; {self.complaints}"
            time.sleep(0.05)

    def value(self, expression: str, context: int | None = None) -> Any:
        """The value of an expression of JavaScript, in a frame; raises AssertionError where it throws."""
        of = {} if context is None else {"contextId": context}
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, **of)
        assert "exceptionDetails" not in answer, json.dumps(answer["exceptionDetails"])
        return answer["result"].get("value")

    def box(self, selector: str) -> dict[str, float]:
        """Where an element is in the window, after scrolling to it: x, y, width, height."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.value(f"{found}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        return self.value(f"(({{x, y, width, height}}) => ({{x, y, width, height}}))({found}.getBoundingClientRect())")

    def point(self, x: float, y: float, kind: str = "mouseMoved", buttons: int = 0) -> None:
        """Move, press or release the pointer."""
        button = {"button": "left", "clickCount": 1} if kind != "mouseMoved" or buttons else {}
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, buttons=buttons, **button)

    def click(self, x: float, y: float) -> None:
        """Move to a place and click there."""
        self.point(x, y)
        self.point(x, y, "mousePressed", 1)
        self.point(x, y, "mouseReleased")

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 4) -> None:
        """Drag from a place to another, in steps."""
        self.point(*start)
        self.point(*start, "mousePressed", 1)
        for step in range(1, steps + 1):
            share = step / steps
            self.point(*(a + (b - a) * share for a, b in zip(start, end, strict=True)), buttons=1)
        self.point(*end, "mouseReleased")

    def key(self, name: str) -> None:
        """Press a key: ArrowRight, Enter, Tab."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name)

    def picture(self, path: Path, whole: bool = True) -> None:
        """Write what the page looks like."""
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))


class Browser:
    """The process, and the pipe to it."""

    def __init__(self, folder: Path) -> None:
        commands, self.writes = os.pipe()
        self.reads, answers = os.pipe()
        self.tabs: dict[str, Tab] = {}
        self.rest, self.count = b"", 0

        def descriptors() -> None:
            """Give the child its two ends as 3 and 4, by way of numbers that are neither."""
            high = [os.dup(commands), os.dup(answers)]
            while min(high) <= 4:
                high = [os.dup(end) for end in high]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        command = [str(chromium()), *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self.process = subprocess.Popen(
            command, preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(commands)
        os.close(answers)

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict:
        """A command and its answer; what else is said until then goes to the tabs. Raises AssertionError if refused."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        self._send(json.dumps(message).encode() + b"\0")
        for heard in self._messages():
            if heard.get("id") == self.count:
                assert "error" not in heard, f"{method}: {heard['error']}"
                return heard["result"]
            if "method" in heard and heard.get("sessionId") in self.tabs:
                self.tabs[heard["sessionId"]].hear(heard)
        raise AssertionError(f"the browser ended during {method}")

    def _send(self, text: bytes) -> None:
        while text:
            text = text[os.write(self.writes, text) :]

    def _messages(self) -> Iterator[dict]:
        while True:
            while b"\0" not in self.rest:
                piece = os.read(self.reads, 1 << 16)
                if not piece:
                    return
                self.rest += piece
            message, _, self.rest = self.rest.partition(b"\0")
            yield json.loads(message)

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.writes)
        os.close(self.reads)


@contextmanager
def opened(folder: Path) -> Iterator[Browser]:
    """A browser with its files in a folder; its process ends with the block."""
    browser = Browser(folder)
    try:
        yield browser
    finally:
        browser.close()
