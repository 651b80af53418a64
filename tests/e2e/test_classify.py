"""Classification of texts: by what labels mean, by a few examples, and by a trained classifier that is calibrated and keeps silent; over HTTP and from the
command line. The texts are our own."""

import csv
import json
import random

import pytest

from harness import Gateway
from test_vectors import POLICY, vector_models, wait_until_loaded  # noqa: F401

LABELS = [{"name": "billing", "description": "a charge, an invoice, money back"}, {"name": "delivery", "description": "where a parcel is"},
          {"name": "login", "description": "a password, an account that cannot be opened"}]
WORDS = {"billing": (["invoice", "charge on my card", "refund", "receipt", "payment"], ["is wrong", "was taken twice", "has not come", "cannot be found", "is too high"]),
         "delivery": (["parcel", "package", "shipment", "order from Monday", "courier"], ["is late", "was left at the neighbour", "has been lost", "went to an old address", "is stuck in customs"]),
         "login": (["password", "account", "login code", "two-factor app", "username"], ["does not work", "is locked", "was forgotten", "has to be reset", "is rejected"])}
CONFIG = "upstreams:\n  - {name: vectors-local, tier: local, engine: tensor, model: minilm-l6}\n"


def texts_of(label, count, seed):
    rng = random.Random(f"{label} {seed}")
    things, ills = WORDS[label]
    return [rng.choice(["", "Hello, ", "Please help: ", "Again: ", "Dear team, "]) + f"{rng.choice(['my', 'the', 'our', 'this'])} {rng.choice(things)} {rng.choice(ills)}"
            + rng.choice([".", "!", ", what can I do?", " since yesterday."]) for _ in range(count)]


def write_csv(path, rows, head=("text", "label")):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def gateway(vector_models):  # noqa: F811
    with Gateway(CONFIG, policy=POLICY, models=vector_models) as gateway:
        wait_until_loaded(gateway, "minilm-l6")
        yield gateway


@pytest.fixture(scope="module")
def trained(gateway):
    rows = [(text, label) for label in WORDS for text in texts_of(label, 60, 1)]
    data = write_csv(gateway.folder / "tickets.csv", rows)
    done = gateway.cli("classify", "train", data, "--precision", "0.9", "--report", gateway.folder / "report.html", "-m", "minilm-l6", "--json")
    return json.loads(done.stdout)


def classify(gateway, texts, **more):
    reply = gateway.post("/v1/classifications", {"model": "minilm-l6", "input": texts, **more})
    assert reply.status == 200, reply.text
    return reply.json


def test_labels_with_descriptions_need_no_examples(gateway):
    answer = classify(gateway, ["You took the money twice!", "My parcel never came.", "I forgot my password."], labels=LABELS)
    assert [result["label"]["label"] for result in answer["results"]] == ["billing", "delivery", "login"]
    assert answer["method"] == "zero_shot" and answer["calibration"] == "none" and answer["id"].startswith("req_")
    for result in answer["results"]:
        assert set(result["label"]["scores"]) == set(WORDS) and abs(sum(result["label"]["scores"].values()) - 1) < 1e-3


def test_a_few_examples_are_enough_and_calibrate_themselves(gateway):
    examples = [{"text": text, "label": label} for label in WORDS for text in texts_of(label, 4, 2)]
    fresh = [(text, label) for label in WORDS for text in texts_of(label, 20, 3)]
    answer = classify(gateway, [text for text, _ in fresh], examples=examples)
    right = sum(result["label"]["label"] == label for result, (_, label) in zip(answer["results"], fresh))
    assert answer["method"] == "examples" and answer["calibration"] == "leave_one_out" and right >= 55, right


def test_below_the_threshold_it_abstains(gateway):
    result = classify(gateway, "The weather is nice today.", labels=LABELS, threshold=0.99)["results"][0]["label"]
    assert result["label"] is None and result["abstained"] is True and 0 < result["confidence"] < 0.99


def test_receipt_and_usage_name_the_operation(gateway):
    reply = gateway.post("/v1/classifications", {"model": "minilm-l6", "input": "ann@example.com cannot log in", "labels": LABELS})
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "classification" and receipt["findings"] == {"EMAIL_ADDRESS": 1} and receipt["usage"]["input_tokens"] > 0


def test_a_trained_classifier_tells_how_well_it_does(gateway, trained):
    assert trained["accuracy"] > 0.9 and trained["rows"] == 180 and trained["coverage"] > 0.5 and trained["precision"] >= 0.9
    assert sum(map(sum, trained["confusion"])) == 180
    page = (gateway.folder / "report.html").read_text()
    assert page.count("<svg") == 2 and "http" not in page and "<script" not in page and "parcel" not in page
    made = json.loads((gateway.folder / "tickets.classifier.json").read_text())["made_of"]
    assert made["model"] == "minilm-l6" and made["model_digest"].startswith("sha256:") and len(made["data_sha256"]) == 64


