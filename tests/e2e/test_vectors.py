"""Embeddings and reranking on our own engine: what OpenAI's SDK and Cohere's shape promise, the same vectors in whatever company, and the same path as
any request: policy, redaction, record, charge, receipt."""

import base64
import concurrent.futures
import json
import math
import os
import struct
import time

import openai
import pytest

from harness import Gateway, node, wait_for

POLICY = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
CONFIG = """upstreams:
  - {name: vectors-local, tier: local, engine: tensor, model: minilm-l6}
  - {name: vectors-int8, tier: local, engine: tensor, model: minilm-l6-int8}
"""
TEXTS = ["A cat sat on the mat.", "Interest rates rose again in March.", "x", "The central bank raised its rates.", "Wie spät ist es?",
         "A much longer text about many things, " * 20]
BOUND = 1e-5  # docs/reference/embeddings.md


@pytest.fixture(scope="session")
def vector_models():
    folder = os.environ.get("DEMARC_E2E_VECTORS")
    assert folder, "DEMARC_E2E_VECTORS is not set: run ./test, which fetches the models of vectors"
    return folder


@pytest.fixture(scope="module")
def gateway(vector_models):
    with Gateway(CONFIG, policy=POLICY, models=vector_models) as gateway:
        wait_until_loaded(gateway, "minilm-l6", "minilm-l6-int8")
        yield gateway


@pytest.fixture(scope="module")
def client(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key="unused", max_retries=0)


def wait_until_loaded(gateway, *models):
    for model in models:
        wait_for(lambda: gateway.post("/v1/embeddings", {"model": model, "input": "a"}).status == 200, 60)


def embed(gateway, texts, model="minilm-l6", **more):
    reply = gateway.post("/v1/embeddings", {"model": model, "input": texts, **more}, timeout=300)
    assert reply.status == 200, reply.text
    return [entry["embedding"] for entry in reply.json["data"]]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def furthest(a, b):
    return max(abs(x - y) for one, other in zip(a, b) for x, y in zip(one, other))


def test_the_sdk_gets_the_same_numbers_as_floats_and_as_base64(client):
    floats = client.embeddings.create(model="minilm-l6", input=TEXTS[:2], encoding_format="float")
    packed = client.embeddings.create(model="minilm-l6", input=TEXTS[:2])  # the SDK asks for base64 and unpacks it
    assert [len(entry.embedding) for entry in floats.data] == [384, 384] and [entry.index for entry in packed.data] == [0, 1]
    assert furthest([e.embedding for e in floats.data], [e.embedding for e in packed.data]) < 1e-6
    assert floats.usage.prompt_tokens == floats.usage.total_tokens == 9 + 9


def test_nodes_sdk_gets_vectors_of_length_one(gateway):
    vector = node(gateway, "return (await client.embeddings.create({model: 'minilm-l6', input: args[0]})).data[0].embedding", TEXTS[0])
    assert len(vector) == 384 and abs(math.sqrt(sum(x * x for x in vector)) - 1) < 1e-5


def test_base64_is_little_endian_float32(gateway):
    floats = embed(gateway, TEXTS[0])[0]
    packed = embed(gateway, TEXTS[0], encoding_format="base64")[0]
    assert furthest([floats], [struct.unpack("<384f", base64.b64decode(packed))]) < 1e-7


def test_what_is_alike_lies_closer(gateway):
    rates, bank, cat = embed(gateway, [TEXTS[1], TEXTS[3], TEXTS[0]])
    assert cosine(rates, bank) > 0.5 > cosine(rates, cat) + 0.2


def test_fewer_dimensions_are_the_first_ones_brought_to_length_one(gateway):
    whole, short = embed(gateway, TEXTS[1])[0], embed(gateway, TEXTS[1], dimensions=64)[0]
    norm = math.sqrt(sum(x * x for x in whole[:64]))
    assert len(short) == 64 and furthest([short], [[x / norm for x in whole[:64]]]) < 1e-6


def test_token_numbers_give_the_texts_vector(gateway):
    text, tokens = embed(gateway, "the cat")[0], [1996, 4937]
    assert furthest([text], embed(gateway, tokens)) < BOUND
    assert furthest([text, text], embed(gateway, [tokens, [101, *tokens, 102]])) < BOUND


