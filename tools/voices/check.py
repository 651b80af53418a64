#!/usr/bin/env python3
"""Holds the graph that tools/setup/recipes/campplus.py makes against a second computation of the same network, in NumPy in 64 bits on Kaldi's own log-mel bands.

    check.py campplus_cn_en_common.pt campplus.onnx RECORDING.wav…       needs numpy, onnxruntime, kaldi-native-fbank
    check.py campplus_cn_en_common.pt --golden RECORDING.wav             the second computation's vector of its first window, a number a line

Prints the least cosine between both over all windows of the recordings, and fails below 0.9999. tests/data/speech/austen-0870.voice is such a vector.
"""
import pathlib
import sys
import wave

import kaldi_native_fbank
import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "setup/recipes"))
sys.dont_write_bytecode = True
import campplus  # noqa: E402

WINDOW = campplus.WINDOW


def log_mel(samples):
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = 16_000
    options.mel_opts.num_bins = 80
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(16_000, samples.tolist())
    bank.input_finished()
    frames = np.array([bank.get_frame(i) for i in range(bank.num_frames_ready)], dtype=np.float64)
    return (frames - frames.mean(axis=0)).T


def conv(x, weight, stride, dilation):
    """x: channels x rows x columns, padded to keep its size; weight: out x in x rows x columns."""
    rows, columns = weight.shape[2:]
    x = np.pad(x, ((0, 0), (rows // 2,) * 2, ((columns // 2) * dilation,) * 2))
    height = (x.shape[1] - rows) // stride[0] + 1
    width = (x.shape[2] - (columns - 1) * dilation - 1) // stride[1] + 1
    out = np.zeros((weight.shape[0], height, width))
    for r in range(rows):
        for c in range(columns):
            part = x[:, r : r + (height - 1) * stride[0] + 1 : stride[0], c * dilation : c * dilation + (width - 1) * stride[1] + 1 : stride[1]]
            out += np.einsum("oi,irc->orc", weight[:, :, r, c], part)
    return out


class Net:
    def __init__(self, weights):
        self.w = {k: np.array(t.values, dtype=np.float64).reshape(t.shape) for k, t in weights.items()}

    def conv(self, x, name, stride=(1, 1), dilation=1):
        weight = self.w[name + ".weight"]
        flat = weight.ndim == 3
        out = conv(x[:, None] if flat else x, weight[:, :, None] if flat else weight, stride, dilation)
        out = out[:, 0] if flat else out
        return out + self.w[name + ".bias"][:, None] if name + ".bias" in self.w else out

    def norm(self, x, name):
        shape = (-1,) + (1,) * (x.ndim - 1)
        mean, variance = self.w[name + ".running_mean"].reshape(shape), self.w[name + ".running_var"].reshape(shape)
        x = (x - mean) / np.sqrt(variance + 1e-5)
        return x * self.w[name + ".weight"].reshape(shape) + self.w[name + ".bias"].reshape(shape) if name + ".weight" in self.w else x

    def voice(self, samples):
        relu = lambda x: np.maximum(x, 0)  # noqa: E731
        x = relu(self.norm(self.conv(log_mel(samples)[None], "head.conv1"), "head.bn1"))
        for block in ("layer1.0", "layer1.1", "layer2.0", "layer2.1"):
            name, stride = "head." + block, (2, 1) if block.endswith("0") else (1, 1)
            y = relu(self.norm(self.conv(x, name + ".conv1", stride), name + ".bn1"))
            y = self.norm(self.conv(y, name + ".conv2"), name + ".bn2")
            x = relu(y + (self.norm(self.conv(x, name + ".shortcut.0", stride), name + ".shortcut.1") if stride[0] > 1 else x))
        x = relu(self.norm(self.conv(x, "head.conv2", (2, 1)), "head.bn2"))
        x = x.reshape(-1, x.shape[-1])
        x = relu(self.norm(self.conv(x, "xvector.tdnn.linear", (1, 2)), "xvector.tdnn.nonlinear.batchnorm"))
        for block, (layers, dilation) in enumerate(((12, 1), (24, 2), (16, 2)), 1):
            for layer in range(1, layers + 1):
                name = f"xvector.block{block}.tdnnd{layer}"
                y = relu(self.norm(self.conv(relu(self.norm(x, name + ".nonlinear1.batchnorm")), name + ".linear1"), name + ".nonlinear2.batchnorm"))
                segments = np.concatenate([np.repeat(y[:, i : i + 100].mean(1, keepdims=True), y[:, i : i + 100].shape[1], 1) for i in range(0, y.shape[1], 100)], 1)
                context = relu(self.conv(y.mean(1, keepdims=True) + segments, name + ".cam_layer.linear1"))
                mask = 1 / (1 + np.exp(-self.conv(context, name + ".cam_layer.linear2")))
                x = np.concatenate([x, self.conv(y, name + ".cam_layer.linear_local", dilation=dilation) * mask])
            name = f"xvector.transit{block}"
            x = self.conv(relu(self.norm(x, name + ".nonlinear.batchnorm")), name + ".linear")
        x = relu(self.norm(x, "xvector.out_nonlinear.batchnorm"))
        x = np.concatenate([x.mean(1), x.std(1, ddof=1)])[:, None]
        x = self.norm(self.conv(x, "xvector.dense.linear"), "xvector.dense.nonlinear.batchnorm")[:, 0]
        return x / np.linalg.norm(x)


def windows_of(path):
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2), f"{path}: 16 kHz, mono, 16 bits"
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768
    return [samples[at : at + WINDOW] for at in range(0, len(samples) - WINDOW + 1, WINDOW)]


def main():
    checkpoint, graph, *recordings = sys.argv[1:]
    net = Net(campplus.read_checkpoint(checkpoint))
    if graph == "--golden":
        print("\n".join(f"{number:.8f}" for number in net.voice(windows_of(recordings[0])[0])))
        return
    session = onnxruntime.InferenceSession(graph)
    least, count = 1.0, 0
    for path in recordings:
        for window in windows_of(path):
            got = session.run(None, {"samples": window[None]})[0][0].astype(np.float64)
            least, count = min(least, float(got @ net.voice(window))), count + 1
    print(f"{count} windows, least cosine {least:.6f}")
    sys.exit(0 if count and least >= 0.9999 else 1)


if __name__ == "__main__":
    main()