def test_the_command_line_classifies_with_the_file(gateway, trained):
    fresh = [(text, label) for label in WORDS for text in texts_of(label, 10, 4)]
    (gateway.folder / "mail.txt").write_text("\n".join(text for text, _ in fresh) + "\n")
    done = gateway.cli("classify", "--classifier", gateway.folder / "tickets.classifier.json", "--lines", gateway.folder / "mail.txt", "-m", "minilm-l6")
    said = [line.split("\t")[1] for line in done.stdout.splitlines()]
    answered = [(one, label) for one, (_, label) in zip(said, fresh) if one != "-"]
    assert len(said) == 30 and len(answered) > 20 and sum(one == label for one, label in answered) >= 0.9 * len(answered)


def test_a_workload_brings_its_classifier(gateway, trained, vector_models):  # noqa: F811
    workload = f"workloads:\n  - {{name: triage, operation: classification, classifier: {gateway.folder / 'tickets.classifier.json'}}}\n"
    with Gateway(CONFIG + workload, policy=POLICY, models=vector_models) as other:
        wait_until_loaded(other, "minilm-l6")
        reply = other.post("/v1/classifications", {"model": "workload/triage", "input": "My package has been lost!"})
        assert reply.status == 200, reply.text
        assert reply.json["results"][0]["label"]["label"] == "delivery" and reply.json["calibration"] == "cross_validated"
        receipt = other.receipt(reply)
        assert receipt["workload"] == "triage" and receipt["operation"] == "classification"
        usage = json.loads(other.cli("usage", "--by", "workload", "--json").stdout)
        assert "triage" in json.dumps(usage)


def test_several_labels_of_one_text(gateway):
    rows = []
    for a, b in (("billing", "delivery"), ("login", "billing"), ("delivery", "login")):
        rows += [(f"{x} {y}", f"{a}|{b}") for x, y in zip(texts_of(a, 40, 5), texts_of(b, 40, 6))]
        rows += [(x, a) for x in texts_of(a, 40, 7)]
    data = write_csv(gateway.folder / "several.csv", rows)
    report = json.loads(gateway.cli("classify", "train", data, "--several", "|", "-m", "minilm-l6", "--json").stdout)
    assert report["macro_f1"] > 0.85
    classifier = json.loads((gateway.folder / "several.classifier.json").read_text())
    result = classify(gateway, texts_of("billing", 1, 8)[0] + " " + texts_of("login", 1, 8)[0], classifier=classifier)["results"][0]["label"]
    assert sorted(result["labels"]) == ["billing", "login"]


def test_embed_prints_a_vector_a_line(gateway):
    (gateway.folder / "two.txt").write_text("one text\nanother\n")
    lines = [json.loads(line) for line in gateway.cli("embed", "--lines", "-m", "minilm-l6", gateway.folder / "two.txt").stdout.splitlines()]
    assert [(line["index"], len(line["embedding"])) for line in lines] == [(0, 384), (1, 384)]


@pytest.mark.parametrize("body, param", [
    ({"input": "a"}, "labels"),
    ({"input": "a", "labels": ["only"]}, "labels"),
    ({"input": "a", "labels": ["x", "x"]}, "labels[1]"),
    ({"input": ["a", ""], "labels": ["x", "y"]}, "input[1]"),
    ({"input": "a", "labels": ["x", "y"], "examples": [{"text": "b", "label": "z"}]}, "examples[0]"),
    ({"input": "a", "labels": ["x", "y"], "threshold": 2}, "threshold"),
    ({"input": "a", "classifier": {"demarc_classifier": 1}}, "classifier"),
])
def test_a_mistake_is_named(gateway, body, param):
    reply = gateway.post("/v1/classifications", {"model": "minilm-l6", **body})
    assert reply.status == 400 and reply.json["error"]["param"] == param, reply.text


def test_a_classifier_of_another_model_is_refused(gateway, trained):
    classifier = json.loads((gateway.folder / "tickets.classifier.json").read_text())
    classifier["made_of"]["model_digest"] = "sha256:" + "0" * 64
    reply = gateway.post("/v1/classifications", {"model": "minilm-l6", "input": "a", "classifier": classifier})
    assert reply.status == 400 and "another model" in reply.json["error"]["message"]


@pytest.mark.parametrize("rows, word", [
    ([("a", "x")] * 9 + [("b", "y")], "y (1)"),
    ([("a", "x")] * 9, "only one label"),
    ([("a", "x"), ("", "y")], "row 2"),
])
def test_data_that_cannot_be_trained_on_is_named(gateway, rows, word):
    data = write_csv(gateway.folder / "bad.csv", rows)
    done = gateway.cli("classify", "train", data, "-m", "minilm-l6", check=False)
    assert done.returncode == 1 and word in done.stderr