@pytest.mark.parametrize("model", ["minilm-l6", "minilm-l6-int8"])
def test_a_text_has_the_same_vector_in_whatever_company(gateway, model):
    alone = [embed(gateway, text, model)[0] for text in TEXTS]
    together = embed(gateway, TEXTS, model)
    many = embed(gateway, [f"{text} {number}" for number in range(40) for text in TEXTS] + TEXTS, model)[-len(TEXTS):]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        beside = [vectors[0] for vectors in pool.map(lambda number: embed(gateway, TEXTS[number % len(TEXTS)], model), range(48))]
    assert furthest(alone, together) <= BOUND and furthest(alone, many) <= BOUND
    assert furthest([alone[number % len(TEXTS)] for number in range(48)], beside) <= BOUND


def test_eight_bits_stay_close_to_thirty_two(gateway):
    wide, narrow = embed(gateway, TEXTS), embed(gateway, TEXTS, "minilm-l6-int8")
    assert min(cosine(a, b) for a, b in zip(wide, narrow)) > 0.98


def test_the_vectors_are_those_of_the_other_engine_with_the_same_weights(vector_models, gateway):
    config = "upstreams:\n  - {name: llama-vectors, tier: local, engine: llama, model: all-minilm-l6-v2, serves: [embedding]}\n"
    with Gateway(config, policy=POLICY, models=os.environ["DEMARC_E2E_MODELS"]) as other:
        wait_until_loaded(other, "all-minilm-l6-v2")
        theirs = embed(other, TEXTS[:5], "all-minilm-l6-v2")
    assert min(cosine(a, b) for a, b in zip(embed(gateway, TEXTS[:5]), theirs)) > 0.999


@pytest.mark.parametrize("body, param, word", [
    ({"input": ""}, "input", "empty"),
    ({"input": ["a", ""]}, "input[1]", "empty"),
    ({"input": []}, "input", "empty"),
    ({"input": ["a"] * 2049}, "input", "2048"),
    ({"input": "a", "dimensions": 385}, "dimensions", "384"),
    ({"input": "a", "dimensions": 0}, "dimensions", "384"),
    ({"input": "a", "encoding_format": "hex"}, "encoding_format", "base64"),
    ({"input": [[999_999]]}, "input[0]", "vocabulary"),
    ({"input": "a", "truncate": "start"}, "truncate", "chunks"),
    ({"input": [7, "a"]}, "input", "token number"),
])
def test_a_mistake_is_named(gateway, body, param, word):
    reply = gateway.post("/v1/embeddings", {"model": "minilm-l6", **body})
    error = reply.json["error"]
    assert reply.status == 400 and error["type"] == "invalid_request_error" and error["param"] == param and word in error["message"], error


def test_a_text_that_is_too_long_is_an_error_unless_it_is_said_what_to_do(gateway, client):
    long = "interest rates " * 600
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model="minilm-l6", input=["short", long])
    assert refused.value.code == "context_length_exceeded" and refused.value.param == "input[1]" and "1202 tokens" in str(refused.value)
    cut, chunks = embed(gateway, long, truncate="end")[0], embed(gateway, long, truncate="chunks")[0]
    assert furthest([cut], embed(gateway, "interest rates " * 255)) < BOUND
    assert cosine(chunks, cut) > 0.95


def test_receipt_record_and_usage_name_the_operation(gateway):
    reply = gateway.post("/v1/embeddings", {"model": "minilm-l6", "input": "My mail is ann@example.com."})
    receipt = gateway.receipt(reply)
    assert receipt["operation"] == "embedding" and receipt["tier"] == "local" and receipt["findings"] == {"EMAIL_ADDRESS": 1}
    assert receipt["model_digest"].startswith("sha256:") and receipt["usage"]["input_tokens"] == reply.json["usage"]["prompt_tokens"]


def rerank(gateway, query, documents, **more):
    return gateway.post("/v1/rerank", {"model": "minilm-l6", "query": query, "documents": documents, **more})


REFUND = ["Our office is closed on public holidays.", "Money that you paid is given back within five working days of the return.", "We deliver to Norway."]


def test_rerank_puts_the_passage_that_answers_first(gateway):
    reply = rerank(gateway, "How long does a refund take?", REFUND)
    assert reply.status == 200, reply.text
    results = reply.json["results"]
    assert [sorted(result) for result in results] == [["index", "relevance_score"]] * 3 and results[0]["index"] == 1
    assert 1 >= results[0]["relevance_score"] > results[1]["relevance_score"] >= results[2]["relevance_score"] >= 0
    assert reply.json["method"] == "late_interaction" and reply.json["model"] == "minilm-l6"
    assert gateway.receipt(reply)["operation"] == "rerank"


