"""Input files of batches, and what comes of them, for the tests of files, batches and jobs."""

import io
import json
import time

import openai

TERMINAL = {"completed", "failed", "expired", "cancelled"}


def sdk(gateway, key="sk-unused"):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=key, max_retries=0)


def chat_line(custom_id, text="token", model="echo", **more):
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions",
            "body": {"model": model, "messages": [{"role": "user", "content": text}], **more}}


def jsonl(lines):
    return "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines).encode()


def upload(client, lines, purpose="batch"):
    return client.files.create(file=("input.jsonl", io.BytesIO(jsonl(lines))), purpose=purpose)


def start(client, lines, endpoint="/v1/chat/completions", **more):
    return client.batches.create(input_file_id=upload(client, lines).id, endpoint=endpoint, completion_window="24h", **more)


def wait(client, batch, states=TERMINAL, timeout_s=120):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        batch = client.batches.retrieve(batch.id)
        if batch.status in states:
            return batch
        time.sleep(0.05)
    raise AssertionError(batch)


def lines_of(client, file_id):
    return [json.loads(line) for line in client.files.content(file_id).text.splitlines()] if file_id else []


def job_wait(gateway, job_id, timeout_s=300, headers=None):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        job = gateway.get(f"/v1/jobs/{job_id}", headers=headers).json
        if job["status"] in TERMINAL:
            return job
        time.sleep(0.1)
    raise AssertionError(job)
