"""Names, places and addresses, found by the real model in its own process: hidden from the provider, given back to the caller, and nothing leaves while
nobody can look for them."""

import json
import os
import signal
import time

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

NAME, SURNAME, TOWN = "Margaret Holloway", "Holloway", "Springfield"
LETTER = f"Please write to {NAME} about her appointment in {TOWN} next week."
NAMES = "detectors: {names: {model: rampart, languages: [en]%s}}\n"


@pytest.fixture(scope="session")
def names_models():
    folder = os.environ.get("DEMARC_E2E_NAMES")
    assert folder, "DEMARC_E2E_NAMES is not set: run ./test, which fetches the model of names"
    return folder


def start(provider, ca, names_models, more=""):
    return Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + NAMES % more, policy=POLICY, models=names_models)


@pytest.fixture(scope="module")
def gateway(provider, ca, names_models):
    with start(provider, ca, names_models) as gateway:
        yield gateway


def engine_of(gateway):
    return json.loads(gateway.cli("status", "--json").stdout)["detectors"]["names"]["engine"]


def sent_since(provider, before):
    return b"\n".join(received.raw for received in provider.received[before:])


def test_a_name_is_hidden_from_the_provider_and_given_back(gateway, provider):
    before = len(provider.received)
    reply = gateway.chat(LETTER, model="echo")
    assert reply.status == 200, reply.text
    assert SURNAME.encode() not in sent_since(provider, before) and b"Margaret" not in sent_since(provider, before)
    assert reply.json["choices"][0]["message"]["content"] == LETTER
    receipt = gateway.receipt(reply)
    assert receipt["findings"]["PERSON"] == 1 and receipt["redactions"]["PERSON"] == 1 and receipt["findings"]["LOCATION"] == 1


def test_a_name_in_a_tools_result_is_hidden_and_given_back(gateway, provider):
    before = len(provider.received)
    result = json.dumps({"patient": {"note": f"Called {NAME} this morning, she will come back on Friday."}})
    messages = [{"role": "user", "content": "What does the record say?"},
                {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "c1", "content": result}]
    reply = gateway.post("/v1/chat/completions", {"model": "echo", "messages": messages})
    assert reply.status == 200, reply.text
    assert SURNAME.encode() not in sent_since(provider, before)
    assert NAME in reply.json["choices"][0]["message"]["content"]


def test_a_stream_gives_the_name_back(gateway, provider):
    before = len(provider.received)
    reply = gateway.chat(LETTER, model="letters", stream=True)
    content = "".join(json.loads(line[6:])["choices"][0]["delta"].get("content") or "" for line in reply.text.splitlines()
                      if line.startswith("data: {") and json.loads(line[6:])["choices"])
    assert NAME in content and SURNAME.encode() not in sent_since(provider, before)


def test_a_text_without_names_goes_as_it_is(gateway, provider):
    before = len(provider.received)
    reply = gateway.chat("How do I sort a list of numbers?", model="echo")
    assert reply.status == 200 and gateway.receipt(reply)["redactions"] == {}
    assert b"How do I sort a list of numbers?" in sent_since(provider, before)


def test_a_text_in_a_language_nobody_declared_stays_at_home(gateway, provider):
    before = len(provider.received)
    reply = gateway.chat("Die Patientin war gestern bei uns, und wir haben ihr gesagt, dass sie in der nächsten Woche noch einmal kommen soll.", model="echo")
    assert reply.status == 403 and reply.json["error"]["demarc"]["rule"] == ["builtin:fail-closed"]
    assert len(provider.received) == before


def test_the_lane_hides_names_and_gives_them_back(gateway):
    hidden = gateway.post("/v1/redactions", {"input": [LETTER], "mode": "redact", "conversation": "n-1"}).json["results"][0]
    assert SURNAME not in hidden["output"] and TOWN not in hidden["output"]
    person, = [f for f in hidden["findings"] if f["type"] == "PERSON"]
    assert person["tier"] == "model" and LETTER[person["start"]:person["end"]] == NAME
    back = gateway.post("/v1/redactions", {"input": [hidden["output"]], "mode": "restore", "conversation": "n-1"}).json["results"][0]["output"]
    assert back == LETTER
    assert "PERSON" in gateway.get("/presidio/supportedentities?language=en").json


