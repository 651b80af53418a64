"""The starters, each run as a stranger would: a copy of its folder alone, its one command, real engines. Only what cannot be had without a network is given:
the Python packages (those of requirements.txt, by the same hashes), the models, and for the copilot a provider that writes down what it sees."""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from harness import BINARY, ROOT, free_port, make_ca
from provider import Provider
from test_names import names_models  # noqa: F401

STARTERS = sorted(path.parent.name for path in (ROOT / "starters").glob("*/run"))
HOME_ONLY = [name for name in STARTERS if name != "copilot"]
# What somebody who copies a starter has to read: the command, the program, the configuration. Not the sample's data, nor the hashes of the packages.
CODE = {"run", "before.sh", "demarc.yaml", "policy.yaml", "main.py", "rehearse.py", "demarc.vim"}
DATA = {"README.md", "requirements.txt", ".gitignore", "examples.csv", "mail.classifier.json", "inbox", "invoices", "documents", "questions.txt", "meeting.ogg", "meeting.txt", "shop.py", "tickets.jsonl"}


class Ran:
    def __init__(self, folder, done):
        self.folder, self.out, self.err, self.status = folder, done.stdout, done.stderr, done.returncode

    def demarc(self, *arguments):
        return subprocess.run([BINARY, *arguments], cwd=self.folder, env=environment(self.folder, {}), capture_output=True, text=True, timeout=60)

    def usage(self, by="model"):
        return {row[by]: row for row in json.loads(self.demarc("usage", "--by", by, "--json").stdout)["rows"]}


def environment(folder, more):
    return {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "LANG": "C.UTF-8", "DEMARC": str(BINARY), "CLOUD_URL": "https://unused.invalid", "ANTHROPIC_API_KEY": "unused", **more}


