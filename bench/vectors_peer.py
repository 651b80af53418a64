"""The peer of bench/vectors.py, run in its own environment: ONNX Runtime and the `tokenizers` library as sentence-transformers' ONNX backend uses them
(sorted by length within a call, batches of 32, padded to the longest, mean, length 1), behind HTTP with a thread a request and one model.

    python vectors_peer.py MODEL_FOLDER THREADS f32|int8      prints its port

int8 is onnxruntime.quantization.quantize_dynamic of the same network: one scale for all that is in a batch."""

import http.server
import json
import pathlib
import sys
import tempfile
import threading

import numpy
import onnxruntime
from tokenizers import BertWordPieceTokenizer

BATCH = 32


class Model:
    def __init__(self, folder, threads, kind):
        path = str(pathlib.Path(folder) / "model.onnx")
        if kind == "int8":
            from onnxruntime.quantization import QuantType, quantize_dynamic
            made = tempfile.NamedTemporaryFile(suffix=".onnx", delete=False).name
            quantize_dynamic(path, made, weight_type=QuantType.QInt8, per_channel=True, extra_options={"DefaultTensorType": 1})
            path = made
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.tokenizer = BertWordPieceTokenizer(str(pathlib.Path(folder) / "vocab.txt"), lowercase=True)
        self.tokenizer.enable_truncation(512)
        self.lock = threading.Lock()

    def embed(self, texts):
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = numpy.zeros((len(ids), 384), numpy.float32)
        for at in range(0, len(order), BATCH):
            batch = order[at:at + BATCH]
            longest = len(ids[batch[-1]])
            tokens, mask = numpy.zeros((len(batch), longest), numpy.int64), numpy.zeros((len(batch), longest), numpy.int64)
            for row, text in enumerate(batch):
                tokens[row, :len(ids[text])], mask[row, :len(ids[text])] = ids[text], 1
            with self.lock:
                vectors = self.session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
            mean = (vectors * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
            out[batch] = mean / numpy.linalg.norm(mean, axis=1, keepdims=True)
        return out


def serve(model):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            data = [{"object": "embedding", "index": i, "embedding": vector.tolist()} for i, vector in enumerate(model.embed(texts))]
            answer = json.dumps({"object": "list", "data": data}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    folder, threads, kind = sys.argv[1:]
    serve(Model(folder, int(threads), kind))
