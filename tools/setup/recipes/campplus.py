#!/usr/bin/env python3
"""Makes an ONNX graph of the voice encoder CAM++ from its authors' checkpoint, with nothing but Python's standard library.

    campplus.py campplus_cn_en_common.pt campplus.onnx

In: a checkpoint of PyTorch, which is a pickle in a zip. It is not loaded but read: the pickle may name tensors and dictionaries, all else ends the work
before it is looked up. Out: `samples` (any number of windows of 25,600 samples at 16 kHz, -1 to 1) to `voice` (192 numbers of length 1 for each).

The network: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking", 2023 (arXiv 2303.00332), sizes as in
3D-Speaker's configuration. In front of it stand Kaldi's 80 log-mel bands (25 ms every 10 ms, pre-emphasis 0.97, Povey's window, mean of the window taken off):
what is linear in them is one matrix over the samples of a frame. A window is shorter than the 100 steps over which the masks average by segment, so that this
average is that of the window. Weights are kept in 16 bits and used in 32. The file is the same on every machine; its digest stands at the end.
"""
import array
import hashlib
import math
import pickle
import struct
import sys
import zipfile

WINDOW, RATE, FRAME, HOP, FFT, BANDS = 25_600, 16_000, 400, 160, 512, 80
FRAMES = (WINDOW - FRAME) // HOP + 1
STEPS = (FRAMES - 1) // 2 + 1  # behind the first layer, which halves them
BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers, dilation
FLOAT, INT64, FLOAT16 = 1, 7, 10
DIGEST = "f6ef1a4d9577f70014b9c659356e1ee75fd1a71eb06e2756c8a717f9c12dcb7d"


# ---- what is read

class Storage:
    """Stands for torch's classes of storage: only the name is needed."""


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        expected = []
        for size in reversed(shape):
            expected.insert(0, 1 if not expected else expected[0] * before)
            before = size
        if offset != 0 or (math.prod(shape) > 1 and any(s != e for s, e, n in zip(strides, expected, shape) if n > 1)):
            raise ValueError("a tensor that is a part of another")
        self.shape, self.values = shape, storage[: math.prod(shape)]


class Checkpoint(pickle.Unpickler):
    def __init__(self, archive, file, root):
        super().__init__(file)
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: Tensor(storage, offset, shape, strides)
        if module == "torch" and name in ("FloatStorage", "LongStorage"):
            return type(name, (Storage,), {})
        raise pickle.UnpicklingError(f"the checkpoint names {module}.{name}")

    def persistent_load(self, pid):
        kind, storage, key, _, count = pid
        if kind != "storage" or not key.isdigit():
            raise pickle.UnpicklingError("the checkpoint names something that is no storage")
        values = array.array("f" if storage.__name__ == "FloatStorage" else "q", self.archive.read(f"{self.root}/data/{key}"))
        if len(values) != count:
            raise pickle.UnpicklingError("a storage is not as long as it says")
        return values


def read_checkpoint(path):
    with zipfile.ZipFile(path) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
        with archive.open(name) as file:
            return Checkpoint(archive, file, name.split("/")[0]).load()


# ---- what is written: the few messages of onnx.proto3 that a graph needs

def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, float):
        return field(1, name) + field(2, value) + field(20, 1)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def value_info(name, shape):
    dims = b"".join(field(1, field(2, d) if isinstance(d, str) else field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dims)))


