#!/usr/bin/env python3
"""Code completion: how often the rest of a line is filled in as its author wrote it, with and without the repository's context, and how long that takes.

usage: bench/complete.py [--data FOLDER] [--model MODEL] [--lines 100] [--before 256] [--behind 64] [--seed 1] [--keystrokes 20] [--show] [--json FILE]        Ctrl-C: the table of the lines so far

The repository is a Python package under the MIT licence, fetched once from PyPI and checked by SHA-256 (textual 8.2.8, June 2026: later than the
starter model's training data). Of lines drawn by the seed the end is taken out, from some place within; the model sees 256 lines before and 64 behind, or as many
as --before and --behind say (a processor without GPU reads some 150 tokens a second; 60 and 20 are about the 1,024 tokens of Continue's default).
Each line is asked for three times in one run, greedily: the engine itself, as llama.vim with no pieces of other files would ask it (the peer: what a
user would run instead); through the gateway; through the gateway with what `demarc complete --repo` adds. Latency is from the request to the end of
the line, whole answers; engine and gateway take turns in asking first, and only the first counts, for the second finds its prompt in the cache. Keystrokes: five characters typed at the end of what is there, each a request with the context, timed one by one: what an
engine's cache of the beginning saves shows there. Needs build/release and the model in the data folder: demarc --data FOLDER models pull --starter.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from distance import edits  # noqa: E402
from harness import Gateway, wait_for  # noqa: E402

PACKAGE, WHEEL, SHA256 = "textual==8.2.8", "textual-8.2.8-py3-none-any.whl", "267375fd402dc8d981457212efa71f0e3365fd17bba144ba9bb3ed7563cb374a"
POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"


def fetch(cache):
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / WHEEL).exists():
        (cache / "requirements.txt").write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n")
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", cache, "-r", cache / "requirements.txt"],
                       check=True)
    return cache / WHEEL


def take_out(repository, count, seed):
    """(file, number of the line, where the end begins): lines of code with something to fill in, at most two of a file."""
    found = []
    for path in sorted(repository.rglob("*.py")):
        lines = path.read_text().split("\n")
        in_text = False
        for number, line in enumerate(lines):
            quotes = line.count('"""')
            was_in_text, in_text = in_text, in_text ^ (quotes % 2 == 1)
            code = line.strip()
            if was_in_text or quotes or not 20 <= len(code) <= 100 or code.startswith(("#", "@", "from ", "import ", "def ", "class ", '"', "'")) or number < 20:
                continue
            places = [at for at in range(len(line) - len(code) + 4, len(line) - 5) if re.match(r"[A-Za-z_]", line[at]) and not re.match(r"\w", line[at - 1])]
            if places:
                found.append((path, number, places))
    chooser = random.Random(seed)
    chooser.shuffle(found)
    chosen, of_file = [], {}
    for path, number, places in found:
        if of_file.setdefault(path, 0) < 2 and len(chosen) < count:
            of_file[path] += 1
            chosen.append((path, number, chooser.choice(places)))
    return chosen


