"""A browser, driven by the W3C WebDriver protocol as chromedriver speaks it. Standard library alone."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
    "--disable-dev-shm-usage", "--no-proxy-server", "--force-device-scale-factor=1", "--hide-scrollbars",
]

# The key in a JSON object of the protocol that names an element.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

KEYS = {"tab": "\ue004", "enter": "\ue007", "shift": "\ue008"}


class DriverError(Exception):
    """What the driver answers when it cannot do as it was told."""


class Driver:
    """A chromedriver on a port of its own."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["chromedriver", f"--port={port}", "--log-level=OFF"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for _ in range(100):
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.1)
        raise DriverError("chromedriver does not answer")

    def call(self, method, path, body=None):
        data = None if method in ("GET", "DELETE") else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        # No proxy of the environment stands between this machine and itself.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise DriverError(json.load(error)["value"]["message"].splitlines()[0]) from None

    def quit(self):
        # The browsers are in the group of the driver.
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self.process.wait()


class Browser:
    """One browser with a fresh profile."""

    def __init__(self, driver, width=1280, height=900, scripts=True, dark=False):
        self.driver = driver
        self.profile = tempfile.mkdtemp(prefix="sigpkg-site-")
        options = {
            "binary": shutil.which("chromium"),
            "args": FLAGS + [f"--user-data-dir={self.profile}"],
            "prefs": {} if scripts else {"profile.managed_default_content_settings.javascript": 2},
        }
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = driver.call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.path = "/session/" + made["sessionId"]
        self.has_scripts = scripts
        # A window cannot be as narrow as a telephone, but its page can.
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        if dark:
            self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.driver.call("DELETE", self.path)
        except DriverError:
            pass
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, path, **body):
        return self.driver.call(method, self.path + path, body)

    def cdp(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=params)

    def open(self, address):
        self.call("POST", "/url", url=address)

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", script=script, args=list(arguments))

    def address(self):
        return self.call("GET", "/url")

    def find(self, selector):
        found = self.call("POST", "/element", using="css selector", value=selector)
        return found[ELEMENT]

    def text(self, selector):
        return self.call("GET", f"/element/{self.find(selector)}/text")

    def type(self, selector, text):
        """Puts a text into a field, in place of what is there."""
        element = self.find(selector)
        self.call("POST", f"/element/{element}/clear")
        if text:
            self.call("POST", f"/element/{element}/value", text=text)

    def paste(self, selector, text):
        """As a paste does: all at once, whatever characters there are."""
        script = "const f = document.querySelector(arguments[0]); f.value = arguments[1];" \
            "f.dispatchEvent(new InputEvent('input', {bubbles: true}));"
        self.run(script, selector, text)

    def press(self, *keys):
        """Presses keys one after the other, wherever the focus is."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.call("POST", "/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def wait(self, script, *arguments):
        """Until a script says yes, or five seconds have gone by."""
        for _ in range(100):
            if self.run(script, *arguments):
                return True
            time.sleep(0.05)
        return False

    def console(self):
        """What the console has said since the last time."""
        return [entry["message"] for entry in self.call("POST", "/se/log", type="browser")]

    def requests(self):
        """All addresses that were asked for since the last time."""
        asked = []
        for entry in self.call("POST", "/se/log", type="performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        return asked

    def accessibility(self):
        """Roles and names, as a screen reader gets them, in the order of the page."""
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        value = lambda node, key: node.get(key, {}).get("value", "")
        return [(value(node, "role"), value(node, "name")) for node in nodes if not node.get("ignored")]

    def capture(self, path, whole=True):
        """A picture of the page, to be looked at."""
        shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
