#!/usr/bin/env python3
"""How many names, places and addresses a gateway with `detectors.names` finds, and what that adds to a request.

usage: bench/names.py SET.jsonl [--data FOLDER] [--model rampart] [--show N] [--json FILE]

SET: a JSON object a line, {"text", "spans": [{"start", "end", "type"}]}, offsets in code points. Asked through POST /v1/redactions, so what is measured
is both tiers together, as a caller gets them. A labelled span is *found* if a finding of its type overlaps it, *covered* if every letter and digit of it
is inside findings of whatever type: what redaction of all types would hide. A finding is right if it overlaps a span that it may stand for. Intervals
are Wilson's, 95 %. Then latency: one chat request after another through a loopback provider, with the model, with its answer remembered, and without.
The model must be in the data folder: demarc --data FOLDER models pull rampart. Needs build/release.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from harness import Gateway, make_ca  # noqa: E402
from provider import Provider  # noqa: E402

# label of a set -> the types of ours that mean it
MEANS = {"PERSON": {"PERSON"}, "GPE": {"LOCATION", "STREET_ADDRESS"}, "STREET_ADDRESS": {"STREET_ADDRESS", "LOCATION"}, "ZIP_CODE": {"STREET_ADDRESS"},
         "ORGANIZATION": {"ORGANIZATION"}, "PHONE": {"PHONE_NUMBER"}, "EMAIL": {"EMAIL_ADDRESS"}, "SSN": {"US_SSN", "NATIONAL_ID"}, "IBAN": {"IBAN_CODE"},
         "US_DRIVER_LICENSE": {"DRIVER_LICENSE"}}
POLICY = "version: 1\nrules:\n  - {id: cloud, permit: cloud, require: [redact]}\n"


def wilson(hits, n):
    if n == 0:
        return "-"
    z, p = 1.96, hits / n
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return f"{p:.3f} ({middle - half:.3f}-{middle + half:.3f})"


def covered(text, span, findings):
    hidden = set()
    for finding in findings:
        hidden.update(range(finding["start"], finding["end"]))
    return all(i in hidden for i in range(span["start"], span["end"]) if text[i].isalnum())


def judge(rows, answers, show):
    labelled, found, whole, reported, right = (collections.Counter() for _ in range(5))
    missed, wrong = collections.defaultdict(list), collections.defaultdict(list)
    for row, findings in zip(rows, answers):
        text = row["text"]
        over = lambda a, b: a["start"] < b["end"] and b["start"] < a["end"]  # noqa: E731
        for span in row["spans"]:
            types = MEANS.get(span["type"], {span["type"]})
            labelled[span["type"]] += 1
            hit = any(f["type"] in types and over(span, f) for f in findings)
            found[span["type"]] += hit
            whole[span["type"]] += covered(text, span, findings)
            if not hit:
                missed[span["type"]].append(text[max(0, span["start"] - 30):span["start"]] + "[" + text[span["start"]:span["end"]] + "]" + text[span["end"]:span["end"] + 15])
        for finding in findings:
            reported[finding["type"]] += 1
            good = any(finding["type"] in MEANS.get(s["type"], {s["type"]}) and over(s, finding) for s in row["spans"])
            right[finding["type"]] += good
            if not good:
                wrong[finding["type"]].append(text[max(0, finding["start"] - 30):finding["start"]] + "[" + text[finding["start"]:finding["end"]] + "]" + text[finding["end"]:finding["end"] + 15])
    print(f"{'label':<20} {'labelled':>8}  {'found':<22} covered")
    for label in sorted(labelled, key=labelled.get, reverse=True):
        print(f"{label:<20} {labelled[label]:8}  {wilson(found[label], labelled[label]):<22} {wilson(whole[label], labelled[label])}")
        for text in missed[label][:show]:
            print("      missed:", " ".join(text.split()))
    print(f"\n{'type':<20} {'reported':>8}  precision")
    for name in sorted(reported, key=reported.get, reverse=True):
        print(f"{name:<20} {reported[name]:8}  {wilson(right[name], reported[name])}")
        for text in wrong[name][:show]:
            print("      wrong: ", " ".join(text.split()))
    return {"labelled": labelled, "found": found, "covered": whole, "reported": reported, "right": right}


def percentiles(ms):
    ms = sorted(ms)
    return f"p50 {ms[len(ms) // 2]:7.1f}  p99 {ms[min(len(ms) - 1, len(ms) * 99 // 100)]:7.1f}  mean {statistics.mean(ms):7.1f}"


def latency(config, provider, models, rows, kib):
    """Milliseconds of requests of about kib KiB: each asked twice with the model on (the second is remembered), and once with it off."""
    words = " ".join(row["text"] for row in rows)
    texts = [f"Case {i}. " + words[(i * 977) % max(1, len(words) - kib * 1024):][:kib * 1024] for i in range(40)]

    def run(gateway, texts):
        out = []
        for text in texts:
            began = time.perf_counter()
            reply = gateway.chat(text, model="echo", max_tokens=1)
            out.append((time.perf_counter() - began) * 1000)
            if reply.status != 200:
                raise SystemExit(f"{reply.status}: {reply.text[:300]}")
        return out

    with Gateway(config + "limits: {examine_ms: 60000}\n" + detectors(models[1]), policy=POLICY, models=models[0]) as gateway:
        run(gateway, ["Warm up, please."])
        first, again = run(gateway, texts), run(gateway, texts)
    with Gateway(config, policy=POLICY) as gateway:
        run(gateway, ["Warm up, please."])
        off = run(gateway, texts)
    for name, ms in (("asked", first), ("remembered", again), ("off", off)):
        print(f"{kib:4} KiB  {name:<11} {percentiles(ms)} ms")
    return {"kib": kib, "asked": first, "remembered": again, "off": off}


def detectors(model):
    return f"detectors: {{names: {{model: {model}, languages: [en], other_language: uncovered}}}}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=pathlib.Path)
    parser.add_argument("--data", default=os.environ.get("DEMARC_E2E_NAMES", pathlib.Path.home() / ".cache" / "demarc" / "test-models-names"), help="data folder that holds the model")
    parser.add_argument("--model", default="rampart")
    parser.add_argument("--show", type=int, default=0, help="so many examples of what was missed and wrong")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.set.read_text().splitlines()]
    folder = tempfile.TemporaryDirectory()
    ca, cert, key = make_ca(folder.name)
    provider = Provider(tls=(str(cert), str(key)))
    config = (f'upstreams:\n  - {{name: cloud, tier: cloud, dialect: openai, base_url: "{provider.base_url}", key: sk-bench-0123456789, ca_file: {ca}, '
              "models: [echo], serves: [chat]}\n")
    try:
        answers, began = [], None
        with Gateway(config + "limits: {examine_ms: 600000}\n" + detectors(arguments.model), policy=POLICY, models=arguments.data) as gateway:
            began = time.perf_counter()
            for at in range(0, len(rows), 50):
                reply = gateway.post("/v1/redactions", {"input": [row["text"] for row in rows[at:at + 50]], "mode": "detect"}, timeout=600)
                if reply.status != 200:
                    raise SystemExit(f"{reply.status}: {reply.text[:300]}")
                answers += [result["findings"] for result in reply.json["results"]]
            seconds = time.perf_counter() - began
        result = {"accuracy": judge(rows, answers, arguments.show)}
        size = sum(len(row["text"].encode()) for row in rows)
        print(f"\n{len(rows)} texts, {size} bytes in {seconds:.1f} s: {len(rows) / seconds:.0f} texts/s, {size / seconds / 1024:.0f} KiB/s\n")
        result["latency"] = [latency(config, provider, (arguments.data, arguments.model), rows, kib) for kib in (1, 4, 16)]
        if arguments.json:
            arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        provider.stop()
        folder.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
