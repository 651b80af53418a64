#!/usr/bin/env python3
"""What the gateway costs, beside nginx as a reverse proxy, in one run.

usage: bench/gateway.py [--build DIR] [--only PART,…] [--seconds S] [--rounds N] [--connections 64,256] [--json FILE]

Parts, all by default:
  relay     nginx, a bare relay made of demarc's modules, and the whole product, in turn: CPU per request, requests/s, p50, p99
  stages    one feature after the other (parse, policy, scan, charge, both records): what each adds
  streams   CPU per streamed event: nginx, the product bare, the product restoring placeholders
  memory    2,000 idle connections; 1,000 streams
  records   durable records per second, and the disk's own fdatasync
  start     from exec to /readyz, and resident memory then, without engines

The proxy runs on one core, load and upstream on the other; rounds are interleaved and the median counts. Figures of one machine compare with each other
only. Needs build/release, nginx and wrk (apt-get install nginx-light wrk).
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROXY_CPU, LOAD_CPU = "0", "1"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
REPLY = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-5-mini",
                    "choices": [{"index": 0, "message": {"role": "assistant", "content": "The harbour was quiet in the morning. " * 8}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 300, "completion_tokens": 80, "total_tokens": 380}}, separators=(",", ":"))
ASK = json.dumps({"model": "gpt-5-mini", "messages": [{"role": "system", "content": "You are brief and precise. " * 10},
                                                      {"role": "user", "content": "Tell me what the harbour looked like that morning, in plain words. " * 16}]})
POLICY = """version: 1
labels:
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: redacted, permit: cloud, require: [redact], when: {sensitivity: confidential}}
  - {id: restricted-never-leaves, forbid: cloud, when: {sensitivity: restricted}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def pinned(cpu, *command):
    return ["taskset", "-c", cpu, *map(str, command)]


def wait_port(port, timeout_s=20):
    end = time.monotonic() + timeout_s
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > end:
            raise SystemExit(f"nothing listens on port {port}")
        time.sleep(0.01)


class Server:
    """A process (with its children) that is measured, or that is the other end."""

    def __init__(self, command, port, env=None, log=None):
        self.port = port
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=log or subprocess.DEVNULL, env=env)
        wait_port(port)

    def pids(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        return [self.process.pid, *map(int, children)]

    def cpu_s(self):
        total = 0.0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) * TICK_S
        return total

    def rss_kb(self):
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                total += int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1])
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(15)
        self.process.kill()


