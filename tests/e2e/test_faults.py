"""What goes wrong around the gateway: a full disk, engines that die at the wrong moment, an end that comes while everything still loads, proxies."""

import json
import os
import random
import signal
import socket
import socketserver
import subprocess
import threading
import time

import pytest

from batches import chat_line, sdk, start
from conftest import POLICY, cloud_upstream
from harness import BINARY, Gateway, stream_text
from provider import Provider
from test_batch_kills import check

CHAT = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture()
def own_provider(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


# -- a full disk

class SmallDisk:
    """A data folder on a file system of its own, 40 MiB, in a mount namespace that a sleeping process holds."""

    def __init__(self, data):
        self.data = data
        self.holder = subprocess.Popen(["unshare", "-rm", "sh", "-c", f"mount -t tmpfs -o size=40m,mode=0700 tmpfs '{data}' && echo mounted && exec sleep 600"], stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"mounted\n"
        self.inside = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(self.holder.pid)]

    def serve(self, gateway):
        gateway.process = subprocess.Popen([*self.inside, BINARY, "serve", "--config", gateway.config_file], env=gateway.env, stdout=gateway.log, stderr=gateway.log, cwd=gateway.folder)
        gateway.wait_ready()

    def serve_again_with_room(self, gateway):
        gateway.process.send_signal(signal.SIGTERM)
        gateway.process.wait(40)
        self.free()
        self.serve(gateway)

    def run(self, *command, **more):
        return subprocess.run([*self.inside, *map(str, command)], capture_output=True, text=True, timeout=60, **more)

    def verify_log(self, gateway):
        gateway.stop()
        done = self.run(BINARY, "--data", gateway.data, "audit", "verify", env=gateway.env)
        assert done.returncode == 0, done.stdout + done.stderr

    def fill(self):
        self.run("sh", "-c", f"dd if=/dev/zero of='{self.data}/filler' bs=64k 2>/dev/null; dd if=/dev/zero of='{self.data}/rest' bs=1 count=65536 2>/dev/null")

    def free(self):
        self.run("rm", "-f", self.data / "filler", self.data / "rest")

    def stop(self, gateway):
        if gateway.process.poll() is None:
            gateway.kill()
        self.holder.kill()
        self.holder.wait()


def test_on_a_full_disk_nothing_leaves_and_nothing_is_lost(ca, own_provider):
    gateway = Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["echo"]), policy=POLICY)
    disk = SmallDisk(gateway.data)
    try:
        disk.serve(gateway)
        before = [gateway.chat(f"x {i}", model="echo") for i in range(20)]
        assert all(r.status == 200 for r in before)
        disk.fill()
        end, sent = time.monotonic() + 30, 0
        while time.monotonic() < end:
            sent = len(own_provider.received)
            if gateway.chat("y", model="echo").status == 503:
                break
            time.sleep(0.05)
        refused = gateway.chat("z", model="echo")
        assert refused.status == 503 and refused.json["error"]["type"] == "server_error"
        assert len(own_provider.received) == sent
        assert gateway.get("/readyz").status == 503
        disk.serve_again_with_room(gateway)
        for reply in before:  # what was answered is on record
            assert gateway.receipt(reply)["attempts"][-1]["outcome"] == "served"
        assert gateway.chat("again", model="echo").status == 200
        disk.verify_log(gateway)
    finally:
        disk.stop(gateway)


def test_a_batch_on_a_full_disk_goes_on_once_there_is_room(ca, own_provider):
    gateway = Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["unhurried"]) + "limits: {job_pieces: 2}\n", policy=POLICY)
    disk = SmallDisk(gateway.data)
    try:
        disk.serve(gateway)
        client = sdk(gateway)
        batch = start(client, [chat_line(str(i), f"token {i}", model="unhurried") for i in range(120)])
        while client.batches.retrieve(batch.id).request_counts.completed < 10:
            time.sleep(0.02)
        disk.fill()
        end = time.monotonic() + 30
        while gateway.get("/readyz").status != 503:
            assert time.monotonic() < end
            time.sleep(0.1)
        sent = len(own_provider.received)
        time.sleep(2)  # the job tries, and nothing leaves
        assert len(own_provider.received) == sent < 120
        disk.serve_again_with_room(gateway)
        check(gateway, [(batch.id, 120)])
        disk.verify_log(gateway)
    finally:
        disk.stop(gateway)


# -- engines

