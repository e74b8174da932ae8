"""A headless Chromium, driven through its debugging protocol with Python's standard library alone.

It listens on the loopback interface only, and each page lives in a profile of its own that is removed at the end.
"""

import base64
import http.client
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
import time


class WebSocket:
    """The client side of a WebSocket (RFC 6455), for text messages."""

    def __init__(self, port, path, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.rest = b""
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._receive()
        head, self.rest = head.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def _receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the browser closed the connection")
        return data

    def _take(self, count):
        while len(self.rest) < count:
            self.rest += self._receive()
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def send(self, text):
        data = text.encode()
        length = len(data)
        if length < 126:
            head = struct.pack("!BB", 0x81, 0x80 | length)
        elif length < 1 << 16:
            head = struct.pack("!BBH", 0x81, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", 0x81, 0x80 | 127, length)
        mask = secrets.token_bytes(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def receive(self):
        message = b""
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self._take(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self._take(8))
            payload = self._take(length)
            if first & 0x0F in (0, 1, 2):
                message += payload
                if first & 0x80:
                    return message.decode()
            elif first & 0x0F == 8:
                raise ConnectionError("the browser closed the connection")

    def close(self):
        self.socket.close()


class Browser:
    """A running Chromium with one page."""

    def __init__(self, program=None):
        program = program or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise SystemExit("no Chromium found: apt-get install chromium")
        self.profile = tempfile.mkdtemp(prefix="equipoise-pages-")
        arguments = [
            program, "--headless=new", "--no-first-run", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-default-browser-check", "--hide-scrollbars",
            "--remote-debugging-address=127.0.0.1", "--remote-debugging-port=0", "--remote-allow-origins=*",
            "--force-color-profile=srgb", f"--user-data-dir={self.profile}", "about:blank",
        ]  # fmt: skip
        if os.geteuid() == 0:
            # Chromium's sandbox refuses to run as root, as in containers.
            arguments.insert(1, "--no-sandbox")
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            port = self._port()
            self.socket = WebSocket(port, self._page(port))
        except BaseException:
            self.close()
            raise
        self.number = 0
        self.events = []
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(f"{domain}.enable")

    def _port(self):
        path = os.path.join(self.profile, "DevToolsActivePort")
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"Chromium ended at once, with status {self.process.returncode}")
            if os.path.exists(path):
                text = open(path).read().split("\n")
                if len(text) >= 2:
                    return int(text[0])
            time.sleep(0.1)
        raise SystemExit("Chromium does not answer")

    def _page(self, port):
        for _ in range(100):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", "/json/list")
                pages = json.loads(connection.getresponse().read())
                connection.close()
                address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
                return address.split(f":{port}", 1)[1]
            except (OSError, ValueError, StopIteration, http.client.HTTPException):
                # It may be listening before it answers.
                time.sleep(0.1)
        raise SystemExit("Chromium shows no page")

    def call(self, method, **parameters):
        """Calls a method of the protocol and returns its result; what happens meanwhile goes to `events`."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.receive())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            if "method" in message:
                self.events.append(message)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
        return result["result"].get("value")

    def view(self, width, height, dark=False, media=""):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )

    def open(self, path):
        """Opens a file and waits until its script has run."""
        self.events.clear()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        for _ in range(200):
            if self.evaluate("document.readyState === 'complete' && window.equipoiseReady === true"):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{path}: the page's script did not come to its end: {self.faults()}")

    def faults(self):
        """What the console told, exceptions included, and every request but that of the page itself."""
        faults = []
        documents = 0
        for event in self.events:
            method, parameters = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                faults.append("exception: " + details.get("exception", {}).get("description", details["text"]))
            elif method == "Runtime.consoleAPICalled":
                faults.append("console: " + json.dumps(parameters["args"])[:300])
            elif method == "Log.entryAdded":
                faults.append("log: " + parameters["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if address.startswith("data:"):
                    continue
                documents += 1
                if documents > 1 or not address.startswith("file:"):
                    faults.append("request: " + address[:200])
        return faults

    def key(self, name):
        codes = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "Enter": 13, " ": 32, "End": 35, "Home": 36}
        for kind in ("keyDown", "keyUp"):
            parameters = {"type": kind, "key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": codes[name]}
            if kind == "keyDown" and name in ("Enter", " "):
                parameters["text"] = "\r" if name == "Enter" else " "
            self.call("Input.dispatchKeyEvent", **parameters)

    def picture(self, path, whole=True, clip=None):
        """Writes what the page looks like as a PNG file."""
        parameters = {"format": "png", "captureBeyondViewport": whole}
        if clip:
            parameters["clip"] = {**clip, "scale": 1}
        elif whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            parameters["clip"] = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}
        data = self.call("Page.captureScreenshot", **parameters)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        if getattr(self, "socket", None):
            try:
                self.call("Browser.close")
            except (OSError, ConnectionError, RuntimeError):
                pass
            self.socket.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
