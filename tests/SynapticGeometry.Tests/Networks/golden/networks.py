"""Writes networks.json.gz beside itself, with PyTorch and torchvision (python3 networks.py).

For each architecture: the names and shapes of its parameters and buffers and, with the values below, its outputs
for one batch. The reference is torchvision's own definition or, for CORnet and SimSiam, one written here from the published
description in plain torch.nn. Parameters are set by name in sorted order: value i of tensor k comes from noise(k, i), which C# computes
as well, so that no weights need to be stored.
"""
import gzip
import json
import os

import numpy as np
import torch
import torchvision
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 10
INPUT = 1000003  # the tensor number of the images
GAINS = {"efficientnet": 1.05, "resnet": 0.75}  # so that the image still matters to the outputs of a deep network, and they stay small


def noise(k, count):
    """count numbers in [0, 1) that depend on k: an integer hash, the same in any language."""
    x = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(k) * np.uint64(40503) + np.uint64(12345)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        x ^= x >> np.uint64(shift)
        x = (x * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return x.astype(np.float64) / 2.0**32


def values(name, shape, k, gain):
    u = noise(k, int(np.prod(shape)))
    if name.endswith("running_var"):
        v = 0.5 + u
    elif name.endswith("running_mean"):
        v = 0.2 * u - 0.1
    elif len(shape) >= 2:
        v = gain * np.sqrt(6.0 / np.prod(shape[1:])) * (2 * u - 1)
    elif name.endswith("weight"):
        v = 0.8 + 0.4 * u
    else:
        v = 0.2 * u - 0.1
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


def images(shape):
    u = noise(INPUT, int(np.prod(shape)))
    return torch.from_numpy((2 * u - 1).astype(np.float32).reshape(shape))


def set_values(model, gain):
    state = model.state_dict()
    names = sorted(n for n in state if not n.endswith("num_batches_tracked"))
    with torch.no_grad():
        for k, name in enumerate(names):
            state[name].copy_(values(name, tuple(state[name].shape), k, gain))


class Area(nn.Module):
    """An area of CORnet-S."""

    def __init__(self, a, b, times):
        super().__init__()
        self.times = times
        c = 4 * b
        self.conv_input = nn.Conv2d(a, b, 1, bias=False)
        self.skip = nn.Conv2d(b, b, 1, stride=2, bias=False)
        self.norm_skip = nn.BatchNorm2d(b)
        self.conv1 = nn.Conv2d(b, c, 1, bias=False)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.conv3 = nn.Conv2d(c, b, 1, bias=False)
        for t in range(times):
            self.add_module("norm1_%d" % t, nn.BatchNorm2d(c))
            self.add_module("norm2_%d" % t, nn.BatchNorm2d(c))
            self.add_module("norm3_%d" % t, nn.BatchNorm2d(b))

    def forward(self, x):
        x = self.conv_input(x)
        for t in range(self.times):
            norm = lambda i, y: getattr(self, "norm%d_%d" % (i, t))(y)
            past = self.norm_skip(self.skip(x)) if t == 0 else x
            y = torch.relu(norm(1, self.conv1(x)))
            y = nn.functional.conv2d(y, self.conv2.weight, stride=2 if t == 0 else 1, padding=1)
            y = norm(3, self.conv3(torch.relu(norm(2, y))))
            x = torch.relu(y + past)
        return x


def pooled(classes):
    head = nn.Sequential()
    head.add_module("avgpool", nn.AdaptiveAvgPool2d(1))
    head.add_module("flatten", nn.Flatten())
    head.add_module("linear", nn.Linear(512, classes))
    return head


def cornet_s():
    v1 = nn.Sequential()
    for name, layer in (
        ("conv1", nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)), ("norm1", nn.BatchNorm2d(64)), ("nonlin1", nn.ReLU()),
        ("pool", nn.MaxPool2d(3, stride=2, padding=1)),
        ("conv2", nn.Conv2d(64, 64, 3, padding=1, bias=False)), ("norm2", nn.BatchNorm2d(64)), ("nonlin2", nn.ReLU())):
        v1.add_module(name, layer)
    model = nn.Sequential()
    for name, part in (("V1", v1), ("V2", Area(64, 128, 2)), ("V4", Area(128, 256, 4)), ("IT", Area(256, 512, 2)), ("decoder", pooled(CLASSES))):
        model.add_module(name, part)
    return model


