"""Documents and pictures without anybody waiting: jobs that read them some pages at a time and go on after kill −9, and watched folders."""

import csv
import io
import json
import os
import random
import time

import pytest

import documents as made
from batches import job_wait, lines_of, sdk
from harness import Gateway
from test_images import saved, scene
from test_local import wait_up
from test_vectors import vector_models  # noqa: F401

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
UPSTREAM = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng}\n"
PICTURES = "upstreams:\n  - {name: images-local, tier: local, engine: tensor, model: open-nsfw, serves: [image_classification]}\n"


def until(what, timeout_s=120):
    end = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def report(path, pages, seed=3):
    rng = random.Random(seed)
    return made.make_pdf(path, [[made.heading(f"Chapter {page}"), made.text(made.prose(rng, 60) + f" Page number {page} ends.")] for page in range(pages)])


def upload(gateway, data, name):
    return sdk(gateway).files.create(file=(name, io.BytesIO(data)), purpose="user_data").id


def job(gateway, files, kind="ocr", **options):
    reply = gateway.post("/v1/jobs", {"kind": kind, "file_ids": files, "options": options})
    assert reply.status == 200, reply.text
    return reply.json["id"]


@pytest.fixture(scope="module")
def watched(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    for name in ("in", "out", "json"):
        (folder / name).mkdir()
    report(folder / "in" / "waiting.pdf", 2)  # there before the start
    config = (UPSTREAM + f"limits: {{job_part_pages: 2}}\nwatch:\n  - {{folder: {folder}/in, do: parse, out: {folder}/out}}\n"
              f"  - {{folder: {folder}/json, do: parse, format: json, model: tesseract-eng}}\n")
    with Gateway(config, POLICY, models=models) as running:
        running.watched = folder
        wait_up(running, 1)
        yield running


def test_a_job_reads_documents_a_few_pages_at_a_time_and_answers_each_as_one(watched, tmp_path):
    pdf = report(tmp_path / "r.pdf", 5).read_bytes()
    files = [upload(watched, pdf, "report.pdf"), upload(watched, b"plain words", "note.txt"), upload(watched, b"%PDF-1.7\n" + b"\0" * 500, "broken.pdf")]
    done = job_wait(watched, job(watched, files, include_image_base64=True))
    assert done["status"] == "completed" and done["kind"] == "ocr" and done["progress"] == {"total": 3, "completed": 2, "failed": 1, "pages": 6}
    by_name = {line["custom_id"]: line["response"] for line in lines_of(sdk(watched), done["output_file_id"])}
    body = by_name["report.pdf"]["body"]
    assert [page["index"] for page in body["pages"]] == list(range(5)) and "next_page" not in body
    assert all(f"Page number {i} ends." in page["markdown"] for i, page in enumerate(body["pages"]))
    assert body["usage_info"]["pages_processed"] == 5 and body["pages_total"] == 5 and body["model"] == "tesseract-eng"
    receipt = watched.get(f"/v1/receipts/{by_name['report.pdf']['request_id']}").json
    assert receipt["operation"] == "ocr" and receipt["job"]["id"] == done["id"] and receipt["usage"]["pages"] == 1  # of the last part: pages 0-1, 2-3, 4
    (failed,) = lines_of(sdk(watched), done["error_file_id"])
    assert failed["custom_id"] == "broken.pdf" and failed["response"]["body"]["error"]["code"] == "invalid_document"


def test_pictures_are_counted_on_over_the_parts_of_a_document(watched, tmp_path):
    pages = [made.scan(report(tmp_path / f"{i}.pdf", 1, seed=i))[0] for i in range(3)]
    framed = made.picture_pdf(tmp_path / "s.pdf", [page.resize((850, 1100)) for page in pages]).read_bytes()
    body = lines_of(sdk(watched), job_wait(watched, job(watched, [upload(watched, framed, "s.pdf")]))["output_file_id"])[0]["response"]["body"]
    ids = [image["id"] for page in body["pages"] for image in page["images"]]
    assert len(body["pages"]) == 3 and len(set(ids)) == len(ids)


def test_values_hidden_in_one_part_have_the_same_stand_in_in_another(watched, tmp_path):
    pdf = made.make_pdf(tmp_path / "p.pdf", [[made.text("Write to ada.lovelace@example.org please.")] for _ in range(3)]).read_bytes()
    body = lines_of(sdk(watched), job_wait(watched, job(watched, [upload(watched, pdf, "p.pdf")], redact=True))["output_file_id"])[0]["response"]["body"]
    hidden = [page["markdown"] for page in body["pages"]]
    assert "ada.lovelace" not in json.dumps(body) and len(set(hidden)) == 1 and len(body["redactions"]) == 3


def test_what_cannot_be_a_job_of_documents_is_a_400_that_names_the_field(watched):
    file_id = upload(watched, b"words", "a.txt")
    for order, param in [({"kind": "read"}, "kind"), ({"options": {"pages": "0-3"}}, "options.pages"), ({"options": {"document": "x"}}, "options.document"), ({"file_ids": ["file-none"]}, "file_ids[0]")]:
        refused = watched.post("/v1/jobs", {"kind": "ocr", "file_ids": [file_id], **order})
        assert refused.status == 400 and refused.json["error"]["param"] == param, refused.text


def test_a_long_document_goes_on_after_a_kill_with_the_page_where_it_stood(models, tmp_path):
    scans = [made.scan(report(tmp_path / f"{i}.pdf", 1, seed=i), dpi=150)[0] for i in range(8)]
    scanned = made.picture_pdf(tmp_path / "s.pdf", scans, dpi=150).read_bytes()
    gateway = Gateway(UPSTREAM + "limits: {job_part_pages: 1}\n", POLICY, models=models)
    try:
        gateway.start()
        wait_up(gateway, 1)
        made_job = job(gateway, [upload(gateway, scanned, "scan.pdf")])
        pages = lambda: gateway.get(f"/v1/jobs/{made_job}").json["progress"]["pages"]  # noqa: E731
        until(lambda: pages() >= 3)
        gateway.kill()
        gateway.start()
        assert 3 <= pages() < 8  # what was finished is not read again, and it was not over
        kept = list((gateway.data / "jobs" / "files").glob("job_*"))
        assert len(kept) == 1 and b"markdown" not in kept[0].read_bytes()  # sealed
        done = job_wait(gateway, made_job)
        assert done["status"] == "completed" and done["progress"]["pages"] == 8
        (line,) = lines_of(sdk(gateway), done["output_file_id"])
        body = line["response"]["body"]
        assert [page["index"] for page in body["pages"]] == list(range(8)) and all(len(page["markdown"]) > 100 for page in body["pages"])
        assert gateway.get(f"/v1/receipts/{line['response']['request_id']}").json["job"]["run"] == 2
        assert not list((gateway.data / "jobs" / "files").glob("job_*"))
    finally:
        gateway.kill()


def test_a_watched_folder_reads_each_document_once(watched):
    folder = watched.watched
    until((folder / "out" / "waiting.md").exists)
    assert "# Chapter 0" in (folder / "out" / "waiting.md").read_text() and "Page number 1 ends." in (folder / "out" / "waiting.md").read_text()
    report(folder / "new.part", 1)
    os.rename(folder / "new.part", folder / "in" / "new.pdf")
    (folder / "in" / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "in" / "notes.zip").write_bytes(b"none of its business")
    (folder / "json" / "n.html").write_text("<html><body><h1>Head</h1></body></html>")
    until((folder / "out" / "new.md").exists)
    until((folder / "out" / "broken.pdf.error.json").exists)
    assert json.loads((folder / "out" / "broken.pdf.error.json").read_text())["error"]["code"] == "invalid_document"
    until((folder / "json" / "n.json").exists)
    assert json.loads((folder / "json" / "n.json").read_text())["pages"][0]["blocks"][0]["text"] == "Head"
    before = {p.name: p.stat().st_mtime_ns for p in (folder / "out").iterdir()}
    assert sorted(before) == ["broken.pdf.error.json", "new.md", "waiting.md"]
    watched.kill()
    report(folder / "in" / "late.pdf", 1)
    watched.start()
    until((folder / "out" / "late.md").exists)
    assert {p.name: p.stat().st_mtime_ns for p in (folder / "out").iterdir() if p.name != "late.md"} == before


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_watched_folder_of_pictures_writes_a_line_for_each_and_none_twice(vector_models, tmp_path, ending):  # noqa: F811
    folder, lines = tmp_path / "in", tmp_path / f"lines.{ending}"
    folder.mkdir()
    gateway = Gateway(PICTURES + f"watch:\n  - {{folder: {folder}, do: classify, out: {lines}, model: open-nsfw}}\n", POLICY, models=vector_models)

    def rows():
        text = lines.read_text() if lines.exists() else ""
        whole = text[:text.rfind("\n") + 1]
        return list(csv.DictReader(io.StringIO(whole))) if ending == "csv" else [json.loads(line) for line in whole.splitlines()]

    try:
        gateway.start()
        for i in range(6):
            (folder / f"{i}.png").write_bytes(saved(scene(seed=i)))
        (folder / "broken.png").write_bytes(saved(scene())[:200])
        until(lambda: len(rows()) >= 3)
        gateway.kill()
        with lines.open("a") as half:
            half.write("5.png,sf")  # as a crash would leave it
        gateway.start()
        until(lambda: len(rows()) >= 7)
        (folder / "0.png").write_bytes(saved(scene(seed=9)))  # another picture of that name
        until(lambda: len(rows()) >= 8)
        time.sleep(0.3)
        assert sorted(row["file"] for row in rows()) == sorted(["0.png", *(f"{i}.png" for i in range(6)), "broken.png"])
        good = [row if ending == "csv" else row["result"] for row in rows() if row["file"] != "broken.png"]
        assert all(row["label"] == "sfw" and float(row["confidence"]) > 0.5 for row in good)
        (broken,) = [row for row in rows() if row["file"] == "broken.png"]
        assert len(broken["error"]) > 10
    finally:
        gateway.kill()


def test_a_job_classifies_pictures(vector_models):  # noqa: F811
    with Gateway(PICTURES, POLICY, models=vector_models) as gateway:
        files = [upload(gateway, saved(scene(seed=i)), f"{i}.png") for i in range(3)]
        done = job_wait(gateway, job(gateway, files, kind="image_classification", model="open-nsfw"))
        assert (done["progress"]["completed"], done["progress"]["failed"]) == (3, 0), lines_of(sdk(gateway), done["error_file_id"])
        assert {line["custom_id"]: line["response"]["body"]["results"][0]["label"]["label"] for line in lines_of(sdk(gateway), done["output_file_id"])} == {f"{i}.png": "sfw" for i in range(3)}