class Bench:
    def __init__(self, arguments, folder):
        self.a, self.folder = arguments, pathlib.Path(folder)
        self.rows = []

    # -- who is measured

    def nginx(self, name, cpu, locations):
        port = free_port()
        home = self.folder / name
        home.mkdir()
        temp = "".join(f"{kind}_temp_path {home}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (home / "nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''} daemon off; worker_processes 1; error_log {home}/error.log; pid {home}/pid; worker_rlimit_nofile 16384;\n"
            f"events {{ worker_connections 8192; }}\nhttp {{ {temp} access_log off; keepalive_requests 100000000; client_body_buffer_size 64k; client_max_body_size 32m;\n"
            f"{locations.replace('PORT', str(port))} }}\n")
        return Server(pinned(cpu, "/usr/sbin/nginx", "-c", home / "nginx.conf", "-p", home), port)

    def upstream(self):
        return self.nginx("upstream", LOAD_CPU, f"server {{ listen 127.0.0.1:PORT; location / {{ default_type application/json; return 200 '{REPLY}'; }} }}")

    def reverse_proxy(self, upstream_port, name="proxy"):
        return self.nginx(name, PROXY_CPU, f"upstream up {{ server 127.0.0.1:{upstream_port}; keepalive 512; keepalive_requests 100000000; }} server {{ listen 127.0.0.1:PORT; "
                                           "location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; } }")

    def stage(self, stage, upstream_port):
        port, data = free_port(), self.folder / f"stage-{stage}-{time.monotonic_ns()}"
        data.mkdir()
        (data / "policy.yaml").write_text(POLICY)
        return Server(pinned(PROXY_CPU, self.a.build / "gateway_stage", stage, port, upstream_port, data), port)

    def product(self, upstream_port):
        home = self.folder / f"product-{time.monotonic_ns()}"
        home.mkdir()
        port = free_port()
        (home / "policy.yaml").write_text(POLICY)
        (home / "demarc.yaml").write_text(f"listen: 127.0.0.1:{port}\ndata: {home}/data\npolicy: policy.yaml\nupstreams:\n  - {{name: frontier, tier: cloud, dialect: openai, "
                                          f"base_url: \"http://127.0.0.1:{upstream_port}/v1\", key: sk-upstream-0123456789, region: us, models: [gpt-5-mini], serves: [chat], context_tokens: 272000}}\n")
        (home / "data").mkdir(mode=0o700)
        return Server(pinned(PROXY_CPU, self.a.build / "demarc", "serve", "--config", home / "demarc.yaml"), port, env={"PATH": os.environ["PATH"], "HOME": str(home)},
                      log=open(home / "log", "wb"))

    # -- measuring

    def wrk(self, port, connections):
        script = self.folder / "ask.lua"
        if not script.exists():
            script.write_text("wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body=" + json.dumps(ASK).replace("\\/", "/") + "\n")
        out = subprocess.run(pinned(LOAD_CPU, "wrk", "-t1", f"-c{connections}", f"-d{self.a.seconds}s", "--latency", "-s", script, f"http://127.0.0.1:{port}/v1/chat/completions"),
                             capture_output=True, text=True, check=True).stdout
        unit = {"us": 1e-3, "ms": 1.0, "s": 1e3}
        late = {p: float(v) * unit[u] for p, v, u in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", out)}
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        if bad:
            raise SystemExit(f"{bad[1]} requests were refused:\n{out}")
        return {"requests": int(re.search(r"(\d+) requests in", out)[1]), "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), "p50_ms": late["50"], "p99_ms": late["99"]}

    def request_run(self, server, connections):
        before = server.cpu_s()
        run = self.wrk(server.port, connections)
        run["cpu_us"] = (server.cpu_s() - before) / run["requests"] * 1e6
        return run

    def interleaved(self, makers, connections):
        """Medians per name; each round starts each server afresh, so none gains by its age."""
        runs = {name: [] for name in makers}
        for _ in range(self.a.rounds):
            for name, make in makers.items():
                server = make()
                try:
                    runs[name].append(self.request_run(server, connections))
                finally:
                    server.stop()
                    for old in ("proxy",):
                        shutil.rmtree(self.folder / old, ignore_errors=True)
        return {name: {key: statistics.median(r[key] for r in results) for key in results[0]} for name, results in runs.items()}

    def row(self, what, figure, goal="", verdict=None, **data):
        mark = "" if verdict is None else "reached" if verdict else "missed"
        self.rows.append({"what": what, "figure": figure, "goal": goal, "verdict": mark, **data})
        print(f"{what:<40.40} {figure:<22.22} {goal:<8.8} {mark}", flush=True)

    def head(self, title):
        print(f"\n{title}\n{'':-<79}")

    # -- the parts

    def relay(self, up):
        for connections in self.a.connections:
            self.head(f"{connections} connections")
            got = self.interleaved({"nginx": lambda: self.reverse_proxy(up.port), "relay": lambda: self.stage("relay", up.port), "product": lambda: self.product(up.port)}, connections)
            n, disk = got["nginx"], self.disk()
            for name in ("nginx", "relay", "product"):
                g = got[name]
                self.row(f"{name}: CPU per request", f"{g['cpu_us']:.1f} µs", **{"connections": connections, **g})
                self.row(f"{name}: requests/s, p50, p99", f"{g['rps']:.0f}/s {g['p50_ms']:.2f} {g['p99_ms']:.2f} ms")
            bare, whole = got["relay"]["cpu_us"] / n["cpu_us"], got["product"]["cpu_us"] / n["cpu_us"]
            most = 1.0 if connections <= 64 else 0.85
            self.row("bare relay, CPU : nginx", f"{bare:.2f}", f"≤ {most}", bare <= most)
            self.row("all on, CPU : nginx", f"{whole:.2f}", "≤ 1.5", whole <= 1.5)
            self.row("all on, requests/s : nginx", f"{got['product']['rps'] / n['rps']:.2f}", "≥ 0.8", got["product"]["rps"] / n["rps"] >= 0.8)
            extra = got["product"]["p50_ms"] - n["p50_ms"]
            self.row("all on, p50 beyond nginx", f"{extra:.2f} ms", f"≤ {2 * disk['p50_ms']:.2f}", extra <= 2 * disk["p50_ms"])
            ratio = (got["product"]["p99_ms"] - 2 * disk["p99_ms"]) / n["p99_ms"]
            self.row("all on, p99 less the disk's : nginx", f"{ratio:.2f}", "≤ 1.6", ratio <= 1.6)

    def stages(self, up):
        self.head(f"one feature after the other, {self.a.connections[0]} connections")
        names = ["relay", "parse", "policy", "scan", "charge", "records"]
        got = self.interleaved({name: (lambda name=name: self.stage(name, up.port)) for name in names}, self.a.connections[0])
        before = None
        for name in names:
            cpu = got[name]["cpu_us"]
            self.row(f"{'' if before is None else '+ '}{name}", f"{cpu:.1f} µs" + ("" if before is None else f" ({cpu - before:+.1f})"), **{"stage": name, **got[name]})
            before = cpu

    def stream_run(self, server, text, streams=50):
        before = server.cpu_s()
        out = subprocess.run(pinned(LOAD_CPU, self.a.build / "stream_peer", "load", server.port, streams, self.a.seconds, text), capture_output=True, text=True, check=True).stdout
        got = json.loads(out)
        if got["failed"] or not got["events"]:
            raise SystemExit(f"streams failed: {out}")
        return (server.cpu_s() - before) / got["events"] * 1e6

    def streams(self, _):
        self.head("streams: 50 at once, 200 events of 5 ms each")
        port = free_port()
        peer = Server(pinned(LOAD_CPU, self.a.build / "stream_peer", "serve", port, 200, 5), port)
        runs = {"nginx": [], "product": [], "restore": []}
        try:
            for _ in range(self.a.rounds):
                for name, make, text in (("nginx", lambda: self.reverse_proxy(port), "hello"), ("product", lambda: self.product(port), "hello"),
                                         ("restore", lambda: self.product(port), "write to ada@example.org")):
                    server = make()
                    try:
                        runs[name].append(self.stream_run(server, text))
                    finally:
                        server.stop()
                        shutil.rmtree(self.folder / "proxy", ignore_errors=True)
        finally:
            peer.stop()
        n, p, r = (statistics.median(runs[k]) for k in ("nginx", "product", "restore"))
        self.row("nginx: CPU per event", f"{n:.1f} µs", cpu_us=n)
        self.row("all on: CPU per event : nginx", f"{p:.1f} µs = {p / n:.2f}", "≤ 1.0", p / n <= 1.0, cpu_us=p)
        self.row("all on, restoring: CPU per event", f"{r:.1f} µs = {r / n:.2f}", "≤ 1.25", r / n <= 1.25, cpu_us=r)

    def memory(self, up):
        self.head("memory")
        server = self.product(up.port)
        try:
            empty = server.rss_kb()
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2000)]
            time.sleep(1)
            self.row("2,000 idle connections, each", f"{(server.rss_kb() - empty) / 2000:.1f} KB", resident_kb=server.rss_kb())
            for s in idle:
                s.close()
        finally:
            server.stop()
        port = free_port()
        peer = Server(pinned(LOAD_CPU, self.a.build / "stream_peer", "serve", port, 20, 500), port)
        server = self.product(port)
        try:
            warm = subprocess.run(pinned(LOAD_CPU, self.a.build / "stream_peer", "load", server.port, 1, 1, "hello"), capture_output=True)
            del warm
            empty = server.rss_kb()
            load = subprocess.Popen(pinned(LOAD_CPU, self.a.build / "stream_peer", "load", server.port, 1000, 1, "hello"), stdout=subprocess.DEVNULL)
            time.sleep(6)
            each = (server.rss_kb() - empty) / 1000
            load.wait(60)
            self.row("1,000 streams, each", f"{each:.1f} KB", "≤ 8 KB", each <= 8)
        finally:
            server.stop(), peer.stop()

    def disk(self):
        """The disk's own fdatasync after a write of 1 KB into a preallocated file, in ms."""
        path = self.folder / "disk"
        fd = os.open(path, os.O_RDWR | os.O_CREAT)
        os.posix_fallocate(fd, 0, 1 << 20)
        took = []
        for i in range(300):
            began = time.monotonic()
            os.pwrite(fd, b"x" * 1024, i * 1024)
            os.fdatasync(fd)
            took.append((time.monotonic() - began) * 1e3)
        os.close(fd)
        path.unlink()
        took.sort()
        return {"p50_ms": took[150], "p99_ms": took[296]}

    def records(self, _):
        self.head("durable records")
        disk = self.disk()
        self.row("the disk's fdatasync, p50 and p99", f"{disk['p50_ms']:.3f} {disk['p99_ms']:.3f} ms", **disk)
        for writers, goal in ((1, None), (64, 50_000)):
            out = subprocess.run([self.a.build / "audit_bench", self.folder / f"records-{writers}", "--writers", str(writers), "--seconds", str(self.a.seconds)], capture_output=True, text=True, check=True).stdout
            got = json.loads(out)
            rate = got["records_per_s"]
            self.row(f"{writers} writer{'s' if writers > 1 else ''}", f"{rate:,.0f}/s", "≥ 50,000" if goal else "", rate >= goal if goal else None, **got)

    def start(self, up):
        self.head("start, without engines")
        took, rss = [], 0
        for _ in range(10):
            began = time.monotonic()
            server = self.product(up.port)
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=1)
                    connection.request("GET", "/readyz")
                    if connection.getresponse().status == 200:
                        break
            took.append((time.monotonic() - began) * 1e3)
            rss = server.rss_kb() / 1024
            server.stop()
        ready = statistics.median(took)
        self.row("exec to ready", f"{ready:.0f} ms", "< 100 ms", ready < 100, ready_ms=ready)
        self.row("resident then", f"{rss:.1f} MB", "< 25 MB", rss < 25, resident_mb=rss)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--only", default="relay,stages,streams,memory,records,start")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="64,256", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    for tool in ("wrk", "taskset", "/usr/sbin/nginx"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: apt-get install nginx-light wrk util-linux")
    model = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())[1]
    print(f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {arguments.rounds} rounds of {arguments.seconds} s")
    with tempfile.TemporaryDirectory(prefix="demarc-bench-") as folder:
        bench = Bench(arguments, folder)
        up = bench.upstream()
        try:
            for part in arguments.only.split(","):
                getattr(bench, part)(up)
        finally:
            up.stop()
        print(f"\nload at the end {os.getloadavg()[0]:.1f}")
        if arguments.json:
            arguments.json.write_text(json.dumps(bench.rows, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
