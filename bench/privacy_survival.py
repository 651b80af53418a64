"""Whether placeholders come back from real models so that they can be restored.

Texts with planted values are redacted by POST /v1/redactions, a model of llama-server does a task on them, and its answer is restored. Per placeholder:
verbatim; tolerated (changed, yet restored); lost. Invented: a word of a placeholder's shape that is none of the conversation's. As a measure of the model
itself the same task runs on the text as it was: how many of the same values came back then.
"""

import http.client
import json
import os
import pathlib
import random
import re
import subprocess
import time

import privacy_finders as finders

TASKS = {"summary": "Summarise this in two sentences. Keep every name and number exactly as it is written.", "e-mail": "Rewrite this as a polite e-mail. Keep every name and number exactly as it is written.",
         "French": "Translate this into French. Keep every name and number exactly as it is written.", "list": "Turn this into a bulleted list of the facts. Keep every name and number exactly as it is written.",
         "JSON": "Give the facts of this as one JSON object. Keep every name and number exactly as it is written.", "table": "Give the facts of this as a Markdown table. Keep every name and number exactly as it is written."}
TEXTS = ["{PERSON} can be reached at {EMAIL_ADDRESS} or {PHONE_NUMBER}. The refund goes to {IBAN_CODE}.", "Please charge {CREDIT_CARD} for the order of {PERSON} and send the receipt to {EMAIL_ADDRESS}.",
         "The server {IP_ADDRESS} was restarted by {PERSON}; call {PHONE_NUMBER} if it fails again.", "Meeting notes: {PERSON} will write to {EMAIL_ADDRESS}, and {PERSON} checks the payment to {IBAN_CODE} before Friday."]
SHAPE = re.compile(r"\b[A-Z]{2,24}X[0-9A-HJKMNP-TV-Z]{9}\b")


class Llama:
    def __init__(self, gguf):
        from harness import free_port
        self.port = free_port()
        self.process = subprocess.Popen([finders.BUILD / "llama-server", "--model", gguf, "--host", "127.0.0.1", "--port", str(self.port), "--threads", "1", "--ctx-size", "4096", "--offline", "--no-ui"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while True:
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("llama-server did not come up")
            time.sleep(0.2)

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())

    def chat(self, task, text):
        status, answer = self.ask("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": f"{task}\n\n{text}"}], "temperature": 0, "seed": 1, "max_tokens": 200})
        if status != 200:
            raise SystemExit(answer)
        return answer["choices"][0]["message"]["content"]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def planted(count):
    from values import Values
    for i in range(count):
        values = Values(random.Random(f"survival {i}"), "dev", "en")
        yield re.sub(r"\{(\w+)\}", lambda m: values.of(m[1]), TEXTS[i % len(TEXTS)])


def models(folders):
    """{name: file} of the chat models in data folders."""
    found = (pathlib.Path(at) / name for folder in folders for at, _, names in os.walk(folder, followlinks=True) for name in names)
    return {path.parent.name: path for path in found if path.suffix == ".gguf" and "minilm" not in path.name and path.parent.parent.name == "by-name"}


def run(folders, names_model, names_data, count):
    """[{model, task, placeholders, verbatim, tolerated, lost, invented, plain_values, plain_verbatim}]"""
    from harness import Gateway
    out = []
    with Gateway("upstreams:\n  - {name: cloud, tier: cloud, dialect: openai, base_url: \"http://127.0.0.1:9/v1\", key: sk-bench-0123456789, models: [m], serves: [chat]}\n" + finders.names_config(names_model),
                 policy="version: 1\nrules:\n  - {id: all, permit: cloud, require: [redact]}\n", models=names_data) as gate:
        def call(mode, case, *inputs):
            reply = gate.post("/v1/redactions", {"input": list(inputs), "mode": mode, "conversation": case}, timeout=120)
            if reply.status != 200:
                raise SystemExit(reply.text[:300])
            return [result["output"] for result in reply.json["results"]]

        for model, gguf in sorted(models(folders).items()):
            llama = Llama(gguf)
            try:
                for task, prompt in TASKS.items():
                    row = {"model": model, "task": task, **dict.fromkeys(("placeholders", "verbatim", "tolerated", "lost", "invented", "plain_values", "plain_verbatim"), 0)}
                    for i, text in enumerate(planted(count)):
                        case = f"{model}-{task}-{i}"
                        [hidden] = call("redact", case, text)
                        ours = sorted(set(SHAPE.findall(hidden)) - set(SHAPE.findall(text)))
                        values = call("restore", case, *ours)
                        answer = llama.chat(prompt, hidden)
                        [restored] = call("restore", case, answer)
                        plain = llama.chat(prompt, text)
                        for placeholder, value in zip(ours, values):
                            row["placeholders"] += 1
                            row["verbatim" if placeholder in answer else "tolerated" if value in restored else "lost"] += 1
                            row["plain_values"] += 1
                            row["plain_verbatim"] += value in plain
                        row["invented"] += len(set(SHAPE.findall(restored)) - set(ours))
                    out.append(row)
                    print(f"  {model} {task}: {row}", flush=True)
            finally:
                llama.stop()
    return out


def markdown(result):
    out = ["| model | task | placeholders | verbatim | tolerated | lost | invented | the values themselves, unhidden |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in result:
        n = max(1, r["placeholders"])
        out.append(f"| {r['model']} | {r['task']} | {r['placeholders']} | {r['verbatim'] / n:.2f} | {r['tolerated'] / n:.2f} | {r['lost'] / n:.2f} | {r['invented']} | {r['plain_verbatim'] / max(1, r['plain_values']):.2f} |")
    return "\n".join(out) + "\n"
