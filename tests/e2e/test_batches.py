"""Files and batches as OpenAI's SDK drives them, with a cloud upstream behind TLS: shapes, errors, rights, budgets, cancelling, kill −9."""

import io
import json
import os
import sqlite3
import time

import openai
import pytest

from batches import chat_line, jsonl, lines_of, sdk, start, upload, wait
from conftest import CLOUD_MODELS, POLICY, cloud_upstream
from harness import Gateway


MODELS = [*CLOUD_MODELS, "unhurried", "busy-once"]


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS), policy=POLICY) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def client(gateway):
    return sdk(gateway)


def test_a_file_comes_back_as_it_was_sent_and_is_listed_and_deleted(client):
    content = os.urandom(300_000)
    made = client.files.create(file=("recording.wav", io.BytesIO(content)), purpose="user_data")
    assert (made.object, made.bytes, made.filename, made.purpose, made.status) == ("file", 300_000, "recording.wav", "user_data", "processed")
    assert made.id.startswith("file-") and made.expires_at - made.created_at == 30 * 86400
    assert client.files.content(made.id).content == content
    assert client.files.retrieve(made.id) == made
    assert made.id in [f.id for f in client.files.list(purpose="user_data")] and made.id not in [f.id for f in client.files.list(purpose="batch")]
    deleted = client.files.delete(made.id)
    assert deleted.deleted and deleted.id == made.id
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)


def test_a_list_of_files_is_given_page_by_page(client):
    made = [client.files.create(file=(f"{i}.txt", io.BytesIO(b"x")), purpose="evals").id for i in range(5)]
    assert [f.id for f in client.files.list(purpose="evals", limit=2)] == made[::-1]  # the SDK turns the pages
    page = client.files.list(purpose="evals", limit=2, order="asc")
    assert [f.id for f in page.data] == made[:2] and page.has_more
    assert [f.id for f in client.files.list(purpose="evals", limit=10, order="asc", after=made[2]).data] == made[3:]
    for file_id in made:
        client.files.delete(file_id)


def test_a_batch_is_run_line_by_line_and_each_line_has_its_receipt(client, gateway):
    lines = [chat_line(f"line-{i}", f"token {i}") for i in range(20)] + [chat_line("refused", model="status-400")]
    batch = start(client, lines, metadata={"night": "1"})
    assert batch.object == "batch" and batch.id.startswith("batch_") and batch.status in ("validating", "in_progress") and batch.metadata == {"night": "1"}
    assert batch.expires_at - batch.created_at == 86400
    batch = wait(client, batch)
    assert batch.status == "completed" and batch.errors is None
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (21, 20, 1)
    assert batch.created_at <= batch.in_progress_at <= batch.finalizing_at <= batch.completed_at
    done = lines_of(client, batch.output_file_id)
    assert sorted(line["custom_id"] for line in done) == sorted(f"line-{i}" for i in range(20))
    for line in done:
        assert line["error"] is None and line["response"]["status_code"] == 200 and line["id"].startswith("batch_req_")
        assert line["response"]["body"]["choices"][0]["message"]["content"] == f"token {line['custom_id'][5:]}"
        receipt = gateway.get(f"/v1/receipts/{line['response']['request_id']}").json
        assert receipt["job"] == {"id": batch.id, "piece": int(line["custom_id"][5:]) + 1, "run": 1}
        assert receipt["tier"] == "cloud" and receipt["attempts"][-1]["outcome"] == "served"
    (failed,) = lines_of(client, batch.error_file_id)
    assert failed["custom_id"] == "refused" and failed["response"]["status_code"] == 400 and failed["response"]["body"]["error"]["message"]
    output = client.files.retrieve(batch.output_file_id)
    assert output.purpose == "batch_output" and output.filename == f"{batch.id}_output.jsonl"
    assert batch.id in [b.id for b in client.batches.list(limit=2)]


