"""`demarc redact` on files and folders: what is read, written, remembered and told."""

import base64
import csv
import io
import json
import os
import pty
import signal
import subprocess
import time

import pytest

from conftest import POLICY, cloud_upstream
from harness import BINARY, Gateway
from test_redactions import eml, jpeg

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"
KINDS = {
    "plain.txt": f"mail {MAIL}\n".encode(),
    "utf16.csv": f"id,mail\n1,{MAIL}\n".encode("utf-16"),
    "latin.txt": f"Grüße an {MAIL}, schönen Tag, viel Spaß im Büro\n".encode("latin-1"),
    "page.html": f"<p title='{MAIL}'>hello</p>".encode(),
    "data.xml": f"<a><b c='{MAIL}'/></a>".encode(),
    "value.json": json.dumps({"m": [MAIL]}, indent=2).encode(),
    "lines.jsonl": f'{{"m":"x"}}\n{{"m":"{MAIL}"}}\n'.encode(),
    "mail.eml": eml(f"card {CARD}".encode()),
    "photo.jpg": jpeg((b"\xfe", MAIL.encode())),
    "misnamed.pdf": f"this is a text, {MAIL}\n".encode(),
}


@pytest.fixture(scope="module")
def gateway(provider, ca):
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        yield gateway


def fill(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def told(gateway, *arguments, check=True):
    return json.loads(gateway.cli("redact", "--json", *arguments, check=check).stdout)


def written(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and ".demarc-redact" not in p.parts}


# -- what is read and written

def test_every_kind_of_file_is_redacted_in_place_as_the_service_does_it(gateway, tmp_path):
    source, out = fill(tmp_path / "in", KINDS), tmp_path / "out"
    gateway.cli("redact", "-c", "kinds", source, "-o", out)
    sent = [{"file": {"filename": name, "data": base64.b64encode(data).decode()}} for name, data in KINDS.items()]
    results = gateway.post("/v1/redactions", {"input": sent, "mode": "redact", "conversation": "kinds"}).json["results"]
    assert written(out) == {name: base64.b64decode(r["output"]["file"]["data"]) for name, r in zip(KINDS, results)}
    assert all(data != KINDS[name] for name, data in written(out).items())
    assert MAIL not in (out / "utf16.csv").read_text("utf-16") and "Grüße" in (out / "latin.txt").read_text("latin-1")


@pytest.mark.parametrize("name,data,why", [("a.pdf", b"%PDF-1.7\n\0", "a PDF"), ("a.docx", b"PK\3\4 \0 [Content_Types].xml", "an Office file"), ("a.txt", b"\0\1\2", "neither"),
                                           ("a.jpg", b"\xff\xd8\xff broken", "damaged")])
def test_what_nobody_can_look_into_is_named_with_the_next_step_and_not_written(gateway, tmp_path, name, data, why):
    source, out = fill(tmp_path / "in", {name: data, "b.txt": MAIL}), tmp_path / "out"
    done = gateway.cli("redact", source, "-o", out, check=False)
    assert done.returncode == 1 and f"{name}: is {'n' if why == 'neither' else ''}"[:-1] in done.stderr and why in done.stderr and "Try: " in done.stderr
    assert list(written(out)) == ["b.txt"] and "1 file not redacted" in done.stderr


def test_one_file_goes_to_stdout_as_bytes(gateway, tmp_path):
    path = fill(tmp_path, {"a.csv": KINDS["utf16.csv"]}) / "a.csv"
    done = subprocess.run([BINARY, "redact", path], env={**gateway.env, "DEMARC_DATA": str(gateway.data)}, capture_output=True, timeout=60)
    text = done.stdout.decode("utf-16")
    assert text.startswith("id,mail\n1,") and MAIL not in text


def test_a_large_text_goes_in_pieces_and_no_value_is_cut(gateway, tmp_path):
    """A card stands over the line's end where a piece would end; and more values than one call may hold."""
    lines = [f"line {i} of user{i}@example.org\n" for i in range(160_000)]
    text = "".join(lines)
    cut = text.rfind("\n", 0, 2 << 20)
    text = text[:cut] + " card 4111 1111\n1111 1111" + text[cut:]
    source, out = fill(tmp_path / "in", {"a.log": text.encode("utf-16-le")}), tmp_path / "out"
    report = told(gateway, source, "-o", out, "--operator", "mask")
    output = written(out)["a.log"].decode("utf-16-le")
    assert "@example" not in output and " card **** ****\n**** ****\n" in output and output.count("\n") == text.count("\n")
    findings = report["files"][0]["findings"]
    assert len(findings) == 160_001
    for finding in findings[::1000] + findings[-1:]:
        assert text[finding["start"]:finding["end"]].startswith("user") and text.count("\n", 0, finding["start"]) + 1 == finding["line"]
    hidden = told(gateway, source, "-o", tmp_path / "out2")  # as placeholders: 160,000 of them in calls of 10,000 at most
    assert hidden["changed"] == 1 and MAIL not in written(tmp_path / "out2")["a.log"].decode("utf-16-le")


def test_a_file_beyond_the_limit_is_one_clear_error(gateway, tmp_path):
    with open(tmp_path / "huge.txt", "wb") as file:
        file.truncate((256 << 20) + 1)
    done = gateway.cli("redact", tmp_path / "huge.txt", check=False)
    assert done.returncode == 1 and "larger than 256 MiB" in done.stderr and "split" in done.stderr and done.stdout == ""


def test_a_blank_file_is_copied(gateway, tmp_path):
    source = fill(tmp_path / "in", {"empty": b"", "blank": b"\n \n"})
    gateway.cli("redact", source, "-o", tmp_path / "out")
    assert written(tmp_path / "out") == {"empty": b"", "blank": b"\n \n"}


# -- folders

def test_links_hidden_files_and_the_output_itself_are_passed_over_and_counted(gateway, tmp_path):
    source = fill(tmp_path / "in", {"a.txt": MAIL, ".git/config": MAIL, "out/old.txt": MAIL})
    (source / "loop").symlink_to(source)
    (source / "passwd").symlink_to("/etc/passwd")
    done = gateway.cli("redact", source, "-o", source / "out")
    assert set(written(source / "out")) == {"a.txt", "old.txt"} and (source / "out" / "old.txt").read_text() == MAIL
    assert "passed over: 1 hidden (--hidden takes them), 2 links" in done.stderr
    assert set(written(tmp_path / "in2")) == set()
    gateway.cli("redact", "--hidden", source, "-o", tmp_path / "all")
    assert ".git/config" in written(tmp_path / "all")


@pytest.mark.parametrize("arguments", [["in", "-o", "in"], ["in/a.txt", "-o", "in"], ["in/a.txt", "in/deep/a.txt", "-o", "out"], ["in"]])
def test_what_would_overwrite_or_mix_up_files_is_refused_before_anything_is_done(gateway, tmp_path, arguments):
    source = fill(tmp_path / "in", {"a.txt": MAIL, "deep/a.txt": MAIL})
    before = written(source)
    done = gateway.cli("redact", *[a if a.startswith("-") else tmp_path / a for a in arguments], check=False)
    assert done.returncode == 2 and done.stderr != "" and written(source) == before and not (tmp_path / "out").exists()


def test_nothing_is_written_through_a_link_in_the_output(gateway, tmp_path):
    source, out, elsewhere = fill(tmp_path / "in", {"deep/a.txt": MAIL}), tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir(), elsewhere.mkdir()
    (out / "deep").symlink_to(elsewhere)
    done = gateway.cli("redact", source, "-o", out, check=False)
    assert done.returncode == 1 and "link" in done.stderr and written(elsewhere) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_spares_the_others(gateway, tmp_path):
    source = fill(tmp_path / "in", {"a.txt": MAIL, "b.txt": MAIL})
    (source / "a.txt").chmod(0)
    done = gateway.cli("redact", source, "-o", tmp_path / "out", check=False)
    assert done.returncode == 1 and "a.txt: cannot be read" in done.stderr and list(written(tmp_path / "out")) == ["b.txt"]


def test_equal_values_of_a_conversation_are_equal_in_all_files_and_come_back(gateway, tmp_path):
    source, out, back = fill(tmp_path / "in", {f"{i}.txt": f"{i}: {MAIL}" for i in range(40)}), tmp_path / "out", tmp_path / "back"
    gateway.cli("redact", "-c", "folder", source, "-o", out)
    assert len({data.split(b": ")[1] for data in written(out).values()}) == 1
    gateway.cli("redact", "-c", "folder", "--restore", out, "-o", back)
    assert written(back) == written(source)


# -- the report

def test_the_table_the_report_and_json_tell_the_same(gateway, tmp_path):
    source = fill(tmp_path / "in", {"a.txt": f"x\n{MAIL} {CARD}\n", "b.json": json.dumps({"m": MAIL}), "c.txt": "nothing", "d.pdf": b"%PDF-1.7"})
    done = gateway.cli("redact", source, "-o", tmp_path / "out", "--report", tmp_path / "r.csv", "--explain", check=False)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text())))
    assert [(os.path.basename(r["file"]), r["type"], r["path"], r["line"]) for r in rows] == [
        ("a.txt", "EMAIL_ADDRESS", "", "2"), ("a.txt", "CREDIT_CARD", "", "2"), ("b.json", "EMAIL_ADDRESS", "/m", ""), ("d.pdf", "", "", "")]
    assert "EMAIL_ADDRESS                             structured             2           2\n" in done.stderr
    assert "3 files read, 2 changed\n" in done.stderr and "Luhn; visa" in done.stderr
    table = done.stderr[done.stderr.index("TYPE "):]
    assert [line for line in table.splitlines() if len(line) > 80] == []
    gateway.cli("redact", source, "-o", tmp_path / "out", "--report", tmp_path / "r.json", check=False)
    report, shown = json.loads((tmp_path / "r.json").read_text()), told(gateway, source, "-o", tmp_path / "out", check=False)
    assert report == shown
    assert report["counts"] == [{"type": "CREDIT_CARD", "tier": "structured", "count": 1, "files": 1}, {"type": "EMAIL_ADDRESS", "tier": "structured", "count": 2, "files": 2}]
    assert (report["read"], report["changed"], report["failed"]) == (3, 2, 1) and "PDF" in report["files"][3]["error"]["message"]


