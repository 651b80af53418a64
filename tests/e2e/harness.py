"""The real binary, started for a test: a temporary data folder, free ports, and an end when the test ends.

    with Gateway(config) as gateway:
        gateway.url            # http://127.0.0.1:PORT
        gateway.post("/v1/chat/completions", {...})
        gateway.cli("usage", "--json")
"""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build" / "release"))
BINARY = BUILD / "demarc"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_ca(folder):
    """A certificate authority and a server certificate for 127.0.0.1 and localhost, valid for a day."""
    folder = pathlib.Path(folder)

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=demarc test CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "san.cnf").write_text("subjectAltName=DNS:localhost,DNS:provider.test,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-extfile", "san.cnf", "-out", "server.pem")
    return folder / "ca.pem", folder / "server.pem", folder / "server.key"


class Reply:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class Gateway:
    def __init__(self, config="", policy=None, data=None, env=None, models=None, arguments=(), also_listen=(), binary=BINARY):
        self.own_folder = data is None
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="demarc-e2e-"))
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        if models:  # a data folder whose models were pulled already
            for name in ("models", "models.lock"):
                target = self.data / name
                if not target.exists():
                    target.symlink_to(pathlib.Path(models) / name)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8", **(env or {})}
        if policy is not None:
            (self.folder / "policy.yaml").write_text(policy)
        self.config_file = self.folder / "demarc.yaml"
        text = f"listen: [{', '.join([f'127.0.0.1:{self.port}', *also_listen])}]\ndata: {self.data}\n"
        text += "policy: policy.yaml\n" if policy is not None else ""
        self.config_file.write_text(text + config)
        self.arguments, self.binary = list(arguments), binary
        self.process = None
        self.log = open(self.folder / "serve.log", "ab")

    def start(self, wait=True, timeout_s=60):
        self.process = subprocess.Popen([self.binary, "serve", "--config", self.config_file, *self.arguments], env=self.env, stdout=self.log, stderr=self.log, cwd=self.folder)
        try:
            if wait:
                self.wait_ready(timeout_s)
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def wait_ready(self, timeout_s=60):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.log_text()[-3000:]}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.request("GET", "/readyz", timeout=2).status == 200:
                    return
            time.sleep(0.01)
        raise AssertionError(f"not ready after {timeout_s} s:\n{self.log_text()[-3000:]}")

    def log_text(self):
        return (self.folder / "serve.log").read_text(errors="replace")

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return Reply(response, response.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body, **more):
        return self.request("POST", path, body, **more)

    def chat(self, text, model="auto", **more):
        headers = more.pop("headers", None)
        return self.post("/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}], **more}, headers=headers)

    def receipt(self, reply):
        return self.get("/v1/receipts/" + reply.headers["demarc-request-id"]).json

    def cli(self, *arguments, check=True, **more):
        done = subprocess.run([BINARY, *map(str, arguments)], env={**self.env, "DEMARC_CONFIG": str(self.config_file), "DEMARC_DATA": str(self.data)},
                              capture_output=True, text=True, timeout=300, cwd=self.folder, **more)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, timeout_s=40):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout_s)
        return self.process.returncode if self.process else None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if error is not None:
            print("--- serve.log\n" + self.log_text()[-4000:])
        died = self.process.poll()  # a test that ends it by itself leaves 0
        try:
            code = self.stop()
            if error is None and code != 0:
                raise AssertionError(f"serve {'died' if died else 'stopped'} with {code}; kept: {self.folder}\n{self.log_text()[-4000:]}")
            if error is None and self.own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            if self.process and self.process.poll() is None:
                self.kill()
            self.log.close()


def events(reply):
    """The events of a stream: (name, data) pairs, and comments as (":", text)."""
    found = []
    for block in reply.text.replace("\r\n", "\n").split("\n\n"):
        name, data = None, []
        for line in block.split("\n"):
            if line.startswith(":"):
                found.append((":", line[1:].strip()))
            elif line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].lstrip())
        if data:
            found.append((name, "\n".join(data)))
    return found


def stream_text(reply):
    text = ""
    for _, data in events(reply):
        if data.startswith("{") and '"choices"' in data:
            for choice in json.loads(data)["choices"]:
                text += choice.get("delta", {}).get("content") or choice.get("text") or ""
    return text


def client_certificate(folder, ca_folder):
    """A client's certificate and key in `folder`, signed by the authority that make_ca() put in `ca_folder`."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=billing", "-keyout", folder / "c.key", "-out", folder / "c.csr")
    openssl("x509", "-req", "-in", folder / "c.csr", "-CA", ca_folder / "ca.pem", "-CAkey", ca_folder / "ca.key", "-CAcreateserial", "-days", "1", "-out", folder / "c.pem")
    return folder / "c.pem", folder / "c.key"


def wait_for(condition, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def node(gateway, body, *arguments):
    """What `body` returns, run in Node with the official SDK: `client`, and the arguments as `args`."""
    script = ("const OpenAI = require('openai'); const fs = require('fs'); const [url, ...args] = process.argv.slice(1);"
              "const client = new OpenAI({baseURL: url + '/v1', apiKey: 'sk-unused', maxRetries: 0});"
              "(async () => { " + body + " })().then(out => console.log(JSON.stringify(out)));")
    done = subprocess.run(["node", "-e", script, gateway.url, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
