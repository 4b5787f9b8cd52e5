"""Headless Chromium over its debugging pipe: JSON messages that end with a zero byte. Only what the
console's tests need, and nothing but Python's own library."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 120  # a server starts in 2 s, and in 40 on a machine with much else to do
SWITCHES = [
    "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--force-color-profile=srgb",
    "--hide-scrollbars", "--mute-audio",
]


class PageError(AssertionError):
    """What a script in the page threw, or a wait that did not end."""


class Browser:
    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise SystemExit("chromium is missing: ./dev test installs it")
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        def pipes():  # it expects them as 3 and 4, which either may be already
            one, other = os.dup(to_browser), os.dup(from_browser)
            os.dup2(one, 3)
            os.dup2(other, 4)

        # As root it cannot build its sandbox; the pages are our own.
        switches = SWITCHES + (["--no-sandbox"] if os.geteuid() == 0 else [])
        self.process = subprocess.Popen(
            [program, *switches, f"--user-data-dir={self.folder.name}", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self.events = []

    def _receive(self, until):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise PageError("the browser does not answer")
            got = os.read(self._read, 1 << 20)
            if not got:
                raise PageError("the browser has ended")
            self._buffer += got
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, session=None, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._write, data):]
        until = time.monotonic() + PATIENCE_S + 10
        while True:
            answer = self._receive(until)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url, width=1280, height=720):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, url, width, height)

    def close(self):
        try:
            self.send("Browser.close")
        except PageError:
            self.process.kill()
        self.process.wait(timeout=20)
        os.close(self._write)
        os.close(self._read)
        self.folder.cleanup()


class Page:
    def __init__(self, browser, session, url, width, height):
        self.browser, self.session = browser, session
        for domain in ("Page", "Runtime", "Log", "DOM", "Performance", "Network"):
            self.send(f"{domain}.enable")
        self.resize(width, height)
        self.load(url)

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def resize(self, width, height, touch=False):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)
        media = [{"name": "pointer", "value": "coarse"}] if touch else []
        self.send("Emulation.setEmulatedMedia", features=media)

    def load(self, url):
        self.send("Page.navigate", url=url)
        self.wait("document.documentElement.dataset.ready === 'true'")

    def run(self, script):
        """The value of an expression, a promise's when it is one."""
        got = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
                        userGesture=True)
        if "exceptionDetails" in got:
            details = got["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return got["result"].get("value")

    def wait(self, condition, patience_s=PATIENCE_S):
        """Until `condition` holds, looked at with every frame of the page."""
        end = time.monotonic() + patience_s
        while True:
            try:
                if self.run(
                    "new Promise((done) => { const until = performance.now() + 2000;"
                    f"const look = () => {{ let good = false; try {{ good = Boolean({condition}); }} catch {{}}"
                    "if (good || performance.now() > until) { done(good); } else { setTimeout(look, 20); } };"
                    "look(); })"
                ):
                    return
            except PageError as error:  # a page that is just being loaded
                if "context" not in str(error) and "navigat" not in str(error):
                    raise
            if time.monotonic() > end:
                state = self.run("document.body.innerText.slice(0, 3000)")
                raise PageError(f"never came true: {condition}\nThe page says:\n{state}")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def set_file(self, path):
        """As if chosen in the browser's own dialog, which the page opens without a file from before."""
        self.run("document.querySelector('#file').value = ''")
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(path)])

    def drop(self, path, x, y):
        data = {"items": [], "files": [os.path.abspath(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def key(self, key, code=None, modifiers=0):
        text = {"text": key} if len(key) == 1 else {}
        number = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, " ": 32}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, modifiers=modifiers,
                      windowsVirtualKeyCode=number, **(text if kind == "keyDown" else {}))

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def heap_bytes(self):
        self.send("HeapProfiler.collectGarbage")
        metrics = self.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "JSHeapUsedSize")

    def complaints(self):
        """What the page and the browser had to complain about since the last call: errors, warnings and
        violations of the policy. Requests that the page itself reports to people are none."""
        self.run("0")
        found = []
        for event in self.browser.events:
            method, what = event.get("method"), event.get("params", {})
            if event.get("sessionId") != self.session:
                continue
            if method == "Runtime.exceptionThrown":
                details = what["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            elif method == "Runtime.consoleAPICalled":
                found.append(" ".join(str(one.get("value", one.get("description"))) for one in what["args"]))
            elif method == "Log.entryAdded" and what["entry"]["source"] != "network":
                found.append(what["entry"]["text"])
        self.browser.events.clear()
        return found