def test_rerank_returns_as_many_as_asked_for_with_their_texts(gateway):
    reply = rerank(gateway, "How long does a refund take?", [{"text": text} for text in REFUND], top_n=1, return_documents=True)
    assert [(result["index"], result["document"]["text"]) for result in reply.json["results"]] == [(1, REFUND[1])]


def test_a_score_does_not_depend_on_the_other_documents(gateway):
    alone = rerank(gateway, "refund", [REFUND[1]]).json["results"][0]["relevance_score"]
    among = {result["index"]: result["relevance_score"] for result in rerank(gateway, "refund", REFUND * 30).json["results"]}
    assert abs(alone - among[1]) < BOUND and abs(alone - among[88]) < BOUND


def test_rerank_reads_a_long_document_to_its_end(gateway):
    long = "The weather was fine that day and nothing else is to be told. " * 100
    scores = {result["index"]: result["relevance_score"] for result in rerank(gateway, "How long does a refund take?", [long, long + REFUND[1]]).json["results"]}
    assert scores[1] > scores[0] + 0.1


@pytest.mark.parametrize("body, param", [
    ({"query": "", "documents": ["a"]}, "query"),
    ({"query": "a", "documents": []}, "documents"),
    ({"query": "a", "documents": ["b", 3]}, "documents[1]"),
    ({"query": "a", "documents": ["b"], "top_n": 0}, "top_n"),
    ({"query": "a", "documents": ["b"] * 1001}, "documents"),
    ({"documents": ["b"]}, "query"),
])
def test_a_mistake_in_rerank_is_named(gateway, body, param):
    reply = gateway.post("/v1/rerank", {"model": "minilm-l6", **body})
    assert reply.status == 400 and reply.json["error"]["param"] == param, reply.text


def test_a_body_of_any_bytes_leaves_the_engine_standing(gateway):
    for body in (b"", b"{", b"[]", b'{"input": ' + b"[" * 500, b'{"model": "minilm-l6", "input": "\xff\xfe"}', b'{"model": "minilm-l6", "input": {"a": 1}}'):
        assert gateway.post("/v1/embeddings", body).status in (400, 422)
    assert json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["engine"]["restarts"] == 0


HOSTILE = {
    "a million empty texts": ("/v1/embeddings", {"input": [""] * 1_000_000}),
    "1,000 texts, each too long": ("/v1/embeddings", {"input": ["word " * 3000] * 1000}),
    "one text of five million words": ("/v1/embeddings", {"input": "a " * (5 << 20)}),
    "numbers of no vocabulary": ("/v1/embeddings", {"input": [[2**31, -1, 2**63 - 1]]}),
    "lists within lists": ("/v1/embeddings", {"input": [[[["a"]]]]}),
    "half of an emoji": ("/v1/embeddings", b'{"model": "minilm-l6", "input": "\\ud83d"}'),
    "names twice": ("/v1/embeddings", b'{"model": "minilm-l6", "input": "a", "input": [[1]], "dimensions": 1e400}'),
    "a million documents": ("/v1/rerank", {"query": "a", "documents": ["b"] * 1_000_000}),
    "a question as long as a book": ("/v1/rerank", {"query": "word " * 100_000, "documents": ["b"]}),
    "labels without end": ("/v1/classifications", {"input": ["a"], "labels": ["x" + str(i) for i in range(100_000)]}),
    "examples of one label and of none": ("/v1/classifications", {"input": ["a"], "examples": [{"text": "a", "label": "x"}, {"text": "", "label": ""}]}),
    "a classifier of nothing but numbers": ("/v1/classifications", {"input": ["a"], "classifier": {"weights": [1e308] * 10_000, "labels": []}}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_answered_with_what_is_wrong(gateway, name):
    path, body = HOSTILE[name]
    began = time.monotonic()
    reply = gateway.post(path, {"model": "minilm-l6", **body} if isinstance(body, dict) else body, timeout=120)
    assert time.monotonic() - began < 60
    assert reply.status in (400, 413, 422) and len(reply.json["error"]["message"]) > 10, reply.text[:500]
    assert json.loads(gateway.cli("status", "--json").stdout)["upstreams"][0]["engine"]["restarts"] == 0
    assert gateway.post("/v1/embeddings", {"model": "minilm-l6", "input": "a"}).status == 200