class Timed(nn.Module):
    """An area of CORnet-RT."""

    def __init__(self, a, b, kernel, stride):
        super().__init__()
        self.conv_input = nn.Conv2d(a, b, kernel, stride=stride, padding=kernel // 2)
        self.norm_input = nn.GroupNorm(32, b)
        self.conv1 = nn.Conv2d(b, b, 3, padding=1, bias=False)
        self.norm1 = nn.GroupNorm(32, b)

    def receive(self, x):
        return torch.relu(self.norm_input(self.conv_input(x)))

    def forward(self, received, state):
        return torch.relu(self.norm1(self.conv1(received + state)))


class CornetRT(nn.Module):
    def __init__(self):
        super().__init__()
        self.V1, self.V2, self.V4, self.IT = Timed(3, 64, 7, 4), Timed(64, 128, 3, 2), Timed(128, 256, 3, 2), Timed(256, 512, 3, 2)
        self.decoder = pooled(CLASSES)

    def forward(self, image):
        areas = [self.V1, self.V2, self.V4, self.IT]
        states = []
        for i, area in enumerate(areas):
            if i == 0:
                states.append(area(area.receive(image), 0))
                continue
            # Nothing has arrived yet: the size is that of a real input, the content is zero.
            silent = torch.zeros_like(area.receive(states[i - 1]))
            states.append(area(silent, 0))
        for _ in range(4):
            states = [area(area.receive(image if i == 0 else states[i - 1]), states[i]) for i, area in enumerate(areas)]
        return self.decoder(states[3])


class SimSiam(nn.Module):
    def __init__(self, encoder, features, dim, hidden):
        super().__init__()
        self.encoder = encoder
        self.encoder.fc = nn.Sequential(
            nn.Linear(features, features, bias=False), nn.BatchNorm1d(features), nn.ReLU(),
            nn.Linear(features, features, bias=False), nn.BatchNorm1d(features), nn.ReLU(),
            nn.Linear(features, dim), nn.BatchNorm1d(dim, affine=False))
        self.predictor = nn.Sequential(nn.Linear(dim, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, dim))

    def forward(self, x):
        return self.predictor(self.encoder(x))

    def loss(self, a, b):
        z1, z2 = self.encoder(a), self.encoder(b)
        c = nn.CosineSimilarity(dim=1)
        return -(c(self.predictor(z1), z2.detach()).mean() + c(self.predictor(z2), z1.detach()).mean()) * 0.5


class Rnn(nn.Module):
    def __init__(self, hidden=100):
        super().__init__()
        self.rnn = nn.RNN(28, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, CLASSES)

    def forward(self, x):
        return self.fc(self.rnn(x.squeeze(1))[0][:, -1])


class Perceptron(nn.Module):
    def __init__(self, hidden=100):
        super().__init__()
        self.hidden, self.fc = nn.Linear(784, hidden), nn.Linear(hidden, CLASSES)

    def forward(self, x):
        return self.fc(torch.tanh(self.hidden(x.flatten(1))))


class LinearOnly(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, CLASSES)

    def forward(self, x):
        return self.fc(x.flatten(1))


def zoo():
    models = torchvision.models
    digits, small = (2, 1, 28, 28), (2, 3, 64, 64)
    yield "linear", LinearOnly(), digits
    yield "perceptron", Perceptron(), digits
    yield "rnn", Rnn(), digits
    for n in (18, 34, 50):
        yield "resnet-%d" % n, getattr(models, "resnet%d" % n)(num_classes=CLASSES), small
    for w in ("0.5", "1.0"):
        yield "shufflenet-v2-x" + w, getattr(models, "shufflenet_v2_x" + w.replace(".", "_"))(num_classes=CLASSES), small
    for b in range(4):
        yield "efficientnet-b%d" % b, getattr(models, "efficientnet_b%d" % b)(num_classes=CLASSES), small
    yield "cornet-s", cornet_s(), small
    yield "cornet-rt", CornetRT(), small
    yield "simsiam-resnet-18", SimSiam(models.resnet18(), 512, 2048, 512), small
    yield "simsiam-resnet-50", SimSiam(models.resnet50(), 2048, 2048, 512), small


def numbers(tensor):
    return [float(v) for v in tensor.detach().reshape(-1)]


def write_networks():
    cases = []
    for name, model, shape in zoo():
        gain = GAINS.get(name.split("-")[0], 1.0)
        set_values(model, gain)
        batch = images(shape)
        case = {"name": name, "gain": gain, "input": list(shape), "tensors": [[n, list(t.shape)] for n, t in sorted(model.state_dict().items())]}
        with torch.no_grad():
            model.eval()
            case["evaluated"] = numbers(model(batch)[:, :CLASSES])
            if name in ("resnet-18", "cornet-s", "shufflenet-v2-x0.5"):
                model.train()
                case["training"] = numbers(model(batch))
                key = {"resnet-18": "bn1", "cornet-s": "V1.norm1", "shufflenet-v2-x0.5": "conv1.1"}[name] + ".running_var"
                case["runningVariance"] = {"name": key, "values": numbers(model.state_dict()[key])}
            if name == "simsiam-resnet-18":
                model.eval()
                case["loss"] = float(model.loss(batch, batch.flip(3)))
        spread = np.ptp(np.reshape(case["evaluated"], (2, -1)), axis=0).mean()
        print("%-20s %4d tensors, outputs up to %.3g, between the two images %.3g" % (name, len(case["tensors"]), np.abs(case["evaluated"]).max(), spread))
        cases.append(case)
    text = json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "cases": cases}, separators=(",", ":"))
    with gzip.GzipFile(os.path.join(HERE, "networks.json.gz"), "wb", mtime=0) as f:
        f.write(text.encode())


if __name__ == "__main__":
    torch.manual_seed(0)
    write_networks()