LOCAL = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 4096, slots: 1}}
"""
HOME = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def upstreams(gateway):
    return {u["name"]: u for u in json.loads(gateway.cli("status", "--json").stdout)["upstreams"]}


def wait_usable(gateway, name="chat-local", timeout_s=120):
    end = time.monotonic() + timeout_s
    while not upstreams(gateway)[name]["models"][0]["usable"]:
        assert time.monotonic() < end, gateway.cli("status").stdout
        time.sleep(0.02)


def test_an_end_that_comes_while_engines_load_is_a_clean_one(models):
    pick = random.Random(7)
    config = LOCAL + "  - {name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription]}\n"
    for _ in range(6):
        gateway = Gateway(config, policy=HOME, models=models)
        gateway.start(wait=False)
        while not (gateway.data / "lock").exists():  # from here on it answers signals
            assert gateway.process.poll() is None, gateway.log_text()
            time.sleep(0.001)
        time.sleep(pick.uniform(0, 1.2))  # the random moment
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(40) == 0, gateway.log_text()


def test_an_engine_killed_before_the_first_content_moves_the_request_on(ca, own_provider, models):
    config = LOCAL + cloud_upstream(own_provider, ca[0], models=["echo"]) + "aliases: {first-local: [chat-local, frontier/echo]}\n"
    policy = "version: 1\nrules:\n  - {id: local, permit: local}\n  - {id: cloud, permit: cloud}\n"
    with Gateway(config, policy=policy, models=models) as gateway:
        wait_usable(gateway)
        pid = upstreams(gateway)["chat-local"]["engine"]["pid"]
        os.kill(pid, signal.SIGSTOP)  # it takes the request and says nothing, until it is killed
        replies = []
        asking = threading.Thread(target=lambda: replies.append(gateway.chat("still here", model="first-local")))
        asking.start()
        end = time.monotonic() + 10
        while upstreams(gateway)["chat-local"]["engine"]["in_use"] == 0:
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        asking.join(30)
        assert replies[0].status == 200 and replies[0].json["choices"][0]["message"]["content"] == "still here"
        assert [a["outcome"] for a in gateway.receipt(replies[0])["attempts"]] == ["error", "served"]
        wait_usable(gateway)
        assert upstreams(gateway)["chat-local"]["engine"]["pid"] != pid


def test_the_status_says_that_an_engine_loads_and_why_nothing_is_usable_yet(models):
    gateway = Gateway(LOCAL, policy=HOME, models=models)
    gateway.start(wait=False)
    try:
        end = time.monotonic() + 20
        while not os.path.exists(gateway.data / "run" / "admin.sock"):
            assert time.monotonic() < end
            time.sleep(0.005)
        seen = gateway.cli("status", check=False).stdout
        assert "loading  " in seen and " for " in seen or " up " in seen
    finally:
        gateway.stop()


@pytest.mark.parametrize("engine", ["llama", "speech"])
def test_no_engine_can_open_a_network_socket(models, engine):
    """Its seccomp filter is in force, and there is no socket of it but Unix ones."""
    upstream = LOCAL if engine == "llama" else "upstreams:\n  - {name: chat-local, tier: local, engine: speech, model: whisper-base, serves: [transcription]}\n"
    with Gateway(upstream, policy=HOME, models=models) as gateway:
        wait_usable(gateway)
        pid = upstreams(gateway)["chat-local"]["engine"]["pid"]
        status = dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/status").read().splitlines() if ":\t" in line)
        assert status["Seccomp"].strip() == "2" and status["NoNewPrivs"].strip() == "1"
        inodes = {os.readlink(f"/proc/{pid}/fd/{fd}")[8:-1] for fd in os.listdir(f"/proc/{pid}/fd") if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:[")}
        for table in ("tcp", "tcp6", "udp", "udp6"):
            assert not inodes & {line.split()[9] for line in open(f"/proc/net/{table}").read().splitlines()[1:]}


# -- the way out, and who may come in

class ConnectProxy(socketserver.ThreadingTCPServer):
    """Tunnels CONNECT, or refuses it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refuse=False):
        self.refuse, self.asked = refuse, []
        super().__init__(("127.0.0.1", 0), self.Tunnel)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Tunnel(socketserver.BaseRequestHandler):
        def handle(self):
            head = b""
            while b"\r\n\r\n" not in head:
                part = self.request.recv(4096)
                if not part:
                    return
                head += part
            self.server.asked.append(head.split(b"\r\n")[0].decode())
            if self.server.refuse:
                self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            port = head.split()[1].decode().rsplit(":", 1)[1]  # provider.test lives here
            with socket.create_connection(("127.0.0.1", int(port))) as far:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                pump = threading.Thread(target=self.copy, args=(far, self.request), daemon=True)
                pump.start()
                self.copy(self.request, far)
                pump.join(5)

        @staticmethod
        def copy(source, to):
            try:
                while data := source.recv(65536):
                    to.sendall(data)
                to.shutdown(socket.SHUT_WR)
            except OSError:
                pass


def far_upstream(provider, ca):
    """One whose host is not loopback: what is on this machine needs no proxy."""
    return cloud_upstream(provider, ca[0], models=["echo"]).replace("127.0.0.1", "provider.test")


