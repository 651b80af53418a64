"""The engine's GPU path without a GPU: its Vulkan build on Mesa's software driver (lavapipe), alone and under demarc."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness import BINARY, Gateway
from test_local import CHAT, wait_up

SERVER = os.environ.get("DEMARC_VULKAN_SERVER")
# A software driver counts as no GPU unless it is asked for.
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GGML_VK_VISIBLE_DEVICES": "0", "VK_DRIVER_FILES": "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"}


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """demarc beside the Vulkan build of the engine: it starts what stands beside it."""
    assert SERVER, "DEMARC_VULKAN_SERVER is not set: ./test --all builds it"
    folder = tmp_path_factory.mktemp("programs")
    for program in ("demarc", "demarc-check", "demarc-speech", "demarc-tensor"):
        shutil.copy(pathlib.Path(BINARY).parent / program, folder)
    (folder / "llama-server").symlink_to(SERVER)
    (folder / "llama-server.backend").write_text("vulkan: DEMARC_BACKEND=vulkan asked for it\n")
    return folder


def test_the_engine_lists_the_device():
    listed = subprocess.run([SERVER, "--list-devices"], env=ENV, capture_output=True, text=True, timeout=120).stdout
    assert re.search(r"Vulkan0: llvmpipe .*MiB free\)", listed), listed


@pytest.mark.parametrize("layers", [25, 10])
def test_layers_are_split_over_device_and_memory(models, layers, tmp_path):
    model = next(pathlib.Path(models, "models/by-name", CHAT).glob("*.gguf")).resolve()
    command = [SERVER, "-m", model, "-ngl", str(layers), "-c", "256", "--host", tmp_path / "s.sock", "--no-ui", "--offline", "--log-verbosity", "4"]
    with subprocess.Popen(command, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as engine:
        said = next((line for line in engine.stdout if "layers to GPU" in line and "offloaded" in line), "it never said")
        engine.kill()
    assert f"offloaded {layers}/25 layers to GPU" in said


def test_demarc_names_the_device_and_serves_from_it(models, programs):
    config = f"upstreams:\n  - {{name: chat-local, tier: local, engine: llama, model: {CHAT}, serves: [chat], context_tokens: 512, slots: 1}}\n"
    policy = "version: 1\nrules:\n  - {id: local-is-ours, permit: local}\n"
    with Gateway(config, policy=policy, models=models, env=ENV, binary=programs / "demarc") as gateway:
        wait_up(gateway, 1, timeout_s=600)
        reply = gateway.post("/v1/chat/completions", {"model": "auto", "temperature": 0, "max_tokens": 8,
                                                      "messages": [{"role": "user", "content": "What is the capital of France? One word."}]}, timeout=600)
        assert reply.status == 200 and "Paris" in reply.json["choices"][0]["message"]["content"]
        told = subprocess.run([programs / "demarc", "doctor", "--config", gateway.config_file], env=gateway.env, capture_output=True, text=True, timeout=120).stdout
        assert "built for GPUs (vulkan)" in told and "llvmpipe" in told