@pytest.mark.parametrize("line, code, param", [
    ("no json\n", "invalid_json_line", None),
    ({k: v for k, v in chat_line("x").items() if k != "custom_id"}, "missing_required_parameter", "custom_id"),
    ({**chat_line("x"), "method": "GET"}, "invalid_method", "method"),
    ({**chat_line("x"), "url": "/v1/embeddings"}, "mismatched_endpoint", "url"),
    ({**chat_line("x"), "body": 7}, "missing_required_parameter", "body"),
    (chat_line("x", stream=True), "invalid_request", "body.stream"),
    (chat_line("first"), "duplicate_custom_id", "custom_id"),
    (chat_line("x" * 513), "invalid_custom_id", "custom_id"),
])
def test_a_wrong_line_fails_the_batch_and_is_named_by_its_number(client, line, code, param):
    batch = wait(client, start(client, [chat_line("first"), "\n", chat_line("second"), line]))
    assert batch.status == "failed" and batch.failed_at and batch.output_file_id is None
    (error,) = batch.errors.data
    assert (error.code, error.line, error.param) == (code, 4, param) and error.message


def test_an_input_file_without_a_request_fails_the_batch(client):
    batch = wait(client, start(client, ["\n", "  \n"]))
    assert batch.status == "failed" and [e.code for e in batch.errors.data] == ["empty_file"]


def test_what_cannot_be_ordered_is_a_400_that_names_the_field(client):
    file_id = upload(client, [chat_line("x")]).id
    other = upload(client, [chat_line("x")], purpose="user_data").id
    for order, param in [({"input_file_id": "file-none"}, "input_file_id"), ({"input_file_id": other}, "input_file_id"), ({"endpoint": "/v1/audio/transcriptions"}, "endpoint"),
                         ({"completion_window": "1h"}, "completion_window"), ({"metadata": {"k": "v" * 513}}, "metadata")]:
        with pytest.raises(openai.BadRequestError) as refused:
            client.batches.create(**{"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h", **order})
        assert refused.value.param == param, order
    for purpose, content, param in [("nonsense", b"x", "purpose"), ("batch", b"", "file")]:
        with pytest.raises(openai.BadRequestError) as refused:
            client.files.create(file=("x", io.BytesIO(content)), purpose=purpose)
        assert refused.value.param == param
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.create(file=("x", io.BytesIO(b"x")), purpose="batch", expires_after={"anchor": "created_at", "seconds": 60})
    assert refused.value.param == "expires_after.seconds"
    for missing in (lambda: client.batches.retrieve("batch_none"), lambda: client.batches.cancel("batch_none"), lambda: client.files.content("file-none"), lambda: client.files.delete("file-none")):
        with pytest.raises(openai.NotFoundError):
            missing()
    with pytest.raises(openai.BadRequestError):
        client.files.list(limit=0)


def test_a_batch_under_way_is_cancelled_and_keeps_what_is_done(client):
    batch = start(client, [chat_line("quick")] + [chat_line(f"one-{i}", model="unhurried") for i in range(200)])
    batch = wait(client, batch, {"in_progress"})
    while client.batches.retrieve(batch.id).request_counts.completed < 1:
        time.sleep(0.02)
    with pytest.raises(openai.BadRequestError) as refused:
        client.files.delete(batch.input_file_id)
    assert batch.id in str(refused.value)
    assert client.batches.cancel(batch.id).status in ("cancelling", "cancelled")
    batch = wait(client, batch)
    assert batch.status == "cancelled" and batch.cancelling_at and batch.cancelled_at
    assert 1 <= len(lines_of(client, batch.output_file_id)) == batch.request_counts.completed < 201
    with pytest.raises(openai.BadRequestError):
        client.batches.cancel(batch.id)


def test_a_line_that_is_told_to_come_again_comes_again(client, gateway):
    batch = wait(client, start(client, [chat_line(str(i), f"token {time.time()} {i}", model="busy-once") for i in range(3)]))
    assert (batch.request_counts.completed, batch.request_counts.failed) == (3, 0)


