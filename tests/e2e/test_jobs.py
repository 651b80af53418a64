"""Transcription jobs, the commands on jobs, and watched folders, with real engines: progress by events, resume, cancelling, kill −9."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import openai
import pytest

from batches import TERMINAL, chat_line, job_wait, jsonl, lines_of, sdk
from conftest import POLICY, cloud_upstream
from distance import edits
from harness import BINARY, ROOT, Gateway
from test_local import wait_up

SPEECH = ROOT / "tests" / "data" / "speech"
CLIPS = sorted(SPEECH.glob("*.wav"))[:3]
LOCAL = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
SPEECH_LOCAL = "upstreams:\n  - {name: speech-local, tier: local, engine: speech, model: whisper-base, serves: [transcription]}\n"


def words(text):
    return len(re.findall(r"[a-z']+", text.lower()))


@pytest.fixture(scope="module")
def speech(models, tmp_path_factory):
    """Watches a folder, too: it is read at the start only."""
    folder = tmp_path_factory.mktemp("watched")
    for name in ("in", "out", "lists"):
        (folder / name).mkdir()
    shutil.copy(CLIPS[0], folder / "in" / "waiting.wav")  # there before the start
    watch = f"watch:\n  - {{folder: {folder}/in, do: transcribe, out: {folder}/out, format: json}}\n  - {{folder: {folder}/lists, do: redact}}\n"
    with Gateway(SPEECH_LOCAL + watch, policy=LOCAL, models=models) as gateway:
        gateway.watched = folder
        yield gateway


def upload(gateway, path, name=None):
    with open(path, "rb") as file:
        return sdk(gateway).files.create(file=(name or pathlib.Path(path).name, file), purpose="user_data").id


def events(gateway, job_id):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=300)
    connection.request("GET", f"/v1/jobs/{job_id}/events")
    reply = connection.getresponse()
    assert reply.status == 200 and reply.headers["content-type"] == "text/event-stream"
    out, kind = [], None
    for line in reply:
        if line.startswith(b"event: "):
            kind = line[7:].strip().decode()
        if line.startswith(b"data: "):
            out.append((kind, json.loads(line[6:])))
    connection.close()
    return out


def test_a_transcription_job_tells_its_progress_and_writes_a_line_for_each_recording(speech, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"this is no sound" * 100)
    files = [upload(speech, clip) for clip in CLIPS] + [upload(speech, broken)]
    made = speech.post("/v1/jobs", {"kind": "transcription", "file_ids": files, "options": {"model": "auto", "response_format": "json", "demarc_clean": False}, "metadata": {"case": "7"}})
    assert made.status == 200, made.text
    job = made.json
    assert (job["object"], job["kind"], job["status"], job["progress"]["total"], job["metadata"]) == ("job", "transcription", "in_progress", 4, {"case": "7"})
    seen = events(speech, job["id"])
    assert [kind for kind, _ in seen].count("done") == 1 and seen[-1][0] == "done" and len(seen) >= 3
    done = [state["progress"]["completed"] + state["progress"]["failed"] for _, state in seen]
    assert done == sorted(done) and done[-1] == 4
    last = seen[-1][1]
    assert last["status"] == "completed" and (last["progress"]["completed"], last["progress"]["failed"]) == (3, 1)
    lines = lines_of(sdk(speech), last["output_file_id"])
    assert sorted(line["custom_id"] for line in lines) == [clip.name for clip in CLIPS]
    assert all(words(line["response"]["body"]["text"]) > 3 for line in lines)
    receipt = speech.get(f"/v1/receipts/{lines[0]['response']['request_id']}").json
    assert receipt["job"]["id"] == job["id"] and receipt["operation"] == "transcription" and receipt["tier"] == "local"
    (failed,) = lines_of(sdk(speech), last["error_file_id"])
    assert failed["custom_id"] == "broken.wav" and failed["response"]["status_code"] >= 400
    assert job["id"] in [j["id"] for j in speech.get("/v1/jobs").json["data"]]
    assert json.loads(speech.cli("batch", "show", job["id"], "--json").stdout)["status"] == "completed"


def test_what_cannot_be_a_job_is_a_400_that_names_the_field(speech):
    file_id = upload(speech, CLIPS[0])
    good = {"kind": "transcription", "file_ids": [file_id]}
    for order, param in [({"kind": "dream"}, "kind"), ({"file_ids": []}, "file_ids"), ({"file_ids": ["file-none"]}, "file_ids[0]"), ({"options": {"stream": True}}, "options.stream"),
                         ({"options": {"file": "x"}}, "options.file"), ({"options": {"x": {}}}, "options.x"), ({"options": 3}, "options"), ({"metadata": 3}, "metadata")]:
        refused = speech.post("/v1/jobs", {**good, **order})
        assert refused.status == 400 and refused.json["error"]["param"] == param, (order, refused.text)
    assert speech.post("/v1/jobs", b"no json").status == 400
    for path in ("/v1/jobs/job_none", "/v1/jobs/job_none/events", "/v1/files/file-none/other"):
        assert speech.get(path).status == 404
    assert speech.post("/v1/jobs/job_none/cancel", b"").status == 404


def test_a_transcription_job_is_cancelled_over_http_and_by_the_command(speech):
    files = [upload(speech, CLIPS[0])] * 30
    for cancel in (lambda job: speech.post(f"/v1/jobs/{job}/cancel", b"").json, lambda job: json.loads(speech.cli("batch", "cancel", job, "--json").stdout)):
        job = speech.post("/v1/jobs", {"kind": "transcription", "file_ids": files, "options": {"demarc_clean": False}}).json
        assert cancel(job["id"])["status"] in ("cancelling", "cancelled")
        assert job_wait(speech, job["id"])["status"] == "cancelled"


def test_a_folder_is_transcribed_with_a_summary_and_not_twice(speech, tmp_path):
    folder, out = tmp_path / "calls", tmp_path / "texts"
    (folder / "monday").mkdir(parents=True)
    out.mkdir()
    shutil.copy(CLIPS[0], folder / "a.wav")
    shutil.copy(CLIPS[1], folder / "monday" / "b.wav")
    (folder / "broken.mp3").write_bytes(b"no sound at all" * 50)
    (folder / "notes.txt").write_text("not a recording")
    first = speech.cli("transcribe", "--raw", folder, "-o", out, "--json", check=False)
    assert first.returncode == 1, first.stderr
    told = json.loads(first.stdout)
    assert (told["transcribed"], told["already_there"]) == (2, 0) and [f["file"] for f in told["failed"]] == ["broken.mp3"]
    assert "2 transcribed, 0 were there already, 1 failed" in first.stderr and "broken.mp3: " in first.stderr
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()) == ["a.txt", "monday/b.txt"] and words((out / "a.txt").read_text()) > 3
    os.remove(folder / "broken.mp3")
    os.remove(out / "a.txt")
    second = speech.cli("transcribe", "--raw", folder, "-o", out)
    assert "1 transcribed, 1 were there already, 0 failed" in second.stderr and (out / "a.txt").exists()
    assert speech.cli("transcribe", folder, CLIPS[0], check=False).returncode == 2


def test_a_folder_goes_on_after_the_gateway_and_the_command_were_killed(models, tmp_path):
    folder = tmp_path / "calls"
    folder.mkdir()
    for i in range(6):
        shutil.copy(CLIPS[i % 3], folder / f"{i}.wav")
    gateway = Gateway(SPEECH_LOCAL + "limits: {job_pieces: 1}\n", policy=LOCAL, models=models)
    try:
        gateway.start()
        env = {**gateway.env, "DEMARC_CONFIG": str(gateway.config_file), "DEMARC_DATA": str(gateway.data)}
        command = subprocess.Popen([BINARY, "transcribe", "--raw", folder], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while not (jobs := gateway.get("/v1/jobs").json["data"]) or jobs[0]["progress"]["completed"] < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        gateway.kill()
        command.kill()
        command.wait()
        assert not list(folder.glob("*.txt"))
        gateway.start()
        again = gateway.get("/v1/jobs").json["data"]
        assert len(again) == 1 and again[0]["progress"]["completed"] >= jobs[0]["progress"]["completed"]
        done = gateway.cli("transcribe", "--raw", folder)
        assert "6 transcribed" in done.stderr and len(list(folder.glob("*.txt"))) == 6
        assert len(gateway.get("/v1/jobs").json["data"]) == 1  # the job was taken up, not ordered again
    finally:
        gateway.kill()


def until(what, timeout_s=120):
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_watched_folder_does_each_file_once(speech):
    folder = speech.watched
    until((folder / "out" / "waiting.json").exists)
    assert words(json.loads((folder / "out" / "waiting.json").read_text())["text"]) > 3
    shutil.copy(CLIPS[1], folder / "new.part")
    os.rename(folder / "new.part", folder / "in" / "new.wav")  # moved in
    (folder / "in" / "broken.wav").write_bytes(b"no sound" * 100)
    (folder / "in" / "notes.txt").write_text("none of its business")
    until((folder / "out" / "new.json").exists)
    until((folder / "out" / "broken.wav.error.json").exists)
    assert json.loads((folder / "out" / "broken.wav.error.json").read_text())["error"]["message"]
    before = {p.name: p.stat().st_mtime_ns for p in (folder / "out").iterdir()}
    assert sorted(before) == ["broken.wav.error.json", "new.json", "waiting.json"]
    speech.stop()
    speech.start()
    shutil.copy(CLIPS[2], folder / "in" / "broken.wav")  # mended: newer than its error
    until((folder / "out" / "broken.json").exists)
    after = {p.name: p.stat().st_mtime_ns for p in (folder / "out").iterdir()}
    assert {k: v for k, v in after.items() if k != "broken.json"} == {k: v for k, v in before.items() if k != "broken.wav.error.json"}


def test_a_watched_folder_redacts_texts_beside_them(speech):
    folder = speech.watched / "lists"
    (folder / "people.csv").write_text("name,mail\nAda,ada@example.org\n")
    until((folder / "people.redacted.csv").exists)
    text = (folder / "people.redacted.csv").read_text()
    assert "ada@example.org" not in text and text.startswith("name,mail\nAda,")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 nothing")
    until((folder / "scan.pdf.error.json").exists)
    time.sleep(0.3)
    assert sorted(p.name for p in folder.iterdir()) == ["people.csv", "people.redacted.csv", "scan.pdf", "scan.pdf.error.json"]


# -- the commands on batches, with a cloud upstream


@pytest.fixture(scope="module")
def cloud(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0], models=["echo", "unhurried", "status-400"]), policy=POLICY) as gateway:
        yield gateway


def test_batch_run_writes_the_answers_and_says_how_it_went(cloud, tmp_path):
    source, out = tmp_path / "night.jsonl", tmp_path / "answers.jsonl"
    source.write_bytes(jsonl([chat_line(str(i), f"token {i}") for i in range(12)]))
    done = cloud.cli("batch", "run", source, "-o", out)
    assert "12 of 12 done, 0 failed" in done.stderr and len(out.read_text().splitlines()) == 12 and done.stdout == ""
    on_stdout = cloud.cli("batch", "run", source)
    assert sorted(json.loads(line)["custom_id"] for line in on_stdout.stdout.splitlines()) == sorted(str(i) for i in range(12))
    source.write_bytes(jsonl([chat_line("good"), chat_line("bad", model="status-400")]))
    mixed = cloud.cli("batch", "run", source, "-o", out, check=False)
    assert mixed.returncode == 1 and len((tmp_path / "answers.jsonl.errors.jsonl").read_text().splitlines()) == 1
    source.write_bytes(jsonl([chat_line("good"), "no json\n"]))
    wrong = cloud.cli("batch", "run", source, "--json", check=False)
    assert wrong.returncode == 1 and "line 2: " in wrong.stderr and json.loads(wrong.stdout)["status"] == "failed"


def test_a_batch_is_left_alone_listed_fetched_and_its_files_removed(cloud, tmp_path):
    source = tmp_path / "night.jsonl"
    source.write_bytes(jsonl([chat_line(str(i), f"token {i}") for i in range(3)]))
    batch = cloud.cli("batch", "run", source, "--detach").stdout.strip()
    assert job_wait(cloud, batch)["status"] == "completed"
    assert batch in cloud.cli("batch", "ls").stdout and "completed" in cloud.cli("batch", "show", batch).stdout
    assert len(cloud.cli("batch", "output", batch).stdout.splitlines()) == 3
    listed = json.loads(cloud.cli("files", "ls", "--json").stdout)["data"]
    mine = [f["id"] for f in listed if f["filename"] in ("night.jsonl", f"{batch}_output.jsonl")]
    cloud.cli("files", "rm", *mine)
    assert not set(mine) & {f["id"] for f in json.loads(cloud.cli("files", "ls", "--json").stdout)["data"]}
    assert cloud.cli("files", "rm", mine[0], check=False).returncode == 1
    assert "jobs    0 running, 0 waiting" in cloud.cli("status").stdout


def test_a_terminal_sees_a_bar(cloud, tmp_path):
    source = tmp_path / "night.jsonl"
    source.write_bytes(jsonl([chat_line(str(i), f"token {i}", model="unhurried") for i in range(30)]))
    script = f"script -qec '{BINARY} batch run {source} -o {tmp_path}/out.jsonl' /dev/null"
    shown = subprocess.run(["bash", "-c", script], env={**cloud.env, "DEMARC_CONFIG": str(cloud.config_file), "DEMARC_DATA": str(cloud.data), "TERM": "xterm"}, capture_output=True, text=True, timeout=120)
    assert re.search(r"\[=+> +\] \d+/30 requests", shown.stdout) and "30 of 30 done" in shown.stdout


def test_many_large_recordings_are_held_in_memory_a_few_at_a_time(provider, ca):
    """Eight of 12 MiB through room for 16: without the bound four would be held at once."""
    config = (f'upstreams:\n  - {{name: elsewhere, tier: cloud, dialect: openai, base_url: "{provider.base_url}", key: sk-upstream-0123456789abcdefghij, region: us, no_store: true, '
              f'ca_file: {ca[0]}, models: [whisper-1], serves: [transcription]}}\nunexamined: {{audio: internal}}\nlimits: {{buffered_mib: 32, audio_mib: 16, body_mib: 16}}\n')
    with Gateway(config, policy=POLICY) as gateway:
        def peak_kib():
            status = pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+)", status)[1])

        client = sdk(gateway)
        files = [client.files.create(file=(f"{i}.wav", os.urandom(12 << 20)), purpose="user_data").id for i in range(8)]
        before = peak_kib()
        job = gateway.post("/v1/jobs", {"kind": "transcription", "file_ids": files, "options": {"model": "whisper-1", "response_format": "json"}}).json
        done = job_wait(gateway, job["id"])
        assert (done["progress"]["completed"], done["progress"]["failed"]) == (8, 0), lines_of(client, done["error_file_id"])
        assert peak_kib() - before < 120 * 1024  # one recording: sealed, open, in a form, on its way


# -- a long recording: kept in parts


@pytest.fixture
def long_recording(tmp_path):
    """The five sentences over and over, with a second of silence between: half an hour would be the same, only longer."""
    import wave

    frames = []
    for clip in sorted(SPEECH.glob("*.wav")) * 5:
        with wave.open(str(clip)) as source:
            frames.append(source.readframes(source.getnframes()) + bytes(32_000))
    path = tmp_path / "meeting.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(16_000)
        out.writeframes(b"".join(frames))
    return path


def transcription_job(gateway, path, **options):
    return gateway.post("/v1/jobs", {"kind": "transcription", "file_ids": [upload(gateway, path)], "options": {"model": "auto", "demarc_clean": False, **options}}).json["id"]


def body_of(gateway, job):
    (line,) = lines_of(sdk(gateway), job["output_file_id"])
    return line["response"]["body"]


def test_a_long_recording_goes_on_after_a_kill_with_the_part_where_it_stood(models, long_recording):
    gateway = Gateway(SPEECH_LOCAL + "limits: {job_part_s: 20}\n", policy=LOCAL, models=models)
    try:
        gateway.start()
        job = transcription_job(gateway, long_recording, response_format="verbose_json")
        heard = lambda: gateway.get(f"/v1/jobs/{job}").json["progress"]["audio_seconds"]  # noqa: E731
        until(lambda: heard() > 40)
        gateway.kill()
        gateway.start()
        kept = heard()
        assert kept > 40  # what was finished is not done again
        parts = list((gateway.data / "jobs" / "files").glob("job_*"))
        assert len(parts) == 1 and b"segments" not in parts[0].read_bytes()  # sealed
        done = job_wait(gateway, job)
        with open(long_recording, "rb") as sound:
            whole = sdk(gateway).audio.transcriptions.create(file=("meeting.wav", sound), model="auto", response_format="verbose_json", extra_body={"demarc_clean": "false"}).model_dump()
        assert done["status"] == "completed" and done["progress"]["audio_seconds"] == pytest.approx(whole["duration"], abs=1)
        got = body_of(gateway, done)
        assert got["duration"] == pytest.approx(whole["duration"], abs=1)
        starts = [segment["start"] for segment in got["segments"]]
        assert starts == sorted(starts) and [segment["id"] for segment in got["segments"]] == list(range(len(starts)))
        assert edits(re.findall(r"[a-z']+", got["text"].lower()), re.findall(r"[a-z']+", whole["text"].lower())) <= 0.1 * words(whole["text"])
        assert not list((gateway.data / "jobs" / "files").glob("job_*"))
    finally:
        gateway.kill()


def test_a_range_of_a_recording_says_where_the_next_begins(speech, long_recording):
    def ask(**fields):
        with open(long_recording, "rb") as sound:
            return sdk(speech).audio.transcriptions.with_raw_response.create(file=("meeting.wav", sound), model="auto", response_format="verbose_json", extra_body={"demarc_clean": "false", **fields})

    wait_up(speech, 1)
    first = json.loads(ask(demarc_for="20").text)
    assert 20 <= first["next"] < 150 and first["duration"] == pytest.approx(first["next"], abs=0.01)
    second = json.loads(ask(demarc_from=str(first["next"]), demarc_for="1000").text)
    assert "next" not in second and second["segments"][0]["start"] >= first["next"] - 0.5 > first["segments"][-1]["start"]
    with pytest.raises(openai.BadRequestError) as refused:
        ask(demarc_from="noon")
    assert refused.value.param == "demarc_from"