def test_no_report_holds_a_value_even_where_it_is_a_key(gateway, tmp_path):
    source = fill(tmp_path / "in", {"a.json": json.dumps({MAIL: {"n": CARD}, "4111111111111111": MAIL}), "b.txt": f"{MAIL} {CARD}"})
    done = gateway.cli("redact", source, "-o", tmp_path / "out", "--report", tmp_path / "r.csv", "--explain", "--json")
    journal = (tmp_path / "out" / ".demarc-redact" / "journal.jsonl").read_text()
    for text in ((tmp_path / "r.csv").read_text(), journal, done.stdout, done.stderr):
        assert MAIL not in text and "4111" not in text and "EMAIL_ADDRESS" in text
    assert "/*" in journal


def test_json_without_an_output_folder_holds_the_outputs(gateway, tmp_path):
    source = fill(tmp_path / "in", {"a.txt": "x " + MAIL, "b.csv": KINDS["utf16.csv"]})
    first, second = told(gateway, "--operator", "mask", source)["files"]
    assert first["output"] == "x ***@*******.***" and MAIL not in base64.b64decode(second["output_base64"]).decode("utf-16")


# -- going on

def inodes(out):
    return {p.name: p.stat().st_ino for p in out.iterdir() if p.is_file()}


def test_only_what_changed_is_done_again(gateway, tmp_path):
    source, out = fill(tmp_path / "in", {"a.txt": MAIL, "b.txt": MAIL, "c.txt": MAIL}), tmp_path / "out"
    first = told(gateway, source, "-o", out)
    before = inodes(out)
    again = told(gateway, source, "-o", out)
    assert inodes(out) == before and again["before"] == 3 and again["counts"] == first["counts"]
    (source / "a.txt").write_text(CARD)
    (out / "b.txt").write_text("edited")
    os.utime(source / "c.txt", (1, 1))  # touched only
    assert told(gateway, source, "-o", out)["before"] == 1
    assert inodes(out)["c.txt"] == before["c.txt"] and "4111" not in (out / "a.txt").read_text() and (out / "b.txt").read_text() != "edited"
    assert told(gateway, source, "-o", out, "--operator", "mask")["before"] == 0
    assert told(gateway, source, "-o", out, "--operator", "mask", "--types", "EMAIL_ADDRESS")["before"] == 0
    assert told(gateway, source, "-o", out, "--operator", "mask", "--types", "EMAIL_ADDRESS", "--restart")["before"] == 0