@pytest.fixture
def keyed(provider, ca):
    with Gateway("keys: required\nupstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS) + "limits: {files_key_mib: 1, jobs_key: 2, batch_lines: 50, job_patience_ms: 0}\n", policy=POLICY) as gateway:
        yield gateway


def make_key(gateway, name, *more):
    made = json.loads(gateway.cli("keys", "create", "--name", name, "--json", *more).stdout)
    return made["secret"], made["id"] if "id" in made else made["key"]["id"]


def test_another_keys_files_and_batches_are_not_there(keyed):
    alice, bob = sdk(keyed, make_key(keyed, "alice")[0]), sdk(keyed, make_key(keyed, "bob")[0])
    batch = wait(alice, start(alice, [chat_line("mine")]))
    assert batch.status == "completed"
    for theirs in (lambda: bob.files.retrieve(batch.input_file_id), lambda: bob.files.content(batch.output_file_id), lambda: bob.files.delete(batch.output_file_id),
                   lambda: bob.batches.retrieve(batch.id), lambda: bob.batches.cancel(batch.id)):
        with pytest.raises(openai.NotFoundError):
            theirs()
    assert list(bob.files.list()) == [] and list(bob.batches.list()) == []
    with pytest.raises(openai.BadRequestError):
        bob.batches.create(input_file_id=batch.input_file_id, endpoint="/v1/chat/completions", completion_window="24h")
    assert keyed.get(f"/v1/jobs/{batch.id}").status == 401


def test_a_revoked_key_stops_its_batch(keyed):
    secret, key_id = make_key(keyed, "carol")
    carol = sdk(keyed, secret)
    batch = start(carol, [chat_line(f"{i}", model="unhurried") for i in range(40)])
    wait(carol, batch, {"in_progress"})
    keyed.cli("keys", "revoke", key_id)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with sqlite3.connect(f"file:{keyed.data}/jobs/jobs.sqlite?mode=ro", uri=True) as db:
            state, errors, completed = db.execute("SELECT state, errors, completed FROM jobs WHERE id = ?", [batch.id]).fetchone()
        if state == 4:
            break
        time.sleep(0.1)
    assert state == 4 and errors.startswith("key_not_active") and completed < 40


def test_limits_of_files_lines_and_jobs_are_said_with_what_to_do(keyed):
    dave = sdk(keyed, make_key(keyed, "dave")[0])
    kept = dave.files.create(file=("a", io.BytesIO(b"x" * 900_000)), purpose="user_data")
    with pytest.raises(openai.APIStatusError) as refused:
        dave.files.create(file=("b", io.BytesIO(b"x" * 900_000)), purpose="user_data")
    assert refused.value.status_code == 413 and "files_key_mib" in str(refused.value)
    dave.files.delete(kept.id)
    batch = wait(dave, start(dave, [chat_line(f"{i}") for i in range(51)]))
    assert [(e.code, e.line) for e in batch.errors.data] == [("max_requests_exceeded", 51)]
    running = [start(dave, [chat_line(f"{i}", model="unhurried") for i in range(50)]) for _ in range(2)]
    with pytest.raises(openai.RateLimitError) as refused:
        start(dave, [chat_line("x")])
    assert "jobs_key" in str(refused.value)
    for one in running:
        dave.batches.cancel(one.id)


def test_all_files_together_have_a_limit_and_what_is_there_stays(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS) + "limits: {files_mib: 1}\n", policy=POLICY) as gateway:
        client = sdk(gateway)
        kept = client.files.create(file=("a", io.BytesIO(b"x" * 900_000)), purpose="user_data")
        with pytest.raises(openai.APIStatusError) as refused:
            client.files.create(file=("b", io.BytesIO(b"y" * 900_000)), purpose="user_data")
        assert refused.value.status_code == 413 and "limits.files_mib" in str(refused.value)
        assert [f.id for f in client.files.list()] == [kept.id] and client.files.content(kept.id).content == b"x" * 900_000
        client.files.delete(kept.id)
        client.files.create(file=("b", io.BytesIO(b"y" * 900_000)), purpose="user_data")


def test_what_never_had_room_is_an_error_of_its_line(keyed):
    erin = sdk(keyed, make_key(keyed, "erin")[0])
    batch = wait(erin, start(erin, [chat_line("busy", model="status-429"), chat_line("good")]))
    assert batch.status == "completed" and (batch.request_counts.completed, batch.request_counts.failed) == (1, 1)
    (failed,) = lines_of(erin, batch.error_file_id)
    assert failed["response"]["status_code"] == 429


