#!/usr/bin/env python3
"""Engines whose every answer is scripted. Linked as demarc-speech and as llama-server beside a copy of demarc, it serves the Unix socket that demarc names
and reads FOLDER/script.json at each request:

    {"heard": {…}}                what the speech engine answers, verbose_json
    {"answers": ["…", …]}         what the language model answers, the n-th to the n-th question; the last from then on; null: an error 500
    {"delay_s": 0.5}              before each of them

A fill-in-the-middle (/infill) is answered with "filled in". Each question goes to FOLDER/asked.jsonl as {"beside": how many were under way with it, "body": {…}}.
"""

import json
import pathlib
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

FOLDER = pathlib.Path(sys.argv[0]).parent
LOCK, COUNT = threading.Lock(), {"asked": 0, "under_way": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, heard):
        """A segment an event, as the speech engine sends them."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        texts = [s["text"] if i else s["text"].strip() for i, s in enumerate(heard["segments"])]
        for text in texts:
            self.event({"type": "transcript.text.delta", "delta": text, "language": heard["language"]})
        self.event({"type": "transcript.text.done", "text": "".join(texts), "usage": {"type": "duration", "seconds": heard["duration"]}})

    def event(self, value):
        self.wfile.write(f"data: {json.dumps(value)}\n\n".encode())

    def do_GET(self):
        self.answer(200, {"state": "ready", "status": "ok", "progress": 1, "in_flight": 0, "done": 0})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        script = json.loads((FOLDER / "script.json").read_text())
        if "transcriptions" in self.path:
            return self.stream(script["heard"]) if b'name="stream"' in body else self.answer(200, script["heard"])
        if self.path == "/infill":
            with LOCK, open(FOLDER / "asked.jsonl", "a") as log:
                log.write(json.dumps({"beside": 0, "body": json.loads(body)}) + "\n")
            return self.answer(200, {"content": "filled in", "stop": True, "stop_type": "eos", "tokens_predicted": 2, "tokens_evaluated": 5, "timings/cache_n": 0})
        if "chat/completions" not in self.path:
            return self.answer(404, {"error": {"message": "not here", "type": "invalid_request_error"}})
        with LOCK:
            number = COUNT["asked"]
            COUNT["asked"] += 1
            COUNT["under_way"] += 1
            with open(FOLDER / "asked.jsonl", "a") as log:
                log.write(json.dumps({"beside": COUNT["under_way"], "body": json.loads(body)}) + "\n")
        time.sleep(script.get("delay_s", 0))
        with LOCK:
            COUNT["under_way"] -= 1
        text = script["answers"][min(number - script.get("from", 0), len(script["answers"]) - 1)]
        if text is None:
            return self.answer(500, {"error": {"message": "scripted", "type": "server_error"}})
        self.answer(200, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def socket_path():
    for argument in sys.argv[1:]:
        if argument.endswith(".sock"):
            return argument
    return json.loads(pathlib.Path(sys.argv[1]).read_text())["socket"]


if __name__ == "__main__":
    Server(socket_path(), Handler).serve_forever()