def test_what_cannot_be_redacted_any_more_does_not_keep_its_old_output(gateway, tmp_path):
    source, out = fill(tmp_path / "in", {"a.txt": MAIL}), tmp_path / "out"
    gateway.cli("redact", source, "-o", out)
    (source / "a.txt").write_bytes(b"%PDF-1.7\n\0")
    gateway.cli("redact", source, "-o", out, check=False)
    assert written(out) == {}


def test_placeholders_that_a_new_gateway_would_not_know_are_made_anew(provider, ca, tmp_path):
    source, out = fill(tmp_path / "in", {"a.txt": MAIL, "b.txt": MAIL}), tmp_path / "out"
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        gateway.cli("redact", "-c", "k", source / "a.txt", "-o", out)
        assert told(gateway, "-c", "k", source / "a.txt", "-o", out)["before"] == 1
        gateway.stop()
        gateway.start()
        assert told(gateway, "-c", "k", source, "-o", out)["before"] == 0
        assert gateway.cli("redact", "-c", "k", "--restore", out / "a.txt").stdout == MAIL


def test_an_interrupted_run_goes_on_where_it_stood(gateway, tmp_path):
    files = {f"{i:04}.txt": f"{i} {MAIL} " + "nothing to see here. " * 4000 for i in range(400)}
    source, out, whole = fill(tmp_path / "in", files), tmp_path / "out", tmp_path / "whole"
    gateway.cli("redact", "--operator", "mask", source, "-o", whole)
    environment = {**gateway.env, "DEMARC_CONFIG": str(gateway.config_file), "DEMARC_DATA": str(gateway.data)}
    for kill in (signal.SIGKILL, signal.SIGINT):
        running = subprocess.Popen([BINARY, "redact", "--operator", "mask", source, "-o", out], env=environment, stderr=subprocess.DEVNULL)
        had = len(written(out)) if out.exists() else 0
        end = time.monotonic() + 30
        while running.poll() is None and not (out.exists() and len(list(out.glob("*.txt"))) > had + 5):
            assert time.monotonic() < end
        running.send_signal(kill)
        running.wait(10)
        expected = written(whole)
        assert all(expected[name] == data for name, data in written(out).items()), "half a file"
    report = told(gateway, "--operator", "mask", source, "-o", out)
    assert report["before"] >= 5 and report["read"] == 400 and written(out) == written(whole)
    assert [os.path.basename(f["file"]) for f in report["files"]] == sorted(files)


