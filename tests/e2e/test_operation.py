"""Operation: start, stop, reload, keys, limits, the log and its proofs; each as an operator meets it."""

import csv
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import openai
import pytest

from conftest import POLICY, cloud_upstream
from harness import BINARY, ROOT, Gateway, stream_text

HOUSES = sorted(cases.parent for cases in (ROOT / "tests" / "conformance" / "policy").glob("*/cases.jsonl"))


@pytest.fixture()
def fresh(provider, ca):
    config = "upstreams:\n" + cloud_upstream(provider, ca[0]) + "unexamined: {image: restricted, audio: restricted, file: restricted}\n"
    with Gateway(config, policy=POLICY) as gateway:
        yield gateway


def run(*arguments, **more):
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"}, **more)


@pytest.mark.parametrize("house", HOUSES, ids=lambda h: h.name)
def test_the_policy_cases_of_every_house_pass(house):
    done = run("--config", house / "demarc.yaml", "policy", "test", house / "policy.yaml", house / "cases.jsonl")
    assert done.returncode == 0, done.stdout + done.stderr


def test_policy_check_names_file_line_and_the_nearest_word(tmp_path):
    (tmp_path / "policy.yaml").write_text("version: 1\nrules:\n  - {id: a, permit: local, whn: {operation: chat}}\n")
    (tmp_path / "demarc.yaml").write_text("upstreams: [{name: u, tier: local, base_url: \"http://127.0.0.1:1/v1\", models: [m], serves: [chat]}]\npolicy: policy.yaml\n")
    done = run("--config", tmp_path / "demarc.yaml", "policy", "check", tmp_path / "policy.yaml")
    assert done.returncode == 1 and "policy.yaml:3:" in done.stderr and '"when"' in done.stderr


def test_policy_explain_says_what_every_condition_made_of_it():
    house = HOUSES[0]
    done = run("--config", house / "demarc.yaml", "policy", "explain", house / "policy.yaml", "--request", '{"operation":"chat","findings":{"CREDIT_CARD":1}}')
    assert done.returncode == 0 and all(len(line) <= 80 for line in done.stdout.splitlines())


def test_a_second_serve_on_the_same_data_folder_is_refused(fresh):
    done = fresh.cli("serve", check=False)
    assert done.returncode == 1 and "served by another process" in done.stderr
    assert json.loads(fresh.cli("status", "--json").stdout)["pid"] == fresh.process.pid  # and the first one's own door is still there


def test_a_broken_policy_stops_the_start_and_says_where(provider, ca):
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy="version: 1\nrules: [{id: a, prmit: local}]\n")
    gateway.start(wait=False)
    assert gateway.process.wait(20) == 1
    assert "policy.yaml:2:" in gateway.log_text()


def test_an_unreadable_policy_stops_the_start(provider, ca):
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY)
    (gateway.folder / "policy.yaml").unlink()
    gateway.start(wait=False)
    assert gateway.process.wait(20) == 1 and "policy.yaml" in gateway.log_text()


def test_a_broken_reload_leaves_everything_as_it_was_and_a_good_one_is_whole(fresh):
    assert fresh.chat("x", model="echo").status == 200
    (fresh.folder / "policy.yaml").write_text("version: 1\nrules: [{id: a, permit: locl}]\n")
    assert fresh.cli("reload", check=False).returncode == 1
    assert fresh.chat("x", model="echo").status == 200
    (fresh.folder / "policy.yaml").write_text("version: 1\nrules:\n  - {id: home, permit: local}\n")
    assert fresh.cli("reload").returncode == 0
    assert fresh.chat("x", model="echo").status == 403


def test_sighup_reloads(fresh):
    (fresh.folder / "policy.yaml").write_text("version: 1\nrules:\n  - {id: home, permit: local}\n")
    fresh.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while time.monotonic() < end and fresh.chat("x", model="echo").status != 403:
        time.sleep(0.02)
    assert fresh.chat("x", model="echo").status == 403


def test_sigterm_lets_a_stream_finish_and_seals_the_log(fresh):
    answer = {}

    def ask():
        answer["reply"] = fresh.chat(" ".join(["w"] * 20), model="slow", stream=True)

    thread = threading.Thread(target=ask)
    thread.start()
    end = time.monotonic() + 10
    while time.monotonic() < end and json.loads(fresh.cli("status", "--json").stdout)["streams"] == 0:
        time.sleep(0.02)
    assert fresh.stop() == 0
    thread.join(20)
    assert stream_text(answer["reply"]).count("w") == 20 and "[DONE]" in answer["reply"].text
    done = fresh.cli("audit", "verify", fresh.data / "audit", "--json")
    report = json.loads(done.stdout)
    assert report["ok"] and report["uncovered"] == 0


