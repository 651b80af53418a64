"""Models as an operator meets them: hostile files that no engine may open, advice, a quantised copy with its lineage, benches whose figures routing uses."""

import hashlib
import json
import os
import pathlib
import subprocess

import pytest

from conftest import cloud_upstream
from harness import BINARY, Gateway
from test_local import CHAT, wait_up

EMBEDDING = "all-minilm-l6-v2"
CHECK = pathlib.Path(BINARY).parent / "demarc-check"


@pytest.fixture(scope="module")
def data(models, tmp_path_factory):
    """A data folder with the starter models, linked."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run(["cp", "-rs", f"{models}/models", folder], check=True)
    subprocess.run(["cp", f"{models}/models.lock", folder], check=True)
    return folder


def demarc(data, *arguments, check=True):
    done = subprocess.run([BINARY, "--data", data, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert not check or done.returncode == 0, done.stderr
    return done


def weights(data, name=EMBEDDING):
    return next((data / "models/by-name" / name).glob("*.gguf"))


# -- what no engine may open

def test_installed_models_are_accepted_with_their_facts(data):
    told = json.loads(demarc(data, "models", "check", EMBEDDING, CHAT, "--json").stdout)
    assert [f["accepted"] for f in told["files"]] == [True, True]
    assert told["files"][1]["facts"]["layers"] == 24 and told["files"][1]["facts"]["fill_in_the_middle"] is True


@pytest.mark.parametrize("name,spoil,reason", [
    ("cut.gguf", lambda b: b[:700_000], "behind the file's end"),
    ("counts.gguf", lambda b: b[:8] + (2**60).to_bytes(8, "little") + b[16:], "tensors; at most"),
    ("pickle.gguf", lambda b: b"\x80\x04\x95" + b, "pickle"),
    ("pytorch_model.bin", lambda b: b"PK\x03\x04" + b, "zip archive"),
    ("model.safetensors", lambda b: (2**63).to_bytes(8, "little") + b, "the format allows"),
    ("model.onnx", lambda b: b"\x3a\xff\xff\xff\xff\x0f" + b[:100], "would need"),
    ("tool.txt", lambda b: b"#!/bin/sh\nid\n", "a program"),
])
def test_a_hostile_file_is_refused_with_its_reason(data, tmp_path, name, spoil, reason):
    (tmp_path / name).write_bytes(spoil(weights(data).read_bytes()[:1_000_000]))
    done = demarc(data, "models", "check", tmp_path / name, check=False)
    assert done.returncode == 5 and reason in done.stderr and done.stdout == ""


def test_a_pipe_is_no_model_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "m.gguf")
    assert subprocess.run([CHECK, "m.gguf", tmp_path / "m.gguf"], capture_output=True, timeout=20).returncode == 1


def hostile_model(data, bytes_):
    """A model whose digest is right and whose file is not: what a catalogue of one's own, or a hub that was broken into, could hold."""
    sha256 = hashlib.sha256(bytes_).hexdigest()
    (data / "models").mkdir(exist_ok=True)
    (data / "source").mkdir()
    (data / "source/evil.gguf").write_bytes(bytes_)
    (data / "models/catalogue.yaml").write_text(f"""version: 1
models:
  - name: evil
    summary: hostile
    roles: [chat]
    licence: MIT
    engine: llama.cpp
    origin: {{publisher: nobody, url: https://example.org/evil, evidence: none}}
    files: [{{path: evil.gguf, size_bytes: {len(bytes_)}, sha256: {sha256}}}]
    sources: [{{kind: file, folder: {data}/source, files: [{{path: evil.gguf, from: evil.gguf}}]}}]
""")
    return sha256


def test_pull_does_not_take_in_what_no_engine_may_open(data, tmp_path):
    hostile_model(tmp_path, weights(data).read_bytes()[:700_000])
    done = demarc(tmp_path, "models", "pull", "evil", check=False)
    assert done.returncode == 1 and "refused" in done.stderr
    assert not (tmp_path / "models.lock").exists() and list((tmp_path / "models/sha256").iterdir()) == []


