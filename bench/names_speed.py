#!/usr/bin/env python3
"""How many texts a second demarc-tensor labels, in processor time, one text a call and many: what batching brings.

    bench/names_speed.py FOLDER_OF_THE_MODEL [--threads 1] [--rounds 3]

The texts are the English ones of bench/pii dev, made anew. The worker runs by itself, without a gateway, and its own clock of processor time is read, so
that load beside it counts little. The fewest seconds of the rounds are printed, with the digest of everything that it found: the same for each way of
calling, or batching changes what is found.
"""

import argparse
import hashlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build/release"))
KINDS = [{"kind": kind, "type": type_, "at_least": least}
         for kind, type_, least in [("GIVEN_NAME", "PERSON", 0.5), ("SURNAME", "PERSON", 0.5), ("CITY", "LOCATION", 0.5), ("STATE", "LOCATION", 0.5),
                                    ("STREET_NAME", "STREET_ADDRESS", 0.85), ("BUILDING_NUMBER", "STREET_ADDRESS", 0.85)]]
START_S = 60


class Worker:
    def __init__(self, model, threads, folder):
        self.path = f"{folder}/worker.sock"
        settings = pathlib.Path(folder) / "settings.json"
        settings.write_text(json.dumps({"socket": self.path, "model": {"path": str(model), "name": "m", "digest": "d"}, "threads": threads, "slots": 1}))
        self.process = subprocess.Popen([BUILD / "demarc-tensor", settings], stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while True:
            try:
                self.spans(["Ada"])
                return
            except (OSError, http.client.HTTPException, RuntimeError):
                if time.monotonic() > end or self.process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.1)

    def spans(self, texts):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.path)
        connection.request("POST", "/v1/spans", json.dumps({"kinds": KINDS, "texts": texts}), {"content-type": "application/json"})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        if reply.status != 200:
            raise RuntimeError(f"{reply.status}: {body[:200]!r}")
        return json.loads(body)["spans"]

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.terminate()
        self.process.wait()


def calls_of(texts, most_bytes):
    """Lists of texts of at most so many bytes, at least one text each."""
    calls, held = [[]], 0
    for text in texts:
        size = len(text.encode())
        if calls[-1] and held + size > most_bytes:
            calls.append([])
            held = 0
        calls[-1].append(text)
        held += size
    return calls


def english():
    made = subprocess.run([sys.executable, ROOT / "bench/pii/generate.py", "dev", "--out", "/dev/stdout"], capture_output=True, text=True, check=True).stdout
    rows = [json.loads(line) for line in made.splitlines()]
    return list(dict.fromkeys(row["text"] for row in rows if row["language"] == "en"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = english()
    size = sum(len(text.encode()) for text in texts)
    print(f"{len(texts)} texts, {size / 1024:.1f} KiB, {options.threads} thread(s), the best of {options.rounds}")
    print("| texts a call | calls | CPU s | texts/s | KiB/s | found |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="names-speed-") as folder:
        worker = Worker(options.model, options.threads, folder)
        try:
            ways = [("one", 0), ("4 KiB", 4 << 10), ("32 KiB", 32 << 10)]
            best, found = {}, {}
            for _ in range(options.rounds):
                for name, most in ways:
                    before = worker.cpu_s()
                    spans = [of_text for call in calls_of(texts, most) for of_text in worker.spans(call)]
                    best[name] = min(best.get(name, 1e9), worker.cpu_s() - before)
                    places = [[(s["type"], s["begin"], s["end"]) for s in of_text] for of_text in spans]
                    found[name] = f"{sum(map(len, places))}, {hashlib.sha256(json.dumps(places).encode()).hexdigest()[:8]}"
        finally:
            worker.close()
        for name, most in ways:
            print(f"| {name} | {len(calls_of(texts, most))} | {best[name]:.2f} | {len(texts) / best[name]:.0f} | {size / 1024 / best[name]:.1f} | {found[name]} |")


if __name__ == "__main__":
    main()
