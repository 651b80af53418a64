"""The redaction lane: POST /v1/redactions, Presidio's shapes, and `demarc redact` on files and folders."""

import base64
import json

import pytest

from conftest import POLICY, cloud_upstream
from harness import Gateway

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        yield gateway


def test_what_is_detected_has_type_place_score_and_tier(gateway):
    reply = gateway.post("/v1/redactions", {"input": f"é {MAIL}", "mode": "detect"})
    assert reply.status == 200 and reply.json["id"].startswith("red_")
    finding, = reply.json["results"][0]["findings"]
    assert (finding["type"], finding["start"], finding["end"], finding["tier"]) == ("EMAIL_ADDRESS", 2, 2 + len(MAIL), "structured")


@pytest.mark.parametrize("operator", ["placeholder", "mask", "hash", "drop"])
def test_no_operator_leaves_the_value(gateway, operator):
    output = gateway.post("/v1/redactions", {"input": [f"card {CARD}, {MAIL}"], "mode": "redact", "operator": operator}).json["results"][0]["output"]
    assert "4111" not in output and "ada@" not in output


def test_a_conversation_gives_back_to_its_caller_alone_what_it_hid(gateway):
    hidden = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact", "conversation": "c-1"}).json["results"][0]["output"]
    assert gateway.post("/v1/redactions", {"input": [f"to {hidden}!"], "mode": "restore", "conversation": "c-1"}).json["results"][0]["output"] == f"to {MAIL}!"
    assert gateway.post("/v1/redactions", {"input": [hidden], "mode": "restore", "conversation": "c-2"}).json["results"][0]["output"] == hidden


def test_a_json_value_keeps_its_shape(gateway):
    value = {"rows": [{"card": CARD, MAIL: 4111111111111111, "n": 3}]}
    result = gateway.post("/v1/redactions", {"input": [value], "mode": "redact", "operator": "mask"}).json["results"][0]
    row, = result["output"]["rows"]
    assert row["n"] == 3 and "4111" not in json.dumps(row) and MAIL not in json.dumps(row)
    assert {f["path"] for f in result["findings"]} >= {"/rows/0/card"}


def test_a_call_has_its_receipt_and_its_place_in_usage(gateway):
    reply = gateway.post("/v1/redactions", {"input": [MAIL], "mode": "redact"})
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "redaction" and receipt["tier"] == "local"
    assert receipt["findings"] == {"EMAIL_ADDRESS": 1} and receipt["redactions"] == {"EMAIL_ADDRESS": 1}
    assert any(r["model"] == "detectors" for r in json.loads(gateway.cli("usage", "--by", "model", "--json").stdout)["rows"])


@pytest.mark.parametrize("body,param", [({"input": [MAIL], "mode": "hide"}, "mode"), ({"input": [MAIL], "mode": "redact", "operator": "paint"}, "operator"), ({"mode": "redact"}, "input")])
def test_a_wrong_field_is_named(gateway, body, param):
    reply = gateway.post("/v1/redactions", body)
    assert reply.status == 400 and reply.json["error"]["param"] == param


def test_presidios_users_switch_by_url(gateway):
    found = gateway.post("/presidio/analyze", {"text": f"mail {MAIL}", "language": "en"}).json
    assert found == [{"entity_type": "EMAIL_ADDRESS", "start": 5, "end": 5 + len(MAIL), "score": found[0]["score"], "analysis_explanation": None}]
    done = gateway.post("/presidio/anonymize", {"text": f"mail {MAIL}", "analyzer_results": found, "anonymizers": {"DEFAULT": {"type": "replace", "new_value": "X"}}}).json
    assert done["text"] == "mail X" and done["items"] == [{"start": 5, "end": 6, "entity_type": "EMAIL_ADDRESS", "text": "X", "operator": "replace"}]
    assert "CREDIT_CARD" in gateway.get("/presidio/supportedentities?language=en").json


def test_the_command_redacts_a_folder_and_reports_without_contents(gateway, tmp_path):
    source, out, report = tmp_path / "in", tmp_path / "out", tmp_path / "report.csv"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text(f"card {CARD}\n")
    (source / "deep" / "b.json").write_text(json.dumps({"mail": MAIL}))
    (source / "c.bin").write_bytes(b"\0\1\2")
    done = gateway.cli("redact", source, "-o", out, "--report", report, "--explain", check=False)
    assert done.returncode == 1 and "c.bin" in done.stderr  # what is no text is said, and the others are done
    assert "4111" not in (out / "a.txt").read_text() and MAIL not in (out / "deep" / "b.json").read_text()
    assert set(json.loads((out / "deep" / "b.json").read_text())) == {"mail"}
    assert "CREDIT_CARD" in report.read_text() and "4111" not in report.read_text() + done.stderr


def test_the_command_gives_back_what_it_hid(gateway, tmp_path):
    text = f"write to {MAIL} about {CARD}\n"
    hidden = gateway.cli("redact", "-c", "case 7", input=text).stdout
    assert MAIL not in hidden and "4111" not in hidden
    assert gateway.cli("redact", "-c", "case 7", "--restore", input=hidden).stdout == text


