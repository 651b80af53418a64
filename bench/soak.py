#!/usr/bin/env python3
"""Mixed work for an hour, and what it leaves in memory: of the gateway and of each engine, in MiB, and whether any had to be restarted.

usage: bench/soak.py [--data FOLDER] [--minutes 60] [--chat MODEL] [--speech MODEL] [--embedding MODEL] [--json FILE] [--trace FILE.csv]

Beside each other, each as fast as its answers come: chats of different lengths, whole and streamed, some of whose clients leave; short clips; a recording of
three minutes over and over; embeddings, one and many; redactions. Memory is what the kernel says of each process (PSS), every ten seconds. The first fifth
of the time warms up; after that the tops must not grow: the table has the highest of the next fifth and of the last one. An engine that was restarted, or an
answer that is no 200, makes the command fail. The models must be in the data folder (demarc --data FOLDER models pull NAME). Needs build/release.

The day on a simulated clock is a test: build/release/sim_test --gtest_filter=Soak.*
"""

import argparse
import collections
import csv
import http.client
import json
import os
import pathlib
import random
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "bench"))
from harness import Gateway, wait_for  # noqa: E402
from mixed_load import CLIP, POLICY, recording, transcribe  # noqa: E402

WORDS = "the committee met in spring to read what the harbour master wrote about storms ropes lanterns and the price of coal".split()


def text(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


def chat(gateway, rng):
    body = {"model": "auto", "max_tokens": rng.randint(4, 48), "messages": [{"role": "user", "content": text(rng, rng.randint(4, 300))}]}
    return gateway.post("/v1/chat/completions", body, timeout=600).status


def stream(gateway, rng):
    """Reads all of it, or goes away in the middle."""
    body = {"model": "auto", "stream": True, "max_tokens": 48, "messages": [{"role": "user", "content": text(rng, 40)}]}
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=600)
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
        response = connection.getresponse()
        if rng.random() < 0.2:
            response.read(200)
        else:
            response.read()
        return response.status
    finally:
        connection.close()


def embed(gateway, rng):
    inputs = [text(rng, rng.randint(3, 60)) for _ in range(rng.choice([1, 1, 32]))]
    return gateway.post("/v1/embeddings", {"model": "auto", "input": inputs}, timeout=600).status


def redact(gateway, rng):
    inputs = [text(rng, 30) + f" Write to {rng.choice(WORDS)}{rng.randint(1, 9999)}@example.org, card 4111 1111 1111 1111."]
    return gateway.post("/v1/redactions", {"input": inputs, "mode": "redact", "conversation": f"c{rng.randint(1, 5000)}"}, timeout=60).status


def clip(gateway, _rng):
    transcribe(gateway, CLIP.read_bytes())  # asserts a 200
    return 200


LONG = recording(180)


def long_recording(gateway, _rng):
    transcribe(gateway, LONG)
    return 200


WORK = {"chat": chat, "stream": stream, "embeddings": embed, "redaction": redact, "clip": clip, "recording of 3 min": long_recording}


def pss_mib(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (OSError, ValueError):
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), None)


def processes(gateway):
    """Name to process id: the gateway and the engines below it."""
    found = {"demarc": gateway.process.pid}
    children = pathlib.Path(f"/proc/{gateway.process.pid}/task").glob("*/children")
    for pid in [int(p) for file in children for p in file.read_text().split()]:
        try:
            arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        socket = next((a.decode() for a in arguments if a.endswith((b".sock", b".json"))), str(pid))
        found[pathlib.Path(socket).stem.rsplit("-", 1)[0]] = pid
    return found


class Worker(threading.Thread):
    def __init__(self, name, gateway, until, tally, seed):
        super().__init__(daemon=True)
        self.work, self.gateway, self.until, self.tally, self.rng, self.kind = WORK[name], gateway, until, tally, random.Random(seed), name

    def run(self):
        while time.monotonic() < self.until:
            began = time.monotonic()
            try:
                status = self.work(self.gateway, self.rng)
            except Exception as error:  # counted, and the command fails
                status = f"{type(error).__name__}: {str(error)[:200]}"
            self.tally[self.kind, status] += 1
            time.sleep(max(0, 0.2 - (time.monotonic() - began)))  # the cheap kinds leave something to the others


def top(samples, name, begin, end):
    return max((mib for at, values in samples if begin <= at < end for n, mib in values.items() if n == name and mib), default=float("nan"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS"), help="folder that holds the models")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--chat", default="smollm2-135m-instruct")
    parser.add_argument("--speech", default="whisper-tiny.en")
    parser.add_argument("--embedding", default="all-minilm-l6-v2")
    parser.add_argument("--json")
    parser.add_argument("--trace", help="every sample, as CSV")
    wish = parser.parse_args()
    if not wish.data:
        parser.error("--data FOLDER: where the models are")
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {wish.chat}, serves: [chat], context_tokens: 2048, slots: 2}}
  - {{name: speech-local, tier: local, engine: speech, model: {wish.speech}, serves: [transcription]}}
  - {{name: vectors-local, tier: local, engine: llama, model: {wish.embedding}, serves: [embedding]}}
vault: {{life_hours: 1}}
"""
    samples, tally, seconds = [], collections.Counter(), wish.minutes * 60
    with Gateway(config, policy=POLICY, models=wish.data) as gateway:
        wait_for(lambda: gateway.log_text().count(": ready") >= 3, 180)
        first = processes(gateway)
        began = time.monotonic()
        workers = [Worker(name, gateway, began + seconds, tally, i) for i, name in enumerate(WORK)]
        for worker in workers:
            worker.start()
        while time.monotonic() < began + seconds:
            at, now = time.monotonic() - began, processes(gateway)
            samples.append((at, {name: pss_mib(pid) for name, pid in now.items()}))
            if sys.stderr.isatty():
                print(f"\r{at / 60:5.1f} of {wish.minutes:g} min, {sum(tally.values())} answers ", end="", file=sys.stderr)
            time.sleep(min(10, seconds / 50))
        for worker in workers:
            worker.join(timeout=900)
        restarted = [name for name, pid in processes(gateway).items() if first.get(name) != pid]
    if wish.trace:
        with open(wish.trace, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["seconds", *first])
            rows.writerows([f"{at:.0f}", *(f"{values.get(name) or 0:.1f}" for name in first)] for at, values in samples)
    bad = {f"{kind}: {status}": n for (kind, status), n in tally.items() if status != 200}
    answers = ", ".join(f"{sum(n for (k, _), n in tally.items() if k == kind)} × {kind}" for kind in WORK)
    print(f"{wish.minutes:g} minutes, answers: {answers}\n\n| process | MiB, second fifth | MiB, last fifth | grew |\n| --- | --- | --- | --- |")
    table = {}
    for name in first:
        early, late = top(samples, name, seconds * 0.2, seconds * 0.4), top(samples, name, seconds * 0.8, seconds + 1)
        table[name] = {"second_fifth_mib": early, "last_fifth_mib": late}
        print(f"| {name} | {early:.1f} | {late:.1f} | {100 * (late - early) / early:+.1f} % |")
    print(f"\nrestarted: {', '.join(restarted) or 'none'}; answers that were no 200: {bad or 'none'}")
    if wish.json:
        pathlib.Path(wish.json).write_text(json.dumps({"minutes": wish.minutes, "answers": {f"{k} {s}": n for (k, s), n in tally.items()},
                                                       "processes": table, "restarted": restarted}, indent=1))
    return 1 if restarted or bad else 0


if __name__ == "__main__":
    sys.exit(main())