def test_while_nobody_can_look_for_names_nothing_leaves(provider, ca, names_models):
    with start(provider, ca, names_models) as gateway:
        pid = engine_of(gateway)["pid"]
        os.kill(pid, signal.SIGSTOP)  # alive, but it does not answer: the deadline ends the wait
        try:
            before = len(provider.received)
            reply = gateway.chat(LETTER, model="echo")
            assert reply.status == 503 and reply.json["error"]["demarc"]["rule"] == ["builtin:fail-closed"]
            assert int(reply.headers["retry-after"]) >= 1
            lane = gateway.post("/v1/redactions", {"input": LETTER, "mode": "redact"})
            assert lane.status == 503 and SURNAME not in lane.text
            assert len(provider.received) == before
        finally:
            os.kill(pid, signal.SIGKILL)
        before = len(provider.received)
        reply = gateway.chat(LETTER + " Again.", model="echo")  # at once: it is dead, or loads again
        assert reply.status == 503 or SURNAME.encode() not in sent_since(provider, before)
        end = time.monotonic() + 30
        while gateway.chat(LETTER, model="echo").status != 200:
            assert time.monotonic() < end, gateway.log_text()[-2000:]
        assert SURNAME.encode() not in sent_since(provider, before)
        assert engine_of(gateway)["restarts"] >= 1


def test_an_organisation_and_a_country_are_found(gateway):
    text = "She left Aldermoor Insurance last year and moved to Denmark."
    found = gateway.post("/v1/redactions", {"input": text, "mode": "detect"}).json["results"][0]["findings"]
    assert ("LOCATION", "Denmark") in {(f["type"], text[f["start"]:f["end"]]) for f in found}
    company = text.index("Aldermoor"), text.index(" last")  # a part of it may count as a person's name: no matter, if all of it is found
    assert any(f["type"] == "ORGANIZATION" and f["start"] >= company[0] and f["end"] == company[1] for f in found), found
    assert "Aldermoor" in {text[f["start"]:f["end"]].split()[0] for f in found}, found


def test_a_surname_is_hidden_where_its_full_name_stands_in_another_text(gateway, provider):
    before = len(provider.received)
    messages = [{"role": "user", "content": f"My neighbour is {NAME}."}, {"role": "assistant", "content": "Noted."},
                {"role": "user", "content": f"{SURNAME}: yes or no"}]
    reply = gateway.post("/v1/chat/completions", {"model": "echo", "messages": messages})
    assert reply.status == 200 and SURNAME.encode() not in sent_since(provider, before)


def test_a_long_text_that_takes_longer_than_the_deadline_is_read_piece_by_piece(provider, ca, names_models):
    text = " ".join(f"In week {i} the report was late again, and nobody in the office knew why it was so." for i in range(400)) + f" Ask {NAME}."
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + "limits: {examine_ms: 700}\n" + NAMES % "", policy=POLICY, models=names_models)
    with gateway:
        before, end, tries = len(provider.received), time.monotonic() + 240, 0
        while (reply := gateway.chat(text, model="echo")).status == 503:
            tries += 1
            assert time.monotonic() < end and int(reply.headers["retry-after"]) >= 1
        assert reply.status == 200 and tries > 0 and SURNAME.encode() not in sent_since(provider, before)


def test_names_in_answers_are_counted(gateway):
    for stream in (False, True):
        reply = gateway.chat(f"Who is {NAME}?", model="echo", stream=stream)
        receipt = gateway.receipt(reply)
        assert receipt["answer_findings"]["PERSON"] == 1, receipt


def content_of(reply):
    return "".join(json.loads(line[6:])["choices"][0]["delta"].get("content") or "" for line in reply.text.splitlines()
                   if line.startswith("data: {") and json.loads(line[6:])["choices"])