def eml(body):
    return f"From: Ada <{MAIL}>\r\nTo: bob\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(body)


def jpeg(*segments):
    """Not for looking at: a JPEG's frame around these segments."""
    parts = [b"\xff" + marker + (len(content) + 2).to_bytes(2, "big") + content for marker, content in segments]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xda\x00\x04ss" + b"pixels" + b"\xff\xd9"


@pytest.mark.parametrize("name,data,path", [
    ("a.csv", f"id,mail\n1,{MAIL}\n".encode("utf-16"), None),
    ("a.xml", f"<a><b c='{MAIL}'/></a>".encode(), None),
    ("a.jsonl", f'{{"m":"x"}}\n{{"m":"{MAIL}"}}\n'.encode(), None),
    ("a.json", json.dumps({"m": [MAIL]}).encode(), "/m/0"),
    ("a.eml", eml(b"hello"), "/headers/From"),
    ("a.txt", eml(f"call {CARD}".encode()), "/parts/1"),
    ("a.jpg", jpeg((b"\xfe", MAIL.encode())), "/metadata"),
])
def test_a_file_comes_back_without_its_values(gateway, name, data, path):
    sent = {"file": {"filename": name, "data": base64.b64encode(data).decode()}}
    result, = gateway.post("/v1/redactions", {"input": [sent], "mode": "redact"}).json["results"]
    file = result["output"]["file"]
    back = base64.b64decode(file["data"])
    assert file["filename"] == name and back != data
    assert path is None or path in {f["path"] for f in result["findings"]}
    assert path is not None or all(f["line"] >= 1 for f in result["findings"])
    again, = gateway.post("/v1/redactions", {"input": [{"file": {"filename": name, "data": file["data"]}}]}).json["results"]
    assert again["findings"] == [] and "output" not in again


def test_a_form_uploads_files_and_one_that_nobody_reads_spares_the_others(gateway):
    def field(name, value, filename=""):
        named = f'; filename="{filename}"' if filename else ""
        return f'--B\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + value + b"\r\n"
    files = field("file[]", f"a,{MAIL}\n".encode(), "a.csv") + field("file[]", b"PK\x03\x04\0\0", "b.txt")
    headers = {"content-type": "multipart/form-data; boundary=B"}
    refused = gateway.post("/v1/redactions", field("mode", b"redact") + files + b"--B--\r\n", headers=headers)
    assert refused.status == 400 and refused.json["error"]["param"] == "input[1]" and "b.txt" in refused.json["error"]["message"]
    reply = gateway.post("/v1/redactions", field("mode", b"redact") + field("on_error", b"continue") + files + b"--B--\r\n", headers=headers)
    good, bad = reply.json["results"]
    assert MAIL.encode() not in base64.b64decode(good["output"]["file"]["data"]) and "b.txt" in bad["error"]["message"]


def test_json_lines_are_answered_line_by_line(gateway):
    lines = "\n".join([json.dumps(MAIL), json.dumps({"card": CARD}), "{broken", json.dumps("nothing")])
    reply = gateway.post("/v1/redactions?mode=redact&operator=mask", lines.encode(), headers={"content-type": "application/x-ndjson"})
    first, second, third, fourth = map(json.loads, reply.body.decode().splitlines())
    assert reply.status == 200 and reply.headers["content-type"] == "application/x-ndjson"
    assert first["findings"] and "4111" not in json.dumps(second) and third["error"]["param"] == "line 3" and fourth == {"output": "nothing", "findings": []}


def test_a_file_in_a_chat_is_redacted_where_it_stands(gateway, provider):
    data = f"name,mail\nAda,{MAIL}\n".encode("utf-16")
    url = "data:text/csv;base64," + base64.b64encode(data).decode()
    content = [{"type": "text", "text": "read this"}, {"type": "file", "file": {"filename": "a.csv", "file_data": url}}]
    reply = gateway.post("/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": content}]})
    assert reply.status == 200, reply.body
    assert gateway.receipt(reply)["redactions"] == {"EMAIL_ADDRESS": 1}
    sent = provider.received[-1].json["messages"][0]["content"][1]["file"]["file_data"].removeprefix("data:text/csv;base64,")
    text = base64.b64decode(sent).decode("utf-16")
    assert text.startswith("name,mail\nAda,") and MAIL not in text


def test_a_picture_in_a_chat_leaves_without_its_metadata(ca, provider):
    data = jpeg((b"\xe1", b"Exif\0\0II*\0 59.3293 N 18.0686 E"), (b"\xfe", b"by nobody"))
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]) + "unexamined: {image: internal}\n", policy=POLICY) as gateway:
        content = [{"type": "text", "text": f"what is it, {MAIL}?"}, {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(data).decode()}}]
        reply = gateway.post("/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": content}]})
        assert reply.status == 200, reply.body
        sent = provider.received[-1].json["messages"][0]["content"][1]["image_url"]["url"].removeprefix("data:image/jpeg;base64,")
        assert base64.b64decode(sent) == jpeg()