def copy_of(name, folder):
    """The starter alone in a folder, on free ports, with the packages where its command would put them."""
    copy = folder / name
    shutil.copytree(ROOT / "starters" / name, copy, ignore=shutil.ignore_patterns("data", ".venv"))
    for file in ("demarc.yaml", "before.sh"):
        if (copy / file).exists():
            (copy / file).write_text(re.sub(r"127\.0\.0\.1:84\d\d", lambda _: f"127.0.0.1:{free_port()}", (copy / file).read_text()))
    packages = pathlib.Path(os.environ["DEMARC_E2E_PYTHON"]).parents[1]
    (copy / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (copy / ".venv" / part).symlink_to(packages / part)
    shutil.copy(copy / "requirements.txt", copy / ".venv" / "made-of")
    return copy


def run(copy, models, *arguments, **more):
    done = subprocess.run(["./run", *arguments], cwd=copy, env=environment(copy, {"DEMARC_MODELS": str(models), **more}), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{(copy / 'data' / 'serve.log').read_text()[-3000:]}"
    return Ran(copy, done)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("starters")


# ---- what holds for all


def test_there_are_the_six():
    assert STARTERS == ["copilot", "editor", "invoices", "minutes", "questions", "triage"]


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_under_150_lines(name):
    files = {path.name for path in (ROOT / "starters" / name).iterdir() if path.name not in ("data", ".venv") and path.name not in ignored(name)}
    assert files - CODE - DATA == set(), "new files: say in CODE or DATA which they are"
    assert sum(len((ROOT / "starters" / name / file).read_text().splitlines()) for file in files & CODE) < 150


def ignored(name):
    return {line.strip("/") for line in (ROOT / "starters" / name / ".gitignore").read_text().splitlines()}


def test_the_command_is_the_same_in_all():
    assert len({(ROOT / "starters" / name / "run").read_bytes() for name in STARTERS}) == 1


@pytest.mark.parametrize("name", STARTERS)
def test_its_packages_are_those_that_are_tested(name):
    def pinned(path):
        return dict(re.findall(r"^([a-z0-9-]+==\S+) ((?:\\\n\s+--hash=\S+ ?)+)", path.read_text(), re.M))

    here, tested = pinned(ROOT / "starters" / name / "requirements.txt"), pinned(ROOT / "tests" / "e2e" / "requirements.txt")
    assert here and {package: hashes.split() for package, hashes in here.items()}.items() <= {package: hashes.split() for package, hashes in tested.items()}.items()


def decide(name, cases, folder):
    """`demarc policy test` on the starter's own files."""
    (folder / f"{name}.jsonl").write_text("".join(json.dumps({"id": f"case-{i}", "request": request, "expect": expect}) + "\n" for i, (request, expect) in enumerate(cases)))
    return subprocess.run([BINARY, "policy", "test", "policy.yaml", folder / f"{name}.jsonl", "--config", "demarc.yaml"], cwd=ROOT / "starters" / name, capture_output=True, text=True,
                          timeout=60, env=environment(folder / name, {}))


@pytest.mark.parametrize("name", HOME_ONLY)
def test_a_cloud_model_asked_for_by_name_is_denied(name, folder):
    upstreams = yaml.safe_load((ROOT / "starters" / name / "demarc.yaml").read_text())["upstreams"]
    cases = []
    for upstream in (upstream for upstream in upstreams if upstream["tier"] == "cloud"):
        for model in upstream["models"]:
            model = model if isinstance(model, dict) else {"name": model, "serves": upstream["serves"]}
            cases += [({"operation": operation, "model": model["name"]}, {"effect": "deny"}) for operation in model["serves"]]
    done = decide(name, cases, folder)
    assert cases and done.returncode == 0, done.stdout + done.stderr


def test_the_copilots_policy_keeps_payment_data_and_redacts_people(folder):
    done = decide("copilot", [({"operation": "chat", "findings": {"CREDIT_CARD": 1}}, {"effect": "permit", "tier": "local", "sensitivity": "restricted"}),
                              ({"operation": "chat", "model": "claude-haiku-4-5", "findings": {"IBAN_CODE": 1}}, {"effect": "deny"}),
                              ({"operation": "chat", "findings": {"PERSON": 1}}, {"effect": "permit", "tier": "cloud", "requires": ["redact"]}),
                              ({"operation": "chat", "findings": None}, {"effect": "permit", "tier": "local"})], folder)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- one after the other


@pytest.fixture(scope="module")
def triage(folder):
    return run(copy_of("triage", folder), os.environ["DEMARC_E2E_VECTORS"])


def test_triage_sorts_the_mails_and_gives_what_it_is_not_sure_of_to_a_person(triage):
    table = {row["mail"]: row["label"] for row in csv.DictReader((triage.folder / "triage.csv").open())}
    assert table == {"01-double-charge.eml": "billing", "02-where-is-it.eml": "delivery", "03-no-code.eml": "login", "04-burnt-smell.eml": "defect", "05-which-shelf.eml": "advice",
                     "06-wrong-invoice.eml": "billing", "07-poem.eml": "a person"}


@pytest.fixture(scope="module")
def invoices(folder, models):
    copy = copy_of("invoices", folder)
    (copy / "invoices" / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing that anybody could read")
    return run(copy, models)


def test_invoices_become_a_table_whose_sums_are_those_of_the_documents(invoices):
    table = {row["file"]: row for row in csv.DictReader((invoices.folder / "invoices.csv").open())}
    told = {file: (row["number"], row["net"], row["tax"], row["total"], row["check"]) for file, row in table.items()}
    assert told["2026-10-brandt.pdf"] == ("BD-2291", "2120.00", "402.80", "2522.80", "ok")
    assert told["2026-10-northlight.pdf"] == ("NL/0388", "494.50", "98.90", "593.40", "ok")
    assert told["2026-11-scan.png"] == ("SE-1043", "1016.00", "193.04", "1209.04", "ok")
    assert told["2026-11-wrong-sum.pdf"][1:4] == ("", "", "") and told["2026-11-wrong-sum.pdf"][4].startswith("look")


def test_an_invoice_that_cannot_be_read_is_a_row_for_a_person(invoices):
    table = {row["file"]: row for row in csv.DictReader((invoices.folder / "invoices.csv").open())}
    assert len(table) == 5 and table["broken.pdf"]["check"].startswith("look: ") and table["broken.pdf"]["total"] == ""


def test_each_invoice_has_its_own_vendor_and_day(invoices):
    table = {row["file"]: (row["vendor"], row["date"]) for row in csv.DictReader((invoices.folder / "invoices.csv").open())}
    assert table["2026-10-brandt.pdf"] == ("Brandt & Daughters Joinery", "06.10.2026") and table["2026-10-northlight.pdf"] == ("Northlight Cleaning Ltd", "19 October 2026")


@pytest.fixture(scope="module")
def minutes(folder, models):
    return run(copy_of("minutes", folder), models)


def test_minutes_hold_what_was_decided_and_who_does_what_in_the_words_that_were_said(minutes):
    text = (minutes.folder / "minutes.md").read_text()
    parts = dict(re.findall(r"^## (.*?)\n\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    assert "small stand" in parts["Decided"] and "automatically" in parts["Decided"]
    # "Priya" is heard as "Prieta" on some processors
    assert re.search(r"ask Pri\w+ .*find four people", parts["To do"]) and "Good morning" not in parts["Decided"] + parts["To do"] + parts["Open"]
    said = parts["All that was said"]
    for line in re.findall(r"^- \[\d+:\d\d\] (.*)$", text, re.M):
        assert line in said


@pytest.fixture(scope="module")
def editor(folder, models):
    return run(copy_of("editor", folder), models)


def test_vim_fills_in_a_line_that_works(editor):
    source = (editor.folder / "data" / "shop.py").read_text()
    scope = {}
    exec(source, scope)  # noqa: S102: what was filled in must be Python that adds up
    lines = [scope["Line"]("nail", 5, 100), scope["Line"]("hammer", 1250, 1)]
    assert scope["total_cents"](lines) == 1750
    assert "-    return sum(\n+    return sum(" in editor.out


@pytest.fixture(scope="module")
def questions(folder, models):
    copy = copy_of("questions", folder)
    (copy / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing that anybody could read")
    return run(copy, models)


def test_answers_cite_file_page_line_and_sentence(questions):
    answers = dict(re.findall(r"^(\S.*\?)\n((?:  .*\n)+)", questions.out, re.M))
    assert "140" in answers["How much may a hotel cost?"] and "expenses.md, line 3: “Hotels are paid up to 140 euros a night, breakfast included.”" in answers["How much may a hotel cost?"]
    assert re.search(r"safety\.pdf, page 2, line \d+: “The lathe may be used only by people whom Ines Faber", answers["Who may use the lathe?"])
    assert "leave.md, line 4" in answers["How many weeks of leave do parents get?"]
    assert answers["Which enzyme unwinds the double helix?"] == "  Not in these documents.\n"


def test_a_document_that_cannot_be_read_is_named_and_left_out(questions):
    assert "left out: broken.pdf: " in questions.err


@pytest.mark.parametrize("name", HOME_ONLY)
def test_nothing_left_the_house_and_both_costs_are_known(name, request):
    ran = request.getfixturevalue(name)
    assert set(ran.usage("tier")) == {"local"}
    for model, row in ran.usage().items():
        assert float(row["usd"]) > 0 and row["unpriced_attempts"] == 0, (model, row)
        answered = row["attempts"] - (model == "tesseract-eng")  # it refused the broken document, which would have cost nothing elsewhere either
        assert row["alternative"]["attempts"] == answered and float(row["alternative"]["there_usd"]) > 0, (model, row)
    assert "elsewhere" in ran.out and re.search(r"^total .* \d\.\d+ +\d\.\d+$", ran.out, re.M)


@pytest.mark.parametrize("name", HOME_ONLY)
def test_the_gateway_it_started_is_gone(name, request):
    assert request.getfixturevalue(name).demarc("status").returncode != 0


# ---- the copilot, whose cloud is a provider that writes down what it sees

SECRETS = ["Margaret", "Holloway", "212 555 0147", "margaret.holloway@example.org", "4111"]


@pytest.fixture(scope="module")
def copilot_models(tmp_path_factory, models, names_models):  # noqa: F811
    both = tmp_path_factory.mktemp("models")
    for folder, name in ((names_models, "rampart"), (models, "qwen2.5-coder-0.5b-instruct")):
        subprocess.run([BINARY, "--data", both, "models", "pull", name, "--from", pathlib.Path(folder) / "models" / "by-name" / name], check=True, capture_output=True, timeout=120)
    return both


@pytest.fixture(scope="module")
def copilot(folder, copilot_models):
    ca = make_ca(folder)
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    copy = copy_of("copilot", folder)
    config = (copy / "demarc.yaml").read_text()
    (copy / "demarc.yaml").write_text(config.replace('key: "${ANTHROPIC_API_KEY}"', f'key: "${{ANTHROPIC_API_KEY}}", ca_file: {ca[0]}'))
    ran = run(copy, copilot_models, CLOUD_URL=provider.root, ANTHROPIC_API_KEY="sk-of-the-test")
    ran.seen = b"\n".join(received.raw for received in provider.received)
    ran.asked = len(provider.received)
    provider.stop()
    return ran


def test_the_provider_sees_no_name_number_or_address_and_the_draft_has_them(copilot):
    assert copilot.asked == 2 and b"blue sofa" in copilot.seen and b"darker finish" in copilot.seen
    assert [secret for secret in SECRETS if secret.encode() in copilot.seen] == []
    draft = re.search(r"^ticket-201: cloud.*?the draft: +(.*?)\n", copilot.out, re.M | re.S).group(1)
    assert "Margaret Holloway" in draft and "margaret.holloway@example.org" in draft and "555 0147" in draft  # the provider echoes


def test_what_it_shows_as_seen_by_the_provider_is_what_the_provider_saw(copilot):
    shown = re.findall(r"what the provider saw: +(.*)", copilot.out)
    assert len(shown) == 2 and all(text.encode() in copilot.seen for text in shown) and "LEAKED" not in copilot.out


def test_payment_data_is_answered_at_home(copilot):
    assert "ticket-204: local, by rule at-home" in copilot.out and b"Refund" not in copilot.seen


def test_what_the_cloud_took_and_home_would_have_is_told(copilot):
    usage = copilot.usage("tier")
    assert set(usage) == {"local", "cloud"} and float(usage["cloud"]["usd"]) > 0 and float(usage["cloud"]["alternative"]["there_usd"]) > 0


def test_without_a_key_the_copilot_rehearses(folder, copilot_models):
    (folder / "rehearsal").mkdir()
    ran = run(copy_of("copilot", folder / "rehearsal"), copilot_models, ANTHROPIC_API_KEY="", CLOUD_URL="")
    seen = (ran.folder / "data" / "provider.log").read_text()
    assert "blue sofa" in seen and [secret for secret in SECRETS if secret in seen] == []
    assert "Margaret Holloway" in re.search(r"^ticket-201: .*?the draft: +(.*?)\n", ran.out, re.M | re.S).group(1)