def test_cloud_traffic_goes_through_the_proxy_and_local_traffic_does_not(ca, own_provider):
    proxy, here = ConnectProxy(), Provider()
    config = ("upstreams:\n" + far_upstream(own_provider, ca) +
              f"  - {{name: gpu-room, tier: local, base_url: \"{here.base_url}\", models: [letters], serves: [chat]}}\n"
              f"egress: {{proxy: \"http://127.0.0.1:{proxy.server_address[1]}\"}}\n")
    with Gateway(config, policy="version: 1\nrules:\n  - {id: a, permit: cloud}\n  - {id: b, permit: local}\n") as gateway:
        assert gateway.chat("through", model="echo").status == 200
        assert proxy.asked == [f"CONNECT provider.test:{own_provider.port} HTTP/1.1"]
        assert gateway.chat("beside", model="letters").status == 200 and len(proxy.asked) == 1
    proxy.shutdown()
    here.stop()


def test_a_proxy_that_refuses_is_a_clean_502(ca, own_provider):
    proxy = ConnectProxy(refuse=True)
    config = "upstreams:\n" + far_upstream(own_provider, ca) + f"egress: {{proxy: \"http://127.0.0.1:{proxy.server_address[1]}\"}}\n"
    with Gateway(config, policy=POLICY) as gateway:
        assert gateway.chat("x", model="echo").status == 502
        assert own_provider.received == []
    proxy.shutdown()


# -- money, and the end of a stream

def test_fifty_calls_at_once_on_a_budget_for_few_overspend_by_no_more_than_was_reserved(ca, own_provider):
    config = "upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["gpt-5-mini"]) + "workloads: [{name: triage, operation: chat}]\nbudgets: [{workload: triage, usd: 0.005, per: total}]\n"
    with Gateway(config, policy=POLICY) as gateway:
        replies = []
        headers = {"demarc-workload": "triage"}
        threads = [threading.Thread(target=lambda: replies.append(gateway.chat("w " * 20, model="gpt-5-mini", max_tokens=400, headers=headers))) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        refused = [r for r in replies if r.status == 429]
        assert refused and all(r.json["error"]["code"] == "insufficient_quota" and r.headers["x-should-retry"] == "false" for r in refused)
        spent = sum(int(gateway.receipt(r)["charge"]["usd"].replace(".", "")) for r in replies if r.status == 200)
        assert spent <= 5_000_000_000
        reply = gateway.post("/v1/messages", {"model": "gpt-5-mini", "max_tokens": 50_000, "messages": [{"role": "user", "content": "x"}]}, headers=headers)
        assert reply.status == 402 and reply.json["error"]["type"] == "billing_error"


def test_the_end_lets_a_running_stream_finish(ca, own_provider):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["slow"]), policy=POLICY) as gateway:
        replies = []
        reading = threading.Thread(target=lambda: replies.append(gateway.chat("w " * 30, model="slow", stream=True)))
        reading.start()
        end = time.monotonic() + 10
        while not own_provider.received:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert gateway.stop() == 0
        reading.join(20)
        assert "[DONE]" in replies[0].text and stream_text(replies[0]).split() == ["w"] * 30
        assert gateway.cli("audit", "verify").returncode == 0


def test_a_reload_in_the_middle_does_not_cut_a_stream(ca, own_provider):
    with Gateway("upstreams:\n" + cloud_upstream(own_provider, ca[0], models=["slow"]), policy=POLICY) as gateway:
        replies = []
        reading = threading.Thread(target=lambda: replies.append(gateway.chat("w " * 20, model="slow", stream=True)))
        reading.start()
        while not own_provider.received:
            time.sleep(0.01)
        gateway.cli("reload")
        reading.join(20)
        assert "[DONE]" in replies[0].text


def test_usage_equals_the_receipts_over_three_thousand_requests(ca, own_provider):
    import http.client

    models = ["gpt-5-mini", "gpt-5", "status-500", "no-usage"]
    config = "upstreams:\n" + cloud_upstream(own_provider, ca[0], models=models)
    with Gateway(config, policy=POLICY) as gateway:
        ids, lock = [], threading.Lock()

        def work(seed):
            pick = random.Random(seed)
            connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
            for _ in range(375):
                model = pick.choice(["gpt-5-mini", "gpt-5", "gpt-5", "no-usage"])
                body = json.dumps({"model": model, "stream": pick.random() < 0.3, "messages": [{"role": "user", "content": "w " * pick.randint(1, 20)}]})
                connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
                reply = connection.getresponse()
                reply.read()
                assert reply.status == 200
                with lock:
                    ids.append(reply.headers["demarc-request-id"])

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert len(ids) == 3000
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        pico = tokens = 0
        for request_id in ids:
            connection.request("GET", f"/v1/receipts/{request_id}")
            receipt = json.loads(connection.getresponse().read())
            pico += int((receipt["charge"]["usd"] or "0").replace(".", ""))
            tokens += receipt["usage"]["output_tokens"] or 0
        rows = json.loads(gateway.cli("usage", "--by", "model", "--json").stdout)["rows"]
        assert pico > 0 and sum(int(row["usd"].replace(".", "")) for row in rows) == pico
        assert sum(row["output_tokens"] or 0 for row in rows) == tokens and sum(row["requests"] for row in rows) == 3000