def test_names_in_answers_can_be_hidden_in_streams_sentence_by_sentence(provider, ca, names_models):
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + NAMES % "", policy=POLICY + "outputs: {mask: [PERSON]}\n", models=names_models)
    letter = f"Good morning. {LETTER} Dr. {NAME} is in from nine.\nThank you"
    with gateway:
        reply = gateway.chat(letter, model="echo")
        hidden = reply.json["choices"][0]["message"]["content"]
        assert reply.status == 200 and SURNAME not in hidden and hidden.count("[PERSON]") == 2, hidden
        for model in ("echo", "letters"):  # in one piece, and one by one
            streamed = gateway.chat(letter, model=model, stream=True)
            assert content_of(streamed) == hidden and streamed.text.rstrip().endswith("data: [DONE]"), streamed.text
            assert gateway.receipt(streamed)["answer_findings"]["PERSON"] == 2
        claude = gateway.post("/v1/messages", {"model": "echo", "max_tokens": 500, "stream": True, "messages": [{"role": "user", "content": letter}]})
        assert claude.status == 200 and SURNAME not in claude.text and claude.text.count("[PERSON]") == 2, claude.text
        done = gateway.cli("policy", "check", gateway.folder / "policy.yaml", "--config", gateway.config_file)
        assert "0 warnings" in done.stdout + done.stderr

        question = "What is the capital of France? It is a town of some size."
        assert gateway.chat(question, model="echo").status == 200  # the request is read then, and remembered; the answer's sentences are not
        os.kill(engine_of(gateway)["pid"], signal.SIGSTOP)  # what cannot be read is not shown, and the client is told
        try:
            broken = gateway.chat(question, model="echo", stream=True)
        finally:
            os.kill(engine_of(gateway)["pid"], signal.SIGCONT)
        assert "outputs.mask" in broken.text and "[DONE]" not in broken.text and "capital" not in broken.text, broken.text
        assert gateway.receipt(broken)["attempts"][-1]["outcome"] == "error", gateway.receipt(broken)


def test_the_model_runs_without_a_network_and_within_its_memory_limit(gateway):
    pid = engine_of(gateway)["pid"]
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    assert status["Seccomp"].strip() == "2" and status["NoNewPrivs"].strip() == "1"
    limits = {line[:26].strip(): line[26:].split()[0] for line in open(f"/proc/{pid}/limits")}
    assert limits["Max address space"] != "unlimited" or limits["Max data size"] != "unlimited"


def test_a_reload_keeps_the_engine_that_did_not_change_and_ends_the_one_that_goes(provider, ca, names_models):
    with start(provider, ca, names_models) as gateway:
        pid, text = engine_of(gateway)["pid"], gateway.config_file.read_text()
        german = "Die Patientin war gestern bei uns, und wir haben ihr gesagt, dass sie in der nächsten Woche noch einmal kommen soll."
        assert gateway.chat(german, model="echo").status == 403
        gateway.config_file.write_text(text.replace("[en]", "[en, de]"))
        gateway.cli("reload")
        assert engine_of(gateway)["pid"] == pid
        assert gateway.chat(german, model="echo").status == 200
        gateway.config_file.write_text(text.replace(NAMES % "", ""))
        gateway.cli("reload")
        assert "detectors" not in json.loads(gateway.cli("status", "--json").stdout)
        end = time.monotonic() + 30
        while os.path.exists(f"/proc/{pid}"):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_configuration_whose_model_is_not_installed_says_so(provider, ca):
    gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + NAMES % "", policy=POLICY)
    gateway.start(wait=False).process.wait(30)
    assert gateway.process.returncode != 0 and "detectors.names" in gateway.log_text() and "rampart" in gateway.log_text()


def test_the_checks_know_what_the_model_covers(provider, ca, names_models):
    policy = POLICY + "outputs: {mask: [SECRET]}\n"
    policy = policy.replace("rules:", "  - {id: places, sensitivity: confidential, when: {findings: [LOCATION]}}\nrules:")
    for more, covered in ((NAMES % "", True), ("", False)):
        gateway = Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + more, policy=policy, models=names_models)
        done = gateway.cli("policy", "check", gateway.folder / "policy.yaml", "--config", gateway.config_file)
        assert ("LOCATION" not in done.stdout + done.stderr) == covered, done.stdout + done.stderr
