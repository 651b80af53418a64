"""A llama-server that does what a test says, on the same socket and in the same sandbox: loads at once, answers chats, and dies, hangs or dawdles on
request. `folder_of(tmp_path)` is a folder of programs with it and the real demarc; ENGINE.txt in it says how large it claims to be."""

import os
import pathlib
import shutil

from harness import BINARY

SERVER = '''#!/usr/bin/python3
import json, os, pathlib, signal, socketserver, sys, threading, time
from http.server import BaseHTTPRequestHandler

settings = json.loads((pathlib.Path(__file__).parent / "ENGINE.txt").read_text())
if settings.get("exit"):
    print("I do not start"), sys.exit(settings["exit"])
argument = lambda name: sys.argv[sys.argv.index(name) + 1]
print(f"0.00.000.001 I load_tensors:   CPU_Mapped model buffer size =   {settings['mib']}.00 MiB", flush=True)
time.sleep(settings.get("load_s", 0))
done, generation = 0, os.getpid()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    address_string = lambda self: "unix"
    log_message = lambda self, *rest: None

    def answer(self, body, kind="application/json"):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(f"# x\\nllamacpp:n_decode_total {done}\\n".encode() if self.path == "/metrics" else b"{}")

    def do_POST(self):
        global done
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = body["messages"][-1]["content"] if "messages" in body else ""
        if "poison" in text:
            os.kill(os.getpid(), signal.SIGABRT), time.sleep(60)
        if "hang" in text:
            time.sleep(3600)
        if "slow" in text:
            for _ in range(20):
                time.sleep(0.05)
                done += 1
        done += 1
        self.answer(json.dumps({"id": "x", "object": "chat.completion", "model": argument("--alias"), "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": f"{settings['says']} from {generation}"}}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}).encode())


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


Server(argument("--host"), Handler).serve_forever()
'''


def folder_of(path, **settings):
    folder = pathlib.Path(path) / "programs"
    folder.mkdir()
    shutil.copy(BINARY, folder / "demarc")
    say(folder, **settings)
    (folder / "llama-server").write_text(SERVER)
    (folder / "llama-server").chmod(0o755)
    return folder


def say(folder, **settings):
    """How the next one that is started behaves."""
    import json
    text = json.dumps({"mib": 100, "says": "hello", **settings})
    (folder / "ENGINE.new").write_text(text)
    os.replace(folder / "ENGINE.new", folder / "ENGINE.txt")