def test_a_dated_cloud_snapshot_can_be_pinned_and_an_alias_cannot(provider, ca):
    policy = "version: 1\nrules:\n  - {id: pinned-only, permit: cloud, require: [pinned_model]}\n"
    dated = "gpt-5-mini-2025-08-07"
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=["gpt-5-mini", dated]), policy=policy) as gateway:
        assert gateway.chat("x", model=dated).status == 403
        refused = gateway.cli("models", "lock", "frontier/gpt-5-mini", check=False)
        assert refused.returncode == 1 and "frontier/gpt-5-mini is an alias" in refused.stderr
        for wrong in ("nowhere/" + dated, "frontier/gpt-6-2027-01-01"):
            assert gateway.cli("models", "lock", wrong, check=False).returncode == 1
        gateway.cli("models", "lock", "frontier/" + dated)
        gateway.cli("reload")
        reply = gateway.chat("x", model=dated)
        assert reply.status == 200 and gateway.receipt(reply)["decision"]["requires"] == ["pinned_model"]
        assert gateway.chat("x", model="gpt-5-mini").status == 403
        assert json.loads(gateway.cli("models", "ls", "--json").stdout)["snapshots"] == [{"upstream": "frontier", "model": dated, "provider": "openai"}]
        gateway.cli("models", "rm", "frontier/" + dated)
        gateway.cli("reload")
        assert gateway.chat("x", model=dated).status == 403


def test_keys_open_close_and_are_never_stored(provider, ca):
    config = "keys: required\nupstreams:\n" + cloud_upstream(provider, ca[0])
    with Gateway(config, policy=POLICY) as gateway:
        assert gateway.chat("x", model="echo").status == 401
        made = json.loads(gateway.cli("keys", "create", "--name", "test", "--team", "claims", "--json").stdout)
        sdk = openai.OpenAI(base_url=gateway.url + "/v1", api_key=made["secret"], max_retries=0)
        assert sdk.chat.completions.create(model="echo", messages=[{"role": "user", "content": "in"}]).choices[0].message.content == "in"
        secret = made["secret"].split("_")[-1].encode()
        for path in gateway.data.rglob("*"):
            if path.is_file() and not path.is_symlink():
                assert secret not in path.read_bytes(), path
        gateway.cli("keys", "revoke", made["id"])
        with pytest.raises(openai.AuthenticationError):
            sdk.models.list()
        assert "revoked" in gateway.cli("keys", "ls").stdout


def test_budgets_stop_in_the_dialects_own_words(provider, ca):
    config = "keys: required\nupstreams:\n" + cloud_upstream(provider, ca[0]) + "budgets: [{team: poor, usd: 0.000001, per: day}]\n"
    with Gateway(config, policy=POLICY) as gateway:
        key = json.loads(gateway.cli("keys", "create", "--name", "t", "--team", "poor", "--json").stdout)["secret"]
        headers = {"authorization": f"Bearer {key}"}
        reply = gateway.chat("x", model="gpt-5-mini", headers=headers)
        assert reply.status == 429 and reply.json["error"]["code"] == "insufficient_quota" and reply.headers["x-should-retry"] == "false"
        message = {"model": "gpt-5-mini", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
        reply = gateway.post("/v1/messages", message, headers=headers)
        assert reply.status == 402 and reply.json["error"]["type"] == "billing_error"


def test_oversized_deep_and_malformed_requests_are_refused_in_the_callers_dialect(fresh):
    with socket.create_connection(("127.0.0.1", fresh.port)) as s:
        s.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        head = s.recv(65536)
    assert b"413" in head.split(b"\r\n")[0] and b"request_too_large" in head
    assert fresh.post("/v1/chat/completions", b'{"model":"echo","messages":[' + b"[" * 200 + b"]" * 200 + b"]}").status == 400
    reply = fresh.post("/v1/chat/completions", b'{"model":')
    assert reply.status == 400 and reply.json["error"]["type"] == "invalid_request_error"
    with socket.create_connection(("127.0.0.1", fresh.port)) as s:
        s.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}")
        assert b"400" in s.recv(65536).split(b"\r\n")[0]
    assert fresh.get("/v1/nothing").status == 404 and fresh.get("/v1/chat/completions").status == 405
    assert fresh.chat("fine", model="echo").status == 200