class Graph:
    def __init__(self, weights):
        self.weights, self.nodes, self.tensors, self.count = weights, [], [], 0

    def node(self, op, inputs, outputs=1, **attributes):
        names = [f"v{self.count + i}" for i in range(outputs)]
        self.count += outputs
        parts = [field(1, i) for i in inputs] + [field(2, o) for o in names] + [field(4, op)]
        self.nodes.append(b"".join(parts + [field(5, attribute(k, v)) for k, v in attributes.items()]))
        return names[0] if outputs == 1 else names

    def tensor(self, shape, values, kind=FLOAT):
        name = f"w{len(self.tensors)}"
        data = struct.pack(f"<{len(values)}{'feq'[(FLOAT, FLOAT16, INT64).index(kind)]}", *values)
        self.tensors.append(b"".join(field(1, d) for d in shape) + field(2, kind) + field(8, name) + field(9, data))
        return name

    def weight(self, name):  # in 16 bits where there is enough of it to matter
        tensor = self.weights.pop(name)
        if len(tensor.values) < 4096:
            return self.tensor(tensor.shape, tensor.values)
        return self.node("Cast", [self.tensor(tensor.shape, tensor.values, FLOAT16)], to=FLOAT)

    def conv(self, x, name, **attributes):
        inputs = [x, self.weight(name + ".weight")]
        if name + ".bias" in self.weights:
            inputs.append(self.weight(name + ".bias"))
        return self.node("Conv", inputs, **attributes)

    def norm(self, x, name):
        mean, variance = self.weights.pop(name + ".running_mean"), self.weights.pop(name + ".running_var")
        self.weights.pop(name + ".num_batches_tracked")
        size = len(mean.values)
        ones, zeros = Tensor([1.0] * size, 0, (size,), (1,)), Tensor([0.0] * size, 0, (size,), (1,))
        four = (self.weights.pop(name + ".weight", ones), self.weights.pop(name + ".bias", zeros), mean, variance)
        return self.node("BatchNormalization", [x] + [self.tensor((size,), t.values) for t in four], epsilon=1e-5)

    def relu(self, x):
        return self.node("Relu", [x])

    def bytes(self):
        graph = b"".join(field(1, n) for n in self.nodes) + field(2, "campplus") + b"".join(field(5, t) for t in self.tensors)
        graph += field(11, value_info("samples", ("windows", WINDOW))) + field(12, value_info("voice", ("windows", 192)))
        return field(1, 8) + field(2, "demarc") + field(7, graph) + field(8, field(1, "") + field(2, 17))


# ---- the network

