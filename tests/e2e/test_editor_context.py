"""Code completion for editors that send only what stands around the cursor: the gateway adds what other files of the workload's repository say, for its own
engines alone."""

import json
import pathlib
import shutil

import pytest

from conftest import POLICY as CLOUD_POLICY
from conftest import cloud_upstream
from harness import BINARY, Gateway, wait_for
from test_complete import CHAT, usable

HERE = pathlib.Path(__file__).parent
LOCAL = "version: 1\nrules:\n  - {id: home, permit: local}\n  - {id: vault-stays-shut, forbid: local, when: {repository: vault}}\n"
INVOICE = ("class Invoice:\n    def __init__(self, customer, lines):\n        self.customer = customer\n        self.lines = lines\n\n"
           "    def sum_in_pennies_with_vat(self):\n        return sum(line.pennies for line in self.lines)\n")
PREFIX, SUFFIX = "from shop.invoice import Invoice\n\n\ndef report(customer, lines):\n    invoice = Invoice(customer, lines)\n    return invoice.sum", "\n"
FORMS = {
    "/infill": {"input_prefix": PREFIX, "input_suffix": SUFFIX, "prompt": "", "n_predict": 8},
    "/v1/completions": {"prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 8},
    "/v1/fim/completions": {"prompt": PREFIX, "suffix": SUFFIX, "max_tokens": 8},
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code") / "billing"
    (folder / "shop").mkdir(parents=True)
    (folder / "app").mkdir()
    (folder / ".gitignore").write_text("shop/generated.py\n")
    (folder / "shop" / "invoice.py").write_text(INVOICE)
    (folder / "shop" / "generated.py").write_text("class Invoice:\n    generated = True\n")
    (folder / "shop" / "settings.py").write_text("AWS_ACCESS_KEY_ID = 'AKIAZ7Q3M5XW2RT6VBNP'\nclass Invoice: pass\n")
    (folder / "app" / "report.py").write_text(PREFIX + SUFFIX)
    return folder


def workloads(repository):
    vault = repository.parent / "vault"
    vault.mkdir(exist_ok=True)
    return (f"workloads:\n  - {{name: editor, operation: fim, repository: {repository}}}\n  - {{name: shut, operation: fim, repository: {vault}}}\n"
            "limits: {code_ms: 5000}\n")  # the index may be made on a busy machine


@pytest.fixture(scope="module")
def asked(models, repository, tmp_path_factory):
    """A gateway whose engine writes down what it is asked."""
    programs = tmp_path_factory.mktemp("programs")
    shutil.copy(BINARY, programs / "demarc")
    shutil.copy(HERE / "fake_engines.py", programs / "llama-server")
    (programs / "script.json").write_text("{}")
    config = f"upstreams:\n  - {{name: coder, tier: local, engine: llama, model: {CHAT}, serves: [fim]}}\n" + workloads(repository)
    with Gateway(config, policy=LOCAL, models=models, binary=programs / "demarc") as gateway:
        wait_for(lambda: usable(gateway), 60)
        gateway.asked = lambda: [json.loads(line)["body"] for line in (programs / "asked.jsonl").read_text().splitlines()]
        yield gateway


def ask(gateway, form="/infill", workload="editor", path="app/report.py", **more):
    reply = gateway.post(form, {"model": f"workload/{workload}", **FORMS[form], "metadata": {"path": path} if path else {}, **more}, timeout=300)
    return reply


@pytest.mark.parametrize("form", FORMS)
def test_a_request_without_pieces_gets_those_of_the_workloads_repository(asked, form):
    assert ask(asked, form).status == 200
    extra = asked.asked()[-1]["input_extra"]
    assert [piece["filename"] for piece in extra] == ["shop/invoice.py"] and "sum_in_pennies_with_vat" in extra[0]["text"]


def test_nothing_of_files_with_secrets_or_of_what_git_ignores_is_added(asked):
    assert ask(asked).status == 200
    sent = json.dumps(asked.asked()[-1])
    assert "shop/invoice.py" in sent and "AKIAZ7Q3M5XW2RT6VBNP" not in sent and "generated" not in sent


def test_an_absolute_path_is_taken_as_the_one_below_the_folder(asked, repository):
    assert ask(asked, path=str(repository / "app" / "report.py")).status == 200
    assert [piece["filename"] for piece in asked.asked()[-1]["input_extra"]] == ["shop/invoice.py"]


def test_an_editor_that_brings_its_own_pieces_gets_no_others(asked):
    assert ask(asked, input_extra=[{"text": "x = 1\n", "filename": "mine.py"}]).status == 200
    assert [piece["filename"] for piece in asked.asked()[-1]["input_extra"]] == ["mine.py"]


def test_a_request_of_no_workload_gets_none(asked):
    assert asked.post("/infill", FORMS["/infill"]).status == 200
    assert "input_extra" not in asked.asked()[-1]


def test_a_changed_file_is_seen_without_a_restart(asked, repository):
    try:
        (repository / "shop" / "invoice.py").write_text(INVOICE.replace("sum_in_pennies", "sum_in_cents"))
        wait_for(lambda: ask(asked).status == 200 and "sum_in_cents" in json.dumps(asked.asked()[-1]), 30)
    finally:
        (repository / "shop" / "invoice.py").write_text(INVOICE)


def test_the_policy_sees_the_folders_name_as_repository(asked):
    reply = ask(asked, workload="shut")
    assert reply.status == 403 and reply.json["error"]["code"] == "policy_denied", reply.text
    assert ask(asked, metadata={"repository": "vault"}).status == 403  # what the caller says counts


def test_nothing_is_added_to_what_goes_to_the_cloud(provider, ca, repository):
    config = "upstreams:\n" + cloud_upstream(provider, ca[0]).replace("serves: [chat, completion]", "serves: [chat, completion, fim]") + workloads(repository)
    with Gateway(config, policy=CLOUD_POLICY) as gateway:
        before = len(provider.received)
        ask(gateway, "/v1/completions")
        sent = b"".join(received.raw for received in provider.received[before:])
        assert b"invoice.sum" in sent and b"sum_in_pennies_with_vat" not in sent and b"shop/invoice.py" not in sent


def test_an_index_that_cannot_be_made_costs_no_completion(models, asked, repository, tmp_path):
    """Its folder is gone: the completion goes without, and the log says so once."""
    gone = tmp_path / "gone"
    config = asked.config_file.read_text().replace(str(repository), str(gone))
    with Gateway("upstreams:" + config.split("upstreams:")[1], policy=LOCAL, models=models, binary=asked.binary) as gateway:
        wait_for(lambda: usable(gateway), 60)
        for _ in range(3):
            assert ask(gateway).status == 200
        assert gateway.log_text().count("gives no context") <= 1


def test_what_was_added_is_read_once_while_a_line_is_typed(models, repository):
    """Measured on a real engine: a keystroke later most of the prompt, the added pieces with it, comes from its cache."""
    config = f"upstreams:\n  - {{name: coder, tier: local, engine: llama, model: {CHAT}, slots: 1, serves: [fim], context_tokens: 4096}}\n" + workloads(repository)
    with Gateway(config, policy=LOCAL, models=models) as gateway:
        wait_for(lambda: usable(gateway), 150)
        more = {"prompt": PREFIX[:-3], "temperature": 0}
        bare = gateway.post("/v1/completions", {**FORMS["/v1/completions"], **more}, timeout=300).json["usage"]["prompt_tokens"]
        first = ask(gateway, "/v1/completions", **more).json["usage"]
        assert first["prompt_tokens"] > bare + 30  # the pieces are in it
        more["prompt"] = PREFIX
        reply = ask(gateway, "/v1/completions", **more)
        usage = reply.json["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * first["prompt_tokens"], usage
        assert "_in_pennies_with_vat" in reply.json["choices"][0]["text"]
