"""Names, places and addresses in documents: found by the model of names in what a page says and in what its pictures show, hidden in the text and on the
page, and nothing told while nobody can look for them."""

import base64
import json
import os
import random
import signal

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

import documents as made
from harness import Gateway, wait_for
from test_local import wait_up
from test_names import NAMES, names_models  # noqa: F401

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
MASKED = POLICY + "outputs: {mask: [PERSON]}\n"
CONFIG = "upstreams:\n  - {name: documents, tier: local, engine: document, model: tesseract-eng}\n"
NAME, OTHER = "Margaret Holloway", "Jonathan Whitfield"
LETTER = [[made.heading("Appointment"), made.text(f"Please write to {NAME} about her appointment next week. She lives in Springfield."), made.text("The room is on the second floor.")],
          [made.text(f"A copy goes to {OTHER} at the front desk.")]]


@pytest.fixture(scope="module")
def both(models, names_models, tmp_path_factory):  # noqa: F811
    """One data folder with the models of two: links beside links, and a lock that lists them all."""
    folder = tmp_path_factory.mktemp("models")
    for part in ("by-name", "sha256"):
        (folder / "models" / part).mkdir(parents=True)
        for source in (models, names_models):
            for entry in os.scandir(os.path.join(source, "models", part)):
                target = folder / "models" / part / entry.name
                if not target.exists():
                    os.symlink(os.path.realpath(entry.path) if part == "sha256" else entry.path, target)
    texts = [open(os.path.join(source, "models.lock")).read() for source in (models, names_models)]
    (folder / "models.lock").write_text(merged(texts))
    return folder


def merged(locks):
    head, entries = locks[0].split("models:", 1)
    return head + "models:" + entries.rstrip("\n") + "\n" + locks[1].split("models:", 1)[1].lstrip("\n")


@pytest.fixture(scope="module")
def gateway(both):
    with Gateway(CONFIG + NAMES % "" + "limits: {examine_ms: 10000}\n", POLICY, models=both) as running:
        wait_up(running, 1)
        wait_for(lambda: json.loads(running.cli("status", "--json").stdout)["detectors"]["names"]["engine"]["state"] == "ready", 120)
        yield running


def ask(gateway, data, **more):
    url = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    return gateway.post("/v1/ocr", {"model": "auto", "document": {"type": "document_url", "document_url": url}, **more}, timeout=300)


def told(reply):
    assert reply.status == 200, reply.text
    return " ".join(made.plain(page["markdown"]) for page in reply.json["pages"])


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    return made.make_pdf(tmp_path_factory.mktemp("letter") / "letter.pdf", LETTER)


@pytest.fixture(scope="module")
def scan(letter):
    return made.picture_pdf(letter.with_name("scan.pdf"), made.scan(letter))


@pytest.mark.parametrize("kind", ["letter", "scan"])
def test_persons_in_a_text_layer_and_in_a_picture_are_hidden_and_given_back(gateway, kind, request):
    document = request.getfixturevalue(kind).read_bytes()
    assert NAME in told(ask(gateway, document))
    reply = ask(gateway, document, redact=True, conversation=f"case-{kind}")
    shown = told(reply)
    for part in ("Margaret", "Holloway", "Jonathan", "Whitfield", "Springfield"):
        assert part not in reply.text, shown
    assert "The room is on the second floor." in shown
    persons = [redaction for redaction in reply.json["redactions"] if redaction["type"] == "PERSON"]
    assert {redaction["page"] for redaction in persons} == {0, 1} and all(redaction["boxes"] for redaction in persons)
    assert gateway.receipt(reply)["answer_findings"]["PERSON"] >= 2
    back = gateway.post("/v1/redactions", {"input": [shown], "mode": "restore", "conversation": f"case-{kind}"}).json["results"][0]["output"]
    assert NAME in back and OTHER in back


def test_only_the_types_asked_for_are_hidden(gateway, letter):
    shown = told(ask(gateway, letter.read_bytes(), redact="mask", redact_types=["PERSON"]))
    assert "Holloway" not in shown and "Springfield" in shown


def test_a_name_in_a_picture_on_a_page_of_text_is_hidden_too(gateway, tmp_path):
    """Looked for by recognition: the page's text says nothing of it."""
    stamp = Image.new("L", (900, 120), 255)
    ImageDraw.Draw(stamp).text((10, 30), f"Signed by {NAME} today", fill=0, font=ImageFont.load_default(size=48))
    stamp.save(tmp_path / "stamp.png", dpi=(200, 200))
    from reportlab.pdfgen import canvas
    drawn = canvas.Canvas(str(tmp_path / "page.pdf"))
    rng = random.Random(4)
    for line in range(12):
        drawn.drawString(60, 760 - 20 * line, made.prose(rng, 12)[:90])
    drawn.drawImage(str(tmp_path / "stamp.png"), 60, 300, 324, 43)
    drawn.save()
    reply = ask(gateway, (tmp_path / "page.pdf").read_bytes(), redact=True)
    assert "Holloway" not in reply.text
    assert any(redaction["type"] == "PERSON" and redaction["boxes"] for redaction in reply.json["redactions"]), reply.json["redactions"]


def test_demarc_parse_writes_the_page_without_the_name(gateway, letter, tmp_path):
    clean = tmp_path / "clean.pdf"
    done = gateway.cli("parse", "--redact", clean, letter)
    assert "Holloway" not in done.stdout and "second floor" in done.stdout
    assert b"Holloway" not in clean.read_bytes()
    pages = pypdfium2.PdfDocument(str(clean))
    text = " ".join(pages[i].get_textpage().get_text_range() for i in range(len(pages)))
    pages.close()
    assert "Holloway" not in text and "Whitfield" not in text and "second floor" in text
    again = told(ask(gateway, clean.read_bytes().replace(b"/ActualText", b"/XctualText"), read_pictures=True))  # what can be read in its picture
    assert "Holloway" not in again and "Whitfield" not in again and "second floor" in again


def test_what_the_policy_masks_is_masked_in_documents_whoever_asks(both, letter):
    with Gateway(CONFIG + NAMES % "" + "limits: {examine_ms: 10000}\n", MASKED, models=both) as running:
        wait_up(running, 1)
        wait_for(lambda: ask(running, letter.read_bytes()).status == 200, 120)
        shown = told(ask(running, letter.read_bytes()))
        assert "Holloway" not in shown and "[PERSON]" in shown


def test_nothing_is_told_while_nobody_can_look_for_names(gateway, letter):
    pid = json.loads(gateway.cli("status", "--json").stdout)["detectors"]["names"]["engine"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        text = made.prose(random.Random(99), 40) + f" {NAME}"  # not looked at before
        reply = ask(gateway, made.make_pdf(letter.with_name("new.pdf"), [[made.text(text)]]).read_bytes(), redact=True)
        assert reply.status == 503 and "Holloway" not in reply.text, reply.text
        assert told(ask(gateway, letter.read_bytes(), redact=True, redact_types=["EMAIL_ADDRESS"]))  # needs no such detector
    finally:
        os.kill(pid, signal.SIGCONT)