def test_a_hostile_file_that_is_in_the_store_is_not_given_to_an_engine(data, tmp_path):
    bytes_ = weights(data).read_bytes()[:700_000]
    sha256 = hostile_model(tmp_path, bytes_)
    demarc(tmp_path, "models", "lock", "evil")
    (tmp_path / "models/sha256").mkdir(exist_ok=True)
    (tmp_path / "models/by-name/evil").mkdir(parents=True)
    (tmp_path / "models/sha256" / sha256).write_bytes(bytes_)
    (tmp_path / "models/by-name/evil/evil.gguf").symlink_to(f"../../sha256/{sha256}")
    config = tmp_path / "demarc.yaml"
    (tmp_path / "policy.yaml").write_text("version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n")
    config.write_text(f"listen: unix:{tmp_path}/s.sock\ndata: {tmp_path}\nupstreams:\n  - {{name: local, tier: local, engine: llama, model: evil, serves: [chat]}}\n")
    done = demarc(tmp_path, "--config", config, "serve", check=False)
    assert done.returncode != 0 and "evil.gguf is refused" in done.stderr
    assert "evil.gguf is refused" in demarc(tmp_path, "--config", config, "doctor", check=False).stdout
    assert demarc(tmp_path, "models", "verify", check=False).returncode == 5


def test_what_was_checked_is_remembered_until_its_bytes_are_others(data):
    demarc(data, "doctor", check=False)
    notes = {p.name: p.stat().st_mtime_ns for p in (data / "models/checked").iterdir()}
    opened = {p.resolve().name for p in (data / "models/by-name").rglob("*") if p.suffix in (".gguf", ".onnx", ".safetensors")}
    assert opened and opened <= set(notes)
    demarc(data, "doctor", check=False)
    assert notes == {p.name: p.stat().st_mtime_ns for p in (data / "models/checked").iterdir()}


# -- fit

def test_advice_fits_a_terminal_and_names_its_sources(data):
    table = demarc(data, "models", "advise", "qwen3-8b").stdout
    assert [line for line in table.splitlines() if len(line) > 80] == []
    assert "Q4_K_M" in table and "cited from" in table and "config.json" in table and "Advice:" in table


def test_advice_in_json_is_of_the_files_own_head_where_it_is_here(data):
    told = json.loads(demarc(data, "models", "advise", CHAT, "--context", 4096, "--json").stdout)
    assert told["shape"]["source"] == "the head of its file" and told["shape"]["layers"] == 24
    by_name = {c["quantisation"]: c for c in told["choices"]}
    assert by_name["Q4_K_M"]["installed"] and by_name["Q4_K_M"]["fits"] and by_name["Q4_K_M"]["tokens_per_second"] > 0
    assert by_name["Q8_0"]["weights_bytes"] > by_name["Q4_K_M"]["weights_bytes"] and told["advice"] == "Q8_0"


def test_the_list_says_what_fits(data):
    listed = {m["name"]: m for m in json.loads(demarc(data, "models", "ls", "--json").stdout)["models"]}
    assert listed[EMBEDDING]["fits"] is True and "fits" in listed["qwen3-8b"]
    assert [line for line in demarc(data, "models", "ls").stdout.splitlines() if len(line) > 80] == []


def test_a_quantised_copy_is_pinned_with_its_lineage_and_serves(data):
    made = json.loads(demarc(data, "models", "quantize", EMBEDDING, "Q8_0", "--json").stdout)
    lock = (data / "models.lock").read_text()
    assert made["name"] == f"{EMBEDDING}-q8_0" and made["digest"] in lock and made["lineage"]["digest"] in lock
    assert made["lineage"]["from"] == EMBEDDING and "llama-quantize" in made["lineage"]["command"] and "0c1e57098" in made["lineage"]["version"]
    assert made["size_bytes"] < weights(data).stat().st_size
    assert "intact" in demarc(data, "models", "verify", made["name"]).stdout
    measured = json.loads(demarc(data, "bench", "engine", made["name"], "--runs", 1, "--prompt", 64, "--json").stdout)["speeds"][0]
    assert measured["prompt_tokens_per_second"] > 0 and measured["digest"] == made["digest"]
    again = demarc(data, "models", "quantize", EMBEDDING, "Q8_0", check=False)
    assert again.returncode == 1 and "already" in again.stderr