class Engine:
    """llama-server on its Unix socket, as the gateway started it."""

    def __init__(self, folder):
        self.path = next(folder.glob("coder-*.sock"))

    def ask(self, body):
        connection = http.client.HTTPConnection("localhost", timeout=120)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.path))
        began = time.monotonic()
        connection.request("POST", "/infill", json.dumps(body), {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["content"], time.monotonic() - began, answer


def through(gateway, body):
    began = time.monotonic()
    reply = gateway.post("/infill", body, timeout=600)
    took = time.monotonic() - began
    assert reply.status == 200, reply.text
    return reply.json["content"], took, reply.json


def likeness(a, b):
    return 1 - edits(a, b) / max(len(a), len(b), 1)


def share(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_MODELS"), help="a data folder with the model")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b-instruct")
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--before", type=int, default=256, help="lines before the cursor")
    parser.add_argument("--behind", type=int, default=64, help="lines behind it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keystrokes", type=int, default=20, help="lines that are typed character by character")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of the engine")
    parser.add_argument("--show", action="store_true", help="each line with what was filled in")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    wheel = fetch(pathlib.Path(os.environ.get("DEMARC_CACHE", pathlib.Path.home() / ".cache" / "demarc")) / "bench" / "complete")
    work = pathlib.Path(tempfile.mkdtemp(prefix="demarc-complete-"))
    zipfile.ZipFile(wheel).extractall(work / "repository")
    upstream = f"upstreams:\n  - {{name: coder, tier: local, engine: llama, model: {options.model}, slots: 1, serves: [fim], context_tokens: 6144, threads: {options.threads}}}\n"
    names = ("engine alone", "gateway", "gateway, repository")
    results = {name: {"exact": [], "alike": [], "seconds": []} for name in names}
    contexts, keys, cached, build_s = [], [], [], None
    with Gateway(upstream, policy=POLICY, models=options.data) as gateway:
        wait_for(lambda: json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["models"][0]["usable"], 300)
        engine = Engine(gateway.data / "run")
        lines = take_out(work / "repository", options.lines, options.seed)
        began = time.monotonic()
        gateway.cli("complete", f"{lines[0][0]}:1", "--repo", work / "repository", "--print-request")
        build_s = time.monotonic() - began
        enough = []
        signal.signal(signal.SIGINT, lambda *_: enough.append(True))  # the table of the lines so far
        for index, (path, number, at) in enumerate(lines):
            if enough:
                break
            text = path.read_text()
            all_lines = text.split("\n")
            line = all_lines[number]
            wanted = line[at:]
            path.write_text("\n".join([*all_lines[:number], line[:at], *all_lines[number + 1:]]))
            began = time.monotonic()
            knowing = json.loads(gateway.cli("complete", f"{path}:{number + 1}", "--repo", work / "repository", "--print-request").stdout)
            contexts.append(time.monotonic() - began)
            knowing["input_prefix"] = "".join(knowing["input_prefix"].splitlines(keepends=True)[-options.before:])
            knowing["input_suffix"] = "".join(knowing["input_suffix"].splitlines(keepends=True)[:options.behind])
            path.write_text(text)
            alone = {key: value for key, value in knowing.items() if key != "input_extra"}
            asks = [(names[0], engine.ask, alone), (names[1], lambda body: through(gateway, body), alone)]
            asks = (asks if index % 2 == 0 else asks[::-1]) + [(names[2], lambda body: through(gateway, body), knowing)]
            for turn, (name, ask, body) in enumerate(asks):
                filled, took, _ = ask(body)
                filled = filled.split("\n")[0]
                results[name]["exact"].append(filled.rstrip() == wanted.rstrip())
                results[name]["alike"].append(likeness(filled.rstrip(), wanted.rstrip()))
                if turn != 1:  # the second to ask the same finds it in the engine's cache
                    results[name]["seconds"].append(took)
                if options.show:
                    print(f"{path.name}:{number + 1} {name}: {line[:at].strip()} ⟨{filled}⟩ wanted ⟨{wanted}⟩")
            if index < options.keystrokes:
                for typed in range(1, 6):
                    _, took, answer = through(gateway, {**knowing, "prompt": knowing["prompt"] + wanted[:typed]})
                    keys.append(took)
                    if typed > 1:
                        cached.append(answer["timings"]["cache_n"] / (answer["timings"]["cache_n"] + answer["timings"]["prompt_n"]))
            print(f"\r{index + 1}/{len(lines)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    shutil.rmtree(work)
    print(f"{len(contexts)} lines of {PACKAGE}, seed {options.seed}, {options.model}, {options.before} lines before and {options.behind} behind\n")
    print("| | exact | edit similarity | p50 ms to the line | p95 ms |\n| --- | --- | --- | --- | --- |")
    for name in names:
        each = results[name]
        print(f"| {name} | {100 * statistics.mean(each['exact']):.0f} % | {statistics.mean(each['alike']):.2f} | {share(each['seconds'], 0.5):.0f} | {share(each['seconds'], 0.95):.0f} |")
    if keys:
        print(f"| keystroke, repository | | | {share(keys, 0.5):.0f} | {share(keys, 0.95):.0f} |")
        print(f"\nOf a keystroke's prompt {100 * statistics.mean(cached):.0f} % came from the engine's cache.", end=" ")
    print(f"The index took {build_s:.1f} s to build; the context of a line {share(contexts, 0.5):.0f} ms (p50), the command's start and a changed file included.")
    if options.json:
        options.json.write_text(json.dumps({"results": results, "keystrokes_s": keys, "cached": cached, "context_s": contexts, "index_s": build_s}))


if __name__ == "__main__":
    main()