def frame_matrix():
    """Rows: the real, then the imaginary parts of the bins 0 to 255 of a frame that is prepared as Kaldi does. All in it is linear."""
    povey = [(0.5 - 0.5 * math.cos(2 * math.pi * i / (FRAME - 1))) ** 0.85 for i in range(FRAME)]
    rows = []
    for part in (math.cos, math.sin):
        for bin_ in range(FFT // 2):
            row = [povey[i] * part(-2 * math.pi * (bin_ * i % FFT) / FFT) for i in range(FRAME)]
            row = [row[i] - (0.97 * row[i + 1] if i + 1 < FRAME else 0) - (0.97 * row[0] if i == 0 else 0) for i in range(FRAME)]  # pre-emphasis
            mean = sum(row) / FRAME  # the frame's mean is taken off first
            rows.extend(v - mean for v in row)
    return rows


def mel_matrix():
    def mel(hz):
        return 1127.0 * math.log(1 + hz / 700.0)

    low, high = mel(20), mel(RATE / 2)
    step = (high - low) / (BANDS + 1)
    out = []
    for band in range(BANDS):
        left = low + band * step
        for bin_ in range(FFT // 2):
            at = mel(bin_ * RATE / FFT)
            out.append(max(0.0, min((at - left) / step, (left + 2 * step - at) / step)))
    return out


def log_mel(g, samples):
    x = g.node("Unsqueeze", [samples, g.tensor((1,), [1], INT64)])
    x = g.node("Conv", [x, g.tensor((FFT, 1, FRAME), frame_matrix())], strides=[HOP])
    real, imaginary = g.node("Split", [x], outputs=2, axis=1)
    x = g.node("Add", [g.node("Mul", [real, real]), g.node("Mul", [imaginary, imaginary])])
    x = g.node("Conv", [x, g.tensor((BANDS, FFT // 2, 1), mel_matrix())])
    x = g.node("Log", [g.node("Max", [x, g.tensor((), [2.0**-23])])])
    return g.node("Sub", [x, g.node("ReduceMean", [x], axes=[2], keepdims=1)])


def residual(g, x, name, stride):
    y = g.relu(g.norm(g.conv(x, name + ".conv1", strides=[stride, 1], pads=[1] * 4), name + ".bn1"))
    y = g.norm(g.conv(y, name + ".conv2", pads=[1] * 4), name + ".bn2")
    if stride > 1:
        x = g.norm(g.conv(x, name + ".shortcut.0", strides=[stride, 1]), name + ".shortcut.1")
    return g.relu(g.node("Add", [y, x]))


def masked_layer(g, x, name, dilation):
    y = g.conv(g.relu(g.norm(x, name + ".nonlinear1.batchnorm")), name + ".linear1")
    y = g.relu(g.norm(y, name + ".nonlinear2.batchnorm"))
    mean = g.node("ReduceMean", [y], axes=[2], keepdims=1)
    context = g.relu(g.conv(g.node("Add", [mean, mean]), name + ".cam_layer.linear1"))  # of the whole, and of the segment that is the whole
    mask = g.node("Sigmoid", [g.conv(context, name + ".cam_layer.linear2")])
    return g.node("Mul", [g.conv(y, name + ".cam_layer.linear_local", pads=[dilation] * 2, dilations=[dilation]), mask])


def network(g):
    x = g.node("Unsqueeze", [log_mel(g, "samples"), g.tensor((1,), [1], INT64)])
    x = g.relu(g.norm(g.conv(x, "head.conv1", pads=[1] * 4), "head.bn1"))
    for layer in ("head.layer1", "head.layer2"):
        x = residual(g, residual(g, x, layer + ".0", 2), layer + ".1", 1)
    x = g.relu(g.norm(g.conv(x, "head.conv2", strides=[2, 1], pads=[1] * 4), "head.bn2"))
    x = g.node("Reshape", [x, g.tensor((3,), [0, 32 * BANDS // 8, FRAMES], INT64)])
    x = g.relu(g.norm(g.conv(x, "xvector.tdnn.linear", strides=[2], pads=[2, 2]), "xvector.tdnn.nonlinear.batchnorm"))
    for index, (layers, dilation) in enumerate(BLOCKS, 1):
        for layer in range(1, layers + 1):
            x = g.node("Concat", [x, masked_layer(g, x, f"xvector.block{index}.tdnnd{layer}", dilation)], axis=1)
        name = f"xvector.transit{index}"
        x = g.conv(g.relu(g.norm(x, name + ".nonlinear.batchnorm")), name + ".linear")
    x = g.relu(g.norm(x, "xvector.out_nonlinear.batchnorm"))
    mean = g.node("ReduceMean", [x], axes=[2], keepdims=1)
    rest = g.node("Sub", [x, mean])
    variance = g.node("ReduceMean", [g.node("Mul", [rest, rest])], axes=[2], keepdims=1)
    deviation = g.node("Sqrt", [g.node("Mul", [variance, g.tensor((), [STEPS / (STEPS - 1)])])])
    x = g.conv(g.node("Concat", [mean, deviation], axis=1), "xvector.dense.linear")
    x = g.norm(x, "xvector.dense.nonlinear.batchnorm")
    x = g.node("Reshape", [x, g.tensor((2,), [0, 192], INT64)])
    return g.node("LpNormalization", [x], axis=1, p=2)


def main():
    weights = read_checkpoint(sys.argv[1])
    g = Graph(weights)
    last = network(g)
    if weights:
        sys.exit("weights that no layer uses: " + ", ".join(weights))
    g.nodes[-1] = g.nodes[-1].replace(field(2, last), field(2, "voice"))
    out = g.bytes()
    digest = hashlib.sha256(out).hexdigest()
    if digest != DIGEST:
        sys.exit(f"the graph has SHA-256 {digest}, not {DIGEST}")
    with open(sys.argv[2], "wb") as file:
        file.write(out)


if __name__ == "__main__":
    main()