def test_quantising_twice_is_refused_unless_insisted_on(data):
    done = demarc(data, "models", "quantize", CHAT, "Q3_K_M", check=False)
    assert done.returncode == 1 and "loses more" in done.stderr and "--again" in done.stderr


# -- benches, and what routing makes of them

def test_a_bench_writes_the_speed_that_advice_then_shows(data):
    measured = json.loads(demarc(data, "bench", "engine", CHAT, "--runs", 1, "--prompt", 64, "--output", 8, "--json").stdout)["speeds"][0]
    assert measured["tokens_per_second"] > 0 and measured["prompt_tokens_per_second"] > 0 and measured["first_token_ms"] > 0
    choices = json.loads(demarc(data, "models", "advise", CHAT, "--json").stdout)["choices"]
    told = next(c for c in choices if c["quantisation"] == "Q4_K_M")
    assert told["tokens_per_second"] == measured["tokens_per_second"] and told["tokens_per_second_source"].startswith("measured ")


def test_a_context_bench_stores_its_curve(data):
    told = json.loads(demarc(data, "bench", "context", CHAT, "--lengths", "640", "--tasks", 1, "--json").stdout)
    point = told["points"][0]
    assert 500 < point["context_tokens"] < 700 and point["tasks"] == 4 and set(point["solved_by_kind"]) == {"needle", "multi-needle", "multi-hop", "code edit"}
    kept = json.loads((data / "models/profiles.json").read_text())["curves"][0]
    assert kept["points"][0]["solved"] == point["solved"] and kept["digest"].startswith("sha256:")


POLICY = """version: 1
rules:
  - {id: local-is-ours, permit: local}
  - {id: cloud-too, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: home-while-good, prefer: local, when: {upstream.quality_percent: {at_least: 80}}}
"""
LONG = "The gardener walked past the old bridge before noon. " * 60


@pytest.fixture(scope="module")
def gateway(models, provider, ca, tmp_path_factory):
    digest = next(line.split('"')[1] for block in pathlib.Path(models, "models.lock").read_text().split("  - name: ") if block.startswith(CHAT)
                  for line in block.splitlines() if line.strip().startswith("digest:"))
    points = [{"context_tokens": n, "tasks": 10, "solved": s, "tokens_per_second": 10.0, "first_token_ms": 100.0} for n, s in ((300, 10), (600, 2))]
    profile = {"version": 1, "speeds": [], "curves": [{"digest": digest, "model": CHAT, "machine": "any", "time": "2026-11-28T12:00:00Z", "seed": 1, "points": points}]}
    folder = tmp_path_factory.mktemp("routed")
    (folder / "data").mkdir(mode=0o700)
    subprocess.run(["cp", "-rs", f"{models}/models", folder / "data"], check=True)
    (folder / "data/models/profiles.json").write_text(json.dumps(profile))
    config = f"""upstreams:
  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 4096, slots: 1}}
{cloud_upstream(provider, ca[0])}
workloads:
  - {{name: coder, operation: chat, quality_floor: 0.8}}
"""
    with Gateway(config, policy=POLICY, models=models, data=folder) as gateway:
        wait_up(gateway, 2)  # the provider is up at once
        yield gateway


def asked(gateway, text, **more):
    return gateway.post("/v1/chat/completions", {"model": "workload/coder", "messages": [{"role": "user", "content": text}], "max_tokens": 4}, timeout=120, **more)


def test_a_short_request_stays_and_one_that_outgrows_the_model_leaves(gateway):
    short, long = asked(gateway, "Say hello."), asked(gateway, LONG)
    assert short.headers["demarc-tier"] == "local" and "demarc-quality" not in short.headers
    assert long.headers["demarc-tier"] == "cloud", long.text


def test_where_it_may_not_leave_the_caller_is_told(gateway):
    long = asked(gateway, LONG, headers={"Demarc-Sensitivity": "confidential"})
    assert long.headers["demarc-tier"] == "local" and long.headers["demarc-quality"] == "below-floor", long.text
    assert "builtin:below-quality-floor" in gateway.receipt(long)["decision"]["matched"]
