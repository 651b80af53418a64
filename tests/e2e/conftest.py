import os

import pytest

from harness import Gateway, make_ca
from provider import Provider

CLOUD_MODELS = [
    "echo", "letters", "echo-tool", "echo-tools", "json", "reset", "reset-mid-stream", "error-in-stream", "error-first", "stall", "garbage", "garbage-json",
    "huge-headers", "half-utf8", "no-usage", "slow", "long", "status-400", "status-401", "status-429", "status-500", "status-503", "gpt-5-mini",
]

POLICY = """
version: 1
labels:
  - {id: secrets, sensitivity: restricted, when: {findings: [SECRET]}}
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: open-data, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: redacted, permit: cloud, require: [redact], when: {sensitivity: confidential}}
invariants:
  - {id: restricted-home, never: cloud, when: {sensitivity: restricted}}
"""

UPSTREAM_KEY = "sk-upstream-0123456789abcdefghij"


def cloud_upstream(provider, ca, name="frontier", models=CLOUD_MODELS, dialect="openai"):
    base = provider.base_url if dialect == "openai" else provider.root
    return (f'  - {{name: {name}, tier: cloud, dialect: {dialect}, base_url: "{base}", key: {UPSTREAM_KEY}, region: us, no_store: true, '
            f'ca_file: {ca}, models: [{", ".join(models)}], serves: [chat, completion], context_tokens: 100000}}\n')


@pytest.fixture(scope="session")
def ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def provider(ca):
    provider = Provider(tls=(str(ca[1]), str(ca[2])))
    yield provider
    provider.stop()


@pytest.fixture(scope="session")
def gateway(provider, ca):
    """A gateway with one cloud upstream behind TLS and no local tier."""
    config = "upstreams:\n" + cloud_upstream(provider, ca[0])
    config += "  - {name: claude, tier: cloud, dialect: anthropic, base_url: \"" + provider.root + f"\", key: {UPSTREAM_KEY}, ca_file: {ca[0]}, models: [claude-echo], serves: [chat], context_tokens: 100000}}\n"
    config += ("aliases: {broken-then-good: [frontier/reset, frontier/echo], limited-then-good: [frontier/status-429, frontier/echo], "
               "late: [frontier/reset-mid-stream, frontier/echo], early: [frontier/error-first, frontier/echo]}\n"
               "unexamined: {image: restricted, audio: restricted, file: restricted}\n")
    with Gateway(config, policy=POLICY) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def models():
    folder = os.environ.get("DEMARC_E2E_MODELS")
    assert folder, "DEMARC_E2E_MODELS is not set: run ./test, which fetches the starter models"
    return folder