def test_erasing_a_caller_takes_its_files_and_jobs(keyed):
    secret, key_id = make_key(keyed, "frank")
    frank = sdk(keyed, secret)
    done = wait(frank, start(frank, [chat_line("x")]))
    under_way = start(frank, [chat_line(f"{i}", model="unhurried") for i in range(50)])
    keyed.cli("audit", "erase", key_id)
    assert list(frank.files.list()) == [] and list(frank.batches.list()) == []
    left = os.listdir(keyed.data / "jobs" / "files")
    assert done.input_file_id not in left and done.output_file_id not in left and under_way.input_file_id not in left


def test_files_on_disk_are_sealed_and_nothing_of_them_is_in_a_log(keyed):
    gina = sdk(keyed, make_key(keyed, "gina")[0])
    word = "zebra-quagga-okapi"
    batch = wait(gina, start(gina, [chat_line("x", f"token {word}")]))
    assert word in gina.files.content(batch.output_file_id).text
    for path in keyed.folder.rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes(), path
    for path in (keyed.data / "jobs").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def edit(gateway, statement, *values):
    with sqlite3.connect(gateway.data / "jobs" / "jobs.sqlite") as db:
        db.execute(statement, values)
    db.close()


def test_a_batch_goes_on_after_a_proper_stop_and_expires_when_its_time_is_over(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS), policy=POLICY) as gateway:
        client = sdk(gateway)
        batch = start(client, [chat_line(str(i), f"token {i}", model="unhurried") for i in range(300)])
        while client.batches.retrieve(batch.id).request_counts.completed < 4:
            time.sleep(0.02)
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
        gateway.start()
        before = client.batches.retrieve(batch.id)
        assert before.status == "in_progress" and before.request_counts.completed >= 4
        while client.batches.retrieve(batch.id).request_counts.completed < before.request_counts.completed + 4:
            time.sleep(0.02)
        gateway.stop()
        edit(gateway, "UPDATE jobs SET expires_ns = 1")
        gateway.start()
        batch = wait(client, batch)
        assert batch.status == "expired" and batch.expired_at
        output, errors = lines_of(client, batch.output_file_id), lines_of(client, batch.error_file_id)
        assert len(output) == batch.request_counts.completed and len(errors) == batch.request_counts.failed and len(output) + len(errors) == 300
        assert {line["error"]["code"] for line in errors} == {"batch_expired"} and len({line["custom_id"] for line in output + errors}) == 300
        gateway.stop()
        edit(gateway, "UPDATE files SET expires_ns = 1 WHERE id = ?", batch.output_file_id)
        gateway.start()
        with pytest.raises(openai.NotFoundError):
            client.files.content(batch.output_file_id)
        end = time.monotonic() + 10
        while (gateway.data / "jobs" / "files" / batch.output_file_id).exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert (gateway.data / "jobs" / "files" / batch.error_file_id).exists()


def test_an_input_that_was_changed_on_disk_fails_its_batch(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS), policy=POLICY) as gateway:
        client = sdk(gateway)
        file_id = upload(client, [chat_line("x")]).id
        path = gateway.data / "jobs" / "files" / file_id
        sealed = bytearray(path.read_bytes())
        sealed[-1] ^= 1
        path.write_bytes(sealed)
        batch = wait(client, client.batches.create(input_file_id=file_id, endpoint="/v1/chat/completions", completion_window="24h"))
        assert batch.status == "failed" and [e.code for e in batch.errors.data] == ["input_file_unreadable"]
        with pytest.raises(openai.APIError):  # cut short, so that it does not look whole
            client.files.content(file_id).read()


def test_jobs_beyond_the_limit_wait_in_the_order_they_came(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=MODELS) + "limits: {jobs: 1}\n", policy=POLICY) as gateway:
        client = sdk(gateway)
        batches = [start(client, [chat_line(str(i), f"token {i}", model="unhurried") for i in range(12)]) for _ in range(3)]
        assert json.loads(gateway.cli("status", "--json").stdout)["jobs"] == {"running": 1, "waiting": 2}
        client.batches.cancel(batches[1].id)
        done = [wait(client, batch) for batch in batches]
        assert [batch.status for batch in done] == ["completed", "cancelled", "completed"]
        assert done[0].completed_at <= done[2].in_progress_at
