"""Stands in for the provider while you have no key: prints each request as it came, and answers with what it found to be a name or an address."""
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        print(body, flush=True)
        said = json.loads(body)["messages"][-1]["content"]
        said = said if isinstance(said, str) else " ".join(block.get("text", "") for block in said)
        placeholders = dict.fromkeys(re.findall(r"\b[A-Z]+X[0-9A-Z]{9}\b", said)) or {"customer": None}
        text = f"Dear {' '.join(placeholders)}, thank you for writing. We look into it today and come back to you."
        answer = json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                             "stop_sequence": None, "usage": {"input_tokens": len(body) // 4, "output_tokens": len(text) // 4}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1].rsplit(":", 1)[1])), Provider).serve_forever()
