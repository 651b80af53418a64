"""The cloud as a real model server behind TLS: a second llama-server behind nginx with a certificate of the test's own authority. nginx writes every byte of
every request body to its log, and that log is what the proofs read."""

import json
import os
import signal
import subprocess
import time

import openai
import pytest

from conftest import UPSTREAM_KEY
from harness import BUILD, Gateway, free_port, stream_text

MODEL = "frontier-model"
CARD = "4111 1111 1111 1111"
POLICY = """
version: 1
labels:
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: local-is-ours, permit: local}
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: redacted, permit: cloud, require: [redact], when: {sensitivity: confidential, declared: {at_most: internal}}}
  - {id: copilots-on-frontier, prefer: cloud, when: {operation: chat}}
"""


class Cloud:
    """llama-server on a Unix socket, and nginx in front of it."""

    def __init__(self, folder, ca, models):
        self.folder, self.port = folder, free_port()
        self.log = folder / "bodies.log"
        gguf = max((os.path.join(at, name) for at, _, names in os.walk(models, followlinks=True) for name in names if "coder" in name and name.endswith(".gguf")), key=os.path.getsize)
        socket = folder / "llama.sock"
        self.engine = subprocess.Popen([BUILD / "llama-server", "--model", gguf, "--alias", MODEL, "--host", socket, "--threads", "2", "--ctx-size", "4096", "--offline", "--no-ui"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (folder / "nginx.conf").write_text(f"""
{"user root;" if os.geteuid() == 0 else ""}
error_log {folder}/error.log; pid {folder}/nginx.pid; worker_processes 1; daemon off;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  log_format bodies escape=none '$request $http_authorization $request_body'; access_log {self.log} bodies;
  client_body_buffer_size 4m; client_max_body_size 8m;
  server {{
    listen 127.0.0.1:{self.port} ssl; ssl_certificate {ca[1]}; ssl_certificate_key {ca[2]};
    location / {{ proxy_pass http://unix:{socket}:; proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection ""; }}
  }}
}}
""")
        self.start_nginx()
        end = time.monotonic() + 90
        probe = ["curl", "-sf", "--cacert", str(ca[0]), f"https://127.0.0.1:{self.port}/health"]
        while subprocess.run(probe, capture_output=True).returncode != 0:
            assert time.monotonic() < end and self.engine.poll() is None, "the model server did not come up"
            time.sleep(0.1)

    def start_nginx(self):
        self.nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", self.folder / "nginx.conf", "-p", self.folder], stderr=subprocess.DEVNULL)

    def kill_nginx(self):
        """Master and worker at once, as a machine that loses its power."""
        children = subprocess.run(["pgrep", "-P", str(self.nginx.pid)], capture_output=True, text=True).stdout.split()
        self.nginx.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self.nginx.wait()

    def stop(self):
        self.nginx.terminate()
        self.engine.terminate()
        self.nginx.wait(20), self.engine.wait(20)

    def bodies(self):
        return self.log.read_bytes()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory, ca, models):
    cloud = Cloud(tmp_path_factory.mktemp("cloud"), ca, models)
    yield cloud
    cloud.stop()


@pytest.fixture(scope="module")
def gateway(cloud, ca):
    config = (f"upstreams:\n  - {{name: frontier, tier: cloud, dialect: openai, base_url: \"https://127.0.0.1:{cloud.port}/v1\", key: {UPSTREAM_KEY}, ca_file: {ca[0]}, "
              f"models: [{MODEL}], serves: [chat, completion], context_tokens: 4096}}\n")
    with Gateway(config, policy=POLICY) as gateway:
        yield gateway


def sdk(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-unused", max_retries=0)


ASK = [{"role": "user", "content": "What is the capital of France?"}]


def test_the_sdk_chats_with_a_real_model_in_the_cloud(gateway):
    reply = sdk(gateway).chat.completions.with_raw_response.create(model="auto", temperature=0, max_tokens=20, messages=ASK)
    assert "Paris" in reply.parse().choices[0].message.content
    assert reply.headers["demarc-tier"] == "cloud" and reply.headers["demarc-rule"] == "open-data"


def test_the_sdk_streams_from_it_with_usage(gateway):
    chunks = list(sdk(gateway).chat.completions.create(model="auto", temperature=0, max_tokens=20, stream=True, stream_options={"include_usage": True}, messages=ASK))
    assert "Paris" in "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) and chunks[-1].usage.completion_tokens > 0


def test_a_json_schema_reaches_it(gateway):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    reply = sdk(gateway).chat.completions.create(model=MODEL, max_tokens=40, messages=[{"role": "user", "content": "Capital of France as JSON"}],
                                                 response_format={"type": "json_schema", "json_schema": {"name": "c", "schema": schema}})
    assert set(json.loads(reply.choices[0].message.content)) == {"city"}


def test_the_upstreams_key_goes_there_and_the_callers_does_not(gateway, cloud):
    gateway.chat("hello", max_tokens=2, headers={"x-api-key": "callers-own-key"})
    assert f"Bearer {UPSTREAM_KEY}".encode() in cloud.bodies() and b"callers-own-key" not in cloud.bodies()


@pytest.mark.parametrize("stream", [False, True])
def test_a_card_in_a_tool_result_is_not_in_the_providers_own_log(gateway, cloud, stream):
    messages = [
        {"role": "system", "content": "Repeat what the tool said, word for word."},
        {"role": "user", "content": "What is on file?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": json.dumps({"card": CARD})}}]},
        {"role": "tool", "tool_call_id": "c1", "content": f"The card on file is {CARD}."},
    ]
    tools = [{"type": "function", "function": {"name": "lookup", "description": "looks up", "parameters": {"type": "object", "properties": {"card": {"type": "string"}}}}}]
    reply = gateway.post("/v1/chat/completions", {"model": "auto", "stream": stream, "temperature": 0, "max_tokens": 60, "messages": messages, "tools": tools})
    assert reply.status == 200, reply.text
    assert gateway.receipt(reply)["decision"]["rules"] == ["redacted"]
    seen = cloud.bodies()
    assert b"card on file is" in seen and b"4111" not in seen and b"1111 1111" not in seen
    text = stream_text(reply) if stream else reply.json["choices"][0]["message"]["content"] or json.dumps(reply.json["choices"][0]["message"].get("tool_calls"))
    assert "CREDITCARDX" not in text  # whatever the model made of it, no placeholder reaches the caller


def test_a_provider_that_dies_in_a_stream_ends_it_with_an_error_event(gateway, cloud):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    body = json.dumps({"model": "auto", "stream": True, "max_tokens": 1500, "messages": [{"role": "user", "content": "Write a very long story about the sea."}]})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    response = connection.getresponse()
    text = response.read(600)
    cloud.kill_nginx()
    text += response.read()
    cloud.start_nginx()
    assert b'"error"' in text and b"[DONE]" not in text
