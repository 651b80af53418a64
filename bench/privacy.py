#!/usr/bin/env python3
"""Every figure of the privacy engine, one command each, each a table on standard output.

usage: bench/privacy.py types [SET…]          recall, precision, F2 per type, per tier and combined, beside Presidio's patterns; SET: train, dev, heldout (default) or a file
       bench/privacy.py disguise              type by disguise
       bench/privacy.py false-alarms FILE…    findings per 10,000 words of ordinary prose: texts, CSV files with a column "text"; this machine's manual pages too
       bench/privacy.py speed FILE…           bytes a second on one core, beside Presidio's patterns
       bench/privacy.py latency               what a gateway adds to a request and to a token of a stream
       bench/privacy.py survival              placeholders through the chat models of --models
       bench/privacy.py all --sets … --prose … --out FILE.md    all of them; FILE.md is the section of docs/measured.md
options: --json FILE   --data FOLDER (that holds the model of names)   --models FOLDER… (that hold chat models)   --model NAME   --count N   --show N (never for heldout)

The labelled texts are made by bench/pii/generate.py; on the held-out ones nobody tunes, and they are refused if their digest is not the committed one.
Needs build/release (demarc, demarc-tensor, privacy_find, llama-server).
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import privacy_disguise  # noqa: E402
import privacy_finders as finders  # noqa: E402
import privacy_gateway  # noqa: E402
import privacy_speed  # noqa: E402
import privacy_survival  # noqa: E402
import privacy_types  # noqa: E402

PUBLISHED = """Published elsewhere, on other texts, so only for orientation. Names and numbers together, F2: Presidio as it comes .618 (precision .685, recall .603) and
tuned .845 by presidio-research; PIIMB of September 2026: OpenMed multilingual-v2 .836, GLiNER2-PII .800, gliner-PII .799, openai/privacy-filter .662, Presidio .586.
"""


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} processors ({cpu[1] if cpu else platform.machine()}), load {os.getloadavg()[0]:.1f}"


def types(a):
    result = privacy_types.run(a.sets or ["heldout"], a.model, a.data, a.show)
    return result, privacy_types.markdown(result) + "\n" + PUBLISHED


def disguise(a):
    result = privacy_disguise.run(a.count or 40)
    return result, privacy_disguise.markdown(result, a.count or 40)


def false_alarms(a):
    result = privacy_speed.false_alarms(a.prose, a.show)
    return result, privacy_speed.alarms_markdown(result)


def speed(a):
    result = privacy_speed.speed(a.prose)
    return result, privacy_speed.speed_markdown(result)


def latency(a):
    result, streamed = privacy_gateway.latency(a.model, a.data), privacy_gateway.stream()
    return {"requests": result, "stream": streamed}, privacy_gateway.latency_markdown(result, streamed)


def survival(a):
    result = privacy_survival.run(a.models, a.model, a.data, a.count or 8)
    return result, privacy_survival.markdown(result)


PARTS = {"types": types, "disguise": disguise, "false-alarms": false_alarms, "speed": speed, "latency": latency, "survival": survival}
TITLES = {"types": "Recall and precision", "disguise": "Against disguise", "false-alarms": "False alarms on ordinary prose", "speed": "Speed", "latency": "Latency", "survival": "Placeholders through real models"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("files", nargs="*", help="sets of `types`, files of `false-alarms` and `speed`")
    parser.add_argument("--sets", nargs="*", default=[])
    parser.add_argument("--prose", nargs="*", type=pathlib.Path, default=[])
    parser.add_argument("--model", default="rampart")
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("DEMARC_E2E_NAMES", finders.CACHE / "test-models-names"))
    parser.add_argument("--models", type=pathlib.Path, nargs="+", default=[pathlib.Path(os.environ.get("DEMARC_E2E_MODELS", finders.CACHE / "test-models"))])
    parser.add_argument("--count", type=int, help="values a cell of `disguise`, texts a task of `survival`")
    parser.add_argument("--show", type=int, default=0, help="so many examples of what was missed and wrong")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, help="Markdown")
    a = parser.parse_args()
    if a.part == "types":
        a.sets += a.files
    else:
        a.prose += map(pathlib.Path, a.files)
    if a.show and a.part == "types" and "heldout" in (a.sets or ["heldout"]):
        parser.error("nobody looks at what was missed in the held-out texts")
    results, text = {}, f"`bench/privacy.py {a.part}`, {datetime.date.today()}, {machine()}.\n"
    for part in PARTS if a.part == "all" else [a.part]:
        results[part], table = PARTS[part](a)
        text += f"\n#### {TITLES[part]}\n\n{table}"
        print(f"\n{table}", flush=True)
        if a.json:
            a.json.write_text(json.dumps(results, indent=1) + "\n")
        if a.out:
            a.out.write_text(text)


if __name__ == "__main__":
    main()
