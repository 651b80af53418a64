#!/usr/bin/env python3
"""Every figure of the privacy engine, one command each, each a table on standard output.

usage: bench/privacy.py types [SET…]          recall, precision, F2 per type, per tier and combined, beside Presidio's patterns; SET: train, dev, heldout (default) or a file
       bench/privacy.py disguise              type by disguise
       bench/privacy.py false-alarms FILE…    findings per 10,000 words of ordinary prose: texts, CSV files with a column "text"; this machine's manual pages too
       bench/privacy.py speed FILE…           bytes a second on one core, beside Presidio's patterns
       bench/privacy.py latency               what a gateway adds to a request and to a token of a stream
       bench/privacy.py survival              placeholders through the chat models of --models
       bench/privacy.py all --sets … --prose … --json FILE --out docs/measured-privacy.md    all of them
options: --json FILE   --out FILE.md   --data FOLDER (that holds the model of names)   --models FOLDER… (that hold chat models)   --model NAME   --count N   --show N (never for heldout)

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


INTRO = """# Measured: privacy

Written by `bench/privacy.py all`; what the figures mean and what causes them stands in [measured.md](measured.md#privacy).
"""
# part: (title, measure, Markdown of what it measured)
PARTS = {
    "types": ("Recall and precision", lambda a: privacy_types.run(a.sets or ["heldout"], a.model, a.data, a.show), lambda r: privacy_types.markdown(r) + "\n" + PUBLISHED),
    "disguise": ("Against disguise", lambda a: privacy_disguise.run(a.count or 40), privacy_disguise.markdown),
    "false-alarms": ("False alarms on ordinary prose", lambda a: privacy_speed.false_alarms(a.prose, a.show), privacy_speed.alarms_markdown),
    "speed": ("Speed", lambda a: privacy_speed.speed(a.prose), privacy_speed.speed_markdown),
    "latency": ("Latency", lambda a: privacy_gateway.latency(a.model, a.data), privacy_gateway.markdown),
    "survival": ("Placeholders through real models", lambda a: privacy_survival.run(a.models, a.model, a.data, a.count or 8), privacy_survival.markdown),
}


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
    parser.add_argument("--json", type=pathlib.Path, help="keeps the figures; those of other parts that it holds stay")
    parser.add_argument("--out", type=pathlib.Path, help="Markdown of all that --json holds")
    parser.add_argument("--render", action="store_true", help="only write --out from --json")
    a = parser.parse_args()
    if a.part == "types":
        a.sets += a.files
    else:
        a.prose += map(pathlib.Path, a.files)
    if a.show and a.part == "types" and "heldout" in (a.sets or ["heldout"]):
        parser.error("nobody looks at what was missed in the held-out texts")
    results = json.loads(a.json.read_text()) if a.json and a.json.exists() else {}
    for part in [] if a.render else PARTS if a.part == "all" else [a.part]:
        results[part] = {"date": str(datetime.date.today()), "machine": machine(), "result": PARTS[part][1](a)}
        print(f"\n{PARTS[part][2](results[part]['result'])}", flush=True)
        if a.json:
            a.json.write_text(json.dumps(results, indent=1) + "\n")
    if a.out:
        a.out.write_text(INTRO + "".join(f"\n## {title}\n\n`bench/privacy.py {part}`, {results[part]['date']}, {results[part]['machine']}.\n\n{markdown(results[part]['result'])}"
                                         for part, (title, _, markdown) in PARTS.items() if part in results))


if __name__ == "__main__":
    main()