def test_two_runs_do_not_write_to_one_folder(gateway, tmp_path):
    source, out = fill(tmp_path / "in", {"a.txt": MAIL}), tmp_path / "out"
    gateway.cli("redact", source, "-o", out)
    held = subprocess.Popen(["flock", out / ".demarc-redact" / "lock", "sh", "-c", "echo held; sleep 60"], stdout=subprocess.PIPE)
    try:
        held.stdout.readline()
        done = gateway.cli("redact", source, "-o", out, check=False)
        assert done.returncode == 1 and "another demarc redact" in done.stderr
    finally:
        held.kill()


def test_a_gateway_that_goes_away_ends_the_run_and_says_how_to_go_on(provider, ca, tmp_path):
    source, out = fill(tmp_path / "in", {f"{i:04}.txt": f"{i} " + "nothing to see here. " * 20000 for i in range(300)}), tmp_path / "out"
    with Gateway("upstreams:\n" + cloud_upstream(provider, ca[0]), policy=POLICY) as gateway:
        environment = {**gateway.env, "DEMARC_URL": gateway.url}
        running = subprocess.Popen([BINARY, "redact", source, "-o", out], env=environment, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 30
        while not (out.exists() and list(out.glob("*.txt"))):
            assert time.monotonic() < end and running.poll() is None
        gateway.kill()
        _, told_on_stderr = running.communicate(timeout=30)
        assert running.returncode == 4 and "not reached; the same command again goes on there" in told_on_stderr
        gateway.start()
        assert told(gateway, source, "-o", out)["before"] >= 1


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM])
def test_a_command_with_a_gateway_of_its_own_ends_at_once_when_it_is_told_to(tmp_path, kill):
    source = fill(tmp_path / "in", {f"{i:04}.txt": "nothing to see here. " * 20000 for i in range(2000)})
    running = subprocess.Popen([BINARY, "--data", tmp_path / "data", "redact", source, "-o", tmp_path / "out"], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
                               stderr=subprocess.PIPE)
    end = time.monotonic() + 30
    while not list((tmp_path / "out").glob("*.txt")):
        assert time.monotonic() < end and running.poll() is None
    running.send_signal(kill)
    assert running.wait(5) == -kill


# -- progress

def test_a_terminal_sees_a_bar_and_a_pipe_does_not(gateway, tmp_path):
    source = fill(tmp_path / "in", {f"{i}.txt": "nothing to see here. " * 50000 for i in range(12)})
    main, other = pty.openpty()
    environment = {**gateway.env, "DEMARC_CONFIG": str(gateway.config_file), "DEMARC_DATA": str(gateway.data)}
    running = subprocess.Popen([BINARY, "redact", source, "-o", tmp_path / "out"], env=environment, stderr=other)
    os.close(other)
    seen = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    assert running.wait(60) == 0 and b"/12 files, " in seen and b"\r\x1b[K[" in seen
    assert all(len(line) <= 79 for line in seen.decode().replace("\r\n", "\n").split("\x1b[K"))
    assert "\r" not in gateway.cli("redact", source, "-o", tmp_path / "out2").stderr