def test_an_audit_copy_verifies_offline_and_any_change_is_found(fresh, tmp_path):
    for i in range(5):
        fresh.chat(f"x {i}", model="echo")
    listed = json.loads(fresh.cli("audit", "ls", "--json").stdout)["records"]
    assert json.loads(fresh.cli("audit", "show", str(listed[-1]["index"])).stdout)["kind"] == "OUTCOME"
    proof = fresh.cli("audit", "prove", str(listed[-1]["index"])).stdout
    assert proof.startswith("c2sp.org/tlog-proof@v1")
    fresh.stop()
    copy = tmp_path / "copy"
    shutil.copytree(fresh.data / "audit", copy)
    vkey = tmp_path / "vkey"
    shutil.copy(copy / "vkey", vkey)
    assert run("audit", "verify", copy, "--vkey", vkey).returncode == 0
    entries = [p for p in copy.rglob("*") if p.is_file() and "entries" in str(p)]
    data = bytearray(entries[0].read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(entries[0], 0o644)
    entries[0].write_bytes(data)
    done = run("audit", "verify", copy, "--vkey", vkey)
    assert done.returncode == 5 and "NOT VERIFIED" in done.stderr


def test_an_export_holds_every_record_as_it_is_stored_and_keeps_to_its_time(fresh):
    for i in range(3):
        fresh.chat(f"x {i}", model="echo")
    lines = [json.loads(line) for line in fresh.cli("audit", "export").stdout.splitlines()]
    assert [line["index"] for line in lines] == list(range(len(lines))) and [line["record"]["kind"] for line in lines].count("OUTCOME") == 3
    cut = lines[-2]["record"]["ts"]
    late = fresh.cli("audit", "export", "--since", cut).stdout.splitlines()
    early = fresh.cli("audit", "export", "--until", cut).stdout.splitlines()
    assert 0 < len(late) < len(lines) and len(late) + len(early) == len(lines)
    assert len(json.loads(fresh.cli("audit", "export", "--json").stdout)["records"]) == len(lines)
    assert fresh.cli("audit", "export", "--since", "yesterday", check=False).returncode == 2
    stored = fresh.cli("audit", "show", "2").stdout.strip()
    fresh.stop()
    offline = run("audit", "export", fresh.data / "audit").stdout.splitlines()
    assert [json.loads(line) for line in offline[: len(lines)]] == lines and offline[2] == '{"index":2,"record":' + stored + "}"
    assert run("audit", "export", fresh.folder / "nowhere").returncode == 1


def test_usage_goes_to_finops_tools_as_focus(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        charge = gateway.receipt(gateway.chat("a b c", model="gpt-5-mini"))["charge"]["usd"]
        rows = list(csv.DictReader(io.StringIO(gateway.cli("usage", "--format", "focus").stdout)))
        assert len(rows) == 1 and rows[0]["BilledCost"] == rows[0]["EffectiveCost"] == charge
        assert rows[0]["ServiceCategory"] == "AI and Machine Learning" and rows[0]["PricingUnit"] == "Tokens" and rows[0]["ProviderName"] == "frontier"
        assert gateway.cli("usage", "--format", "focus", "--by", "team", check=False).returncode == 2


def test_no_content_reaches_the_log_or_the_database(fresh):
    fresh.chat("the phrase xylophone-marmalade", model="echo")
    fresh.stop()
    for path in pathlib.Path(fresh.folder).rglob("*"):
        if path.is_file():
            assert b"xylophone-marmalade" not in path.read_bytes(), path


def test_every_command_helps_and_json_is_one_object(fresh):
    for command in ["serve", "reload", "doctor", "status", "version", "ask", "transcribe", "models", "policy", "audit", "keys", "usage", "completion"]:
        done = run(command, "--help")
        assert done.returncode == 0 and "--help" in done.stdout, command
    for arguments in [["status"], ["version"], ["usage"], ["audit", "ls"], ["keys", "ls"], ["doctor"], ["models", "ls"]]:
        json.loads(fresh.cli(*arguments, "--json", check=False).stdout)
    assert run("nonsense").returncode == 2
    assert "_demarc" in run("completion", "bash").stdout
