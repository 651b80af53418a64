"""Those who find: demarc's structured detectors, a whole gateway with the model of names, and Presidio. Each takes rows {"text", "language"} and gives a
list of findings {"type", "start", "end"} a row, offsets in code points."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("DEMARC_BUILD", ROOT / "build" / "release"))
CACHE = pathlib.Path.home() / ".cache" / "demarc"
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "bench" / "pii"))

PRESIDIO_FLOOR = 0.4  # below it are patterns that any number of the length fits


def lines(command, rows):
    done = subprocess.run([str(part) for part in command], input="".join(json.dumps(row) + "\n" for row in rows), stdout=subprocess.PIPE, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(rows):
        raise SystemExit(f"{command[0]} answered {len(answers)} of {len(rows)} lines")
    return answers


def structured(rows):
    return [answer["findings"] for answer in lines([BUILD / "privacy_find"], [{"text": row["text"]} for row in rows])]


def counts(requests):
    """Of chat requests, read as the gateway reads them: {type: count}."""
    return [answer["counts"] or {} for answer in lines([BUILD / "privacy_find"], [{"request": request} for request in requests])]


def structured_types():
    return set(subprocess.run([BUILD / "privacy_find", "--types"], capture_output=True, text=True, check=True).stdout.split())


def presidio_python():
    """Presidio in an environment of its own, made once."""
    folder = CACHE / "bench" / "presidio"
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", ROOT / "bench" / "presidio-requirements.txt"], check=True)
    return folder / "bin" / "python"


def presidio_command(*arguments):
    return [presidio_python(), ROOT / "bench" / "presidio_find.py", *arguments]


def presidio(rows):
    answers = lines(presidio_command(), [{"text": row["text"], "language": row.get("language", "en")} for row in rows])
    return [[f for f in answer["findings"] if f["score"] >= PRESIDIO_FLOOR] for answer in answers]


def presidio_types():
    return set(subprocess.run(presidio_command("--types"), capture_output=True, text=True, check=True).stdout.split())


def names_config(model):
    return f"limits: {{examine_ms: 600000}}\ndetectors: {{names: {{model: {model}, languages: [en], other_language: uncovered}}}}\n"


def gateway(rows, model, data):
    """Both tiers together, as POST /v1/redactions gives them."""
    from harness import Gateway, make_ca
    from provider import Provider

    answers = []
    with tempfile.TemporaryDirectory() as folder:
        ca, cert, key = make_ca(folder)
        provider = Provider(tls=(str(cert), str(key)))
        config = (f'upstreams:\n  - {{name: cloud, tier: cloud, dialect: openai, base_url: "{provider.base_url}", key: sk-bench-0123456789, ca_file: {ca}, '
                  "models: [echo], serves: [chat]}\n")
        try:
            with Gateway(config + names_config(model), policy="version: 1\nrules:\n  - {id: cloud, permit: cloud, require: [redact]}\n", models=data) as gate:
                for at in range(0, len(rows), 50):
                    reply = gate.post("/v1/redactions", {"input": [row["text"] for row in rows[at:at + 50]], "mode": "detect"}, timeout=600)
                    if reply.status != 200:
                        raise SystemExit(f"{reply.status}: {reply.text[:300]}")
                    answers += [result["findings"] for result in reply.json["results"]]
        finally:
            provider.stop()
    return answers
