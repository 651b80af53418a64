"""Code completion with a real model: as llama.vim and Continue ask, keystrokes that supersede one another, the policy over all files, and the index."""

import http.client
import json
import threading

import pytest

from harness import Gateway, events, stream_text, wait_for

CHAT = "qwen2.5-coder-0.5b-instruct"
UPSTREAM = f"upstreams:\n  - {{name: coder, tier: local, engine: llama, model: {CHAT}, slots: 1, serves: [chat, completion, fim], context_tokens: 4096}}\n"
POLICY = """version: 1
rules:
  - {id: open-files, permit: local, when: {path: {matches: "^(open|src|shop|app)/"}}}
  - {id: no-repository, permit: local, when: {path: none}}
  - {id: nobody-completes-vault, forbid: local, when: {repository: vault}}
"""

PREFIX, SUFFIX = "def add(a, b):\n    return ", "\n\nprint(add(1, 2))\n"

# What llama.vim sends for a completion, and what it sends while nobody types so that its pieces of other files are in the engine's cache already
# (ggml-org/llama.vim, autoload/llama.vim, read 2026-11; the texts are ours).
VIM = {
    "id_slot": 0, "input_prefix": "import os\n\n\ndef add(a, b):\n", "input_suffix": "\n\nprint(add(1, 2))\n",
    "input_extra": [{"text": "def subtract(a, b):\n    return a - b\n", "time": [71, 903812664], "filename": "open/minus.py"}],
    "prompt": "    return ", "n_predict": 16, "stop": [], "n_indent": 4, "top_k": 40, "top_p": 0.99, "stream": False, "samplers": ["top_k", "top_p", "infill"],
    "cache_prompt": True, "t_max_prompt_ms": 500, "t_max_predict_ms": 1000,
    "response_fields": ["content", "timings/prompt_n", "timings/prompt_ms", "timings/prompt_per_token_ms", "timings/prompt_per_second", "timings/predicted_n",
                        "timings/predicted_ms", "timings/predicted_per_token_ms", "timings/predicted_per_second", "truncated", "tokens_cached"],
}
VIM_WARM_UP = {
    "id_slot": 0, "input_prefix": "", "input_suffix": "", "input_extra": VIM["input_extra"], "prompt": "", "n_predict": 0, "temperature": 0.0, "stream": False,
    "samplers": [], "cache_prompt": True, "t_max_prompt_ms": 1, "t_max_predict_ms": 1, "response_fields": [""],
}
# Continue's `mistral` provider with another apiBase (continuedev/continue, core/llm/llms/OpenAI.ts _streamFim, read 2026-11).
CONTINUE = {"model": "auto", "prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 16, "temperature": 0.01, "stop": ["\n\n", "```"], "stream": True}
CONTINUE_HEADERS = {"accept": "application/json", "x-api-key": "unused", "authorization": "Bearer unused"}


def usable(gateway):
    return all(model["usable"] for upstream in json.loads(gateway.cli("status", "--json").stdout)["upstreams"] for model in upstream["models"])


@pytest.fixture(scope="module")
def gateway(models):
    with Gateway(UPSTREAM, policy=POLICY, models=models) as gateway:
        wait_for(lambda: usable(gateway), 150)
        yield gateway


@pytest.fixture(scope="module")
def plain(models):
    """Without rules on paths: editors do not say which file is at hand."""
    with Gateway(UPSTREAM, policy="version: 1\nrules:\n  - {id: home, permit: local}\n", models=models) as gateway:
        wait_for(lambda: usable(gateway), 150)
        yield gateway


class Streaming:
    """A stream that has begun, on a connection of its own."""

    def __init__(self, gateway, body, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        self.connection.request("POST", "/v1/completions", json.dumps(body), {"content-type": "application/json", **(headers or {})})
        self.response = self.connection.getresponse()
        self.first = self.response.readline()

    def leave(self):
        self.connection.sock.close()
        self.response.close()


LONG = {"model": "auto", "prompt": "# numbers\nx = [1, 2, 3, ", "suffix": "\n", "max_tokens": 1500, "stream": True, "temperature": 0}
SHORT = {"model": "auto", "prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 4, "temperature": 0}


def test_llama_vim_is_answered_as_by_its_own_server(plain):
    reply = plain.post("/infill", VIM)
    assert reply.status == 200, reply.text
    assert "a + b" in reply.json["content"] and reply.json["timings/prompt_n"] > 0 and reply.json["truncated"] is False and reply.json["tokens_cached"] > 0
    receipt = plain.receipt(reply)
    assert receipt["operation"] == "fim" and receipt["findings"] == {} and receipt["usage"]["output_tokens"] > 0


def test_llama_vim_warms_the_cache_while_nobody_types(plain):
    reply = plain.post("/infill", VIM_WARM_UP)
    assert reply.status == 200, reply.text
    assert plain.receipt(reply)["operation"] == "fim"


def test_llama_vims_stream_ends_with_the_event_that_says_stop(plain):
    reply = plain.post("/infill", {**VIM, "stream": True, "response_fields": []})
    data = [json.loads(text) for kind, text in events(reply) if kind != ":"]
    assert "a + b" in "".join(event["content"] for event in data)
    assert [event["stop"] for event in data] == [False] * (len(data) - 1) + [True]
    assert any(kind == ":" and text.startswith("demarc-receipt") for kind, text in events(reply))


def test_continue_streams_chat_deltas_from_the_fim_endpoint(gateway):
    reply = gateway.post("/v1/fim/completions", CONTINUE, headers=CONTINUE_HEADERS)
    assert reply.status == 200, reply.text
    assert "a + b" in stream_text(reply) and reply.text.rstrip().endswith("data: [DONE]")
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "fim" and receipt["served_model"] == CHAT


def test_the_fim_endpoint_answers_whole_in_mistrals_shape(gateway):
    reply = gateway.post("/v1/fim/completions", {**CONTINUE, "stream": False})
    answer = reply.json
    assert answer["object"] == "chat.completion" and "a + b" in answer["choices"][0]["message"]["content"]
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]


def test_what_is_wrong_is_said_with_the_fields_name(gateway):
    for path, body, param in [("/infill", {"input_prefix": "a"}, "input_suffix"), ("/v1/fim/completions", {"suffix": "b"}, "prompt"),
                              ("/infill", {"input_prefix": "a", "input_suffix": "b", "n_predict": "many"}, "n_predict"),
                              ("/infill", {"input_prefix": "a", "input_suffix": "b", "input_extra": ["text"]}, "input_extra")]:
        reply = gateway.post(path, body)
        assert reply.status == 400 and reply.json["error"]["param"] == param, reply.text


def test_a_keystroke_reads_only_what_is_new(gateway):
    prefix = "".join(f"def f{i}(a, b):\n    return a * {i} + b\n\n" for i in range(40))
    first = gateway.post("/v1/completions", {**SHORT, "prompt": prefix + "def add(a, b):\n    re"}).json["usage"]
    second = gateway.post("/v1/completions", {**SHORT, "prompt": prefix + "def add(a, b):\n    ret"})
    usage = second.json["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * first["prompt_tokens"]
    assert gateway.receipt(second)["usage"]["cached_input_tokens"] == usage["prompt_tokens_details"]["cached_tokens"]


def test_a_keystroke_of_the_same_session_frees_the_engine_of_the_one_before_within_50_ms(gateway):
    headers = {"demarc-session": "editor-1"}
    waits = []
    for _ in range(5):
        older = Streaming(gateway, LONG, headers)
        assert older.response.status == 200
        newer = gateway.post("/v1/completions", SHORT, headers=headers)
        assert newer.status == 200
        waits.append(gateway.receipt(newer)["timing_ms"]["queued"])
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):  # cut off, with no end that would pretend it was whole
            older.response.read()
        attempt = gateway.get("/v1/receipts/" + older.response.headers["demarc-request-id"]).json["attempts"][0]
        assert attempt["outcome"] == "cancelled" and attempt["reason"] == "superseded"
        older.connection.close()
    assert sorted(waits)[2] <= 50, waits


def waiting(gateway):
    return json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["engine"]["waiting"]


def test_what_was_superseded_before_it_began_says_so(gateway):
    holder = Streaming(gateway, LONG)  # no session: it holds the only slot
    headers, replies = {"demarc-session": "editor-2"}, []
    older = threading.Thread(target=lambda: replies.append(gateway.post("/v1/completions", SHORT, headers=headers)))
    older.start()
    wait_for(lambda: waiting(gateway) == 1)
    newer = threading.Thread(target=lambda: gateway.post("/v1/completions", SHORT, headers=headers))
    newer.start()
    older.join(10)
    holder.leave()
    newer.join(60)
    assert replies[0].status == 409 and replies[0].json["error"]["code"] == "superseded"


def test_another_session_and_a_request_without_one_are_left_alone(gateway):
    for headers in ({"demarc-session": "editor-4"}, {}):
        older = Streaming(gateway, {**LONG, "max_tokens": 40}, {"demarc-session": "editor-3"})
        assert gateway.post("/v1/completions", SHORT, headers=headers).status == 200
        assert b"[DONE]" in older.response.read()
        older.connection.close()


def test_an_editor_that_hangs_up_frees_the_engine_within_50_ms(gateway):
    waits = []
    for _ in range(5):
        older = Streaming(gateway, LONG)
        older.leave()
        waits.append(gateway.receipt(gateway.post("/v1/completions", SHORT))["timing_ms"]["queued"])
    assert sorted(waits)[2] <= 50, waits


def infill(path, extras=(), repository=None):
    metadata = {key: value for key, value in (("path", path), ("repository", repository)) if value}
    return {"input_prefix": PREFIX, "input_suffix": SUFFIX, "n_predict": 4, "metadata": metadata, "input_extra": [{"text": "x = 1\n", "filename": name} for name in extras]}


def test_one_file_of_the_context_is_judged_like_the_one_at_hand(gateway):
    assert gateway.post("/infill", infill("open/a.py", ["open/b.py"])).status == 200
    reply = gateway.post("/infill", infill("open/a.py", ["open/b.py", "private/c.py"]))
    assert reply.status == 403 and reply.json["error"]["code"] == "policy_denied"


def test_a_file_at_hand_that_is_not_named_is_not_open_because_its_context_is(gateway):
    assert gateway.post("/infill", infill(None, ["open/b.py"])).status == 403


def test_a_repository_that_the_policy_names_is_held_back(gateway):
    assert gateway.post("/infill", infill("open/a.py", repository="vault")).status == 403
    assert gateway.post("/v1/fim/completions", {**CONTINUE, "stream": False, "metadata": {"repository": "vault", "path": "open/a.py"}}).status == 403


@pytest.fixture
def repository(gateway):
    folder = gateway.folder / "billing"
    (folder / "shop").mkdir(parents=True, exist_ok=True)
    (folder / "app").mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("shop/generated.py\n")
    (folder / "shop" / "invoice.py").write_text("class Invoice:\n    def __init__(self, customer, lines):\n        self.customer = customer\n        self.lines = lines\n\n"
                                                "    def sum_in_pennies_with_vat(self):\n        return sum(line.pennies for line in self.lines)\n")
    (folder / "shop" / "generated.py").write_text("class Invoice:\n    generated = True\n")
    (folder / "shop" / "settings.py").write_text("AWS_ACCESS_KEY_ID = 'AKIAZ7Q3M5XW2RT6VBNP'\nclass Invoice: pass\n")
    (folder / "app" / "report.py").write_text("from shop.invoice import Invoice\n\n\ndef report(customer, lines):\n    invoice = Invoice(customer, lines)\n    return invoice.sum\n")
    return folder


def test_complete_knows_what_other_files_define(plain, repository):
    where = f"{repository}/app/report.py:6"
    alone = json.loads(plain.cli("complete", where, "--repo", repository / "app", "--json").stdout)
    knowing = json.loads(plain.cli("complete", where, "--repo", repository, "--json").stdout)
    assert "_in_pennies_with_vat" in knowing["completion"] and "_in_pennies_with_vat" not in alone["completion"]
    assert [piece["path"] for piece in knowing["context"]] == ["shop/invoice.py"] and alone["context"] == []
    assert knowing["receipt"]["operation"] == "fim"


def test_complete_shows_nothing_of_files_with_secrets_or_of_what_git_ignores(gateway, repository):
    done = gateway.cli("complete", f"{repository}/app/report.py:6", "--repo", repository, "--print-request")
    assert "AKIAZ7Q3M5XW2RT6VBNP" not in done.stdout and "generated" not in done.stdout
    assert "hold secrets and were left out" in done.stderr
    request = json.loads(done.stdout)
    assert request["metadata"] == {"repository": "billing", "path": "app/report.py"}


def test_complete_is_refused_where_the_policy_says_so(gateway, repository):
    done = gateway.cli("complete", f"{repository}/app/report.py:6", "--repository", "vault", check=False)
    assert done.returncode == 3


def test_complete_names_a_place_that_is_not_there(gateway, repository):
    for where, why in ((f"{repository}/app/report.py:99", "has only"), (f"{repository}/app/report.py", "FILE:LINE"), (f"{repository}/nothing.py:1", "cannot be read")):
        done = gateway.cli("complete", where, check=False)
        assert done.returncode in (1, 2) and why in done.stderr


def test_usage_counts_completions_as_their_workload(models):
    config = UPSTREAM + "workloads:\n  - {name: copilot, operation: fim, bucket: coding, owner: tools}\n"
    policy = "version: 1\nrules:\n  - {id: rest, permit: local}\n"
    with Gateway(config, policy=policy, models=models) as gateway:
        wait_for(lambda: usable(gateway), 150)
        assert gateway.post("/infill", VIM, headers={"demarc-workload": "copilot"}).status == 200
        assert "copilot" in gateway.cli("usage", "--by", "workload").stdout
