"""PyTorch on the CPU. The variant `nn.LSTM` is what its users write; `by hand` has a backward pass of few, large products;
`jit.script` is the whole step in TorchScript. See protocol.mjs for how a peer talks with the runner."""

import json
import os
import statistics
import sys
import time

THREADS = int(os.environ.get("PEER_THREADS", "1"))
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import torch_settings

torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)

FOLDER, TASK, VARIANT = os.environ["PEER_DATA"], os.environ["PEER_TASK"], os.environ.get("PEER_VARIANT", "nn.LSTM")
with open(f"{FOLDER}/workload.json") as file:
    WORK = json.load(file)
NUMBERS = np.fromfile(f"{FOLDER}/workload.bin", dtype=np.float32)
B, T, H, L, V = (WORK[key] for key in ("batchSize", "seqLength", "hiddenSize", "layers", "pitches"))
HEADS = ("pitch", "step", "duration")


def tensor(name):
    place = WORK["tensors"][name]
    size = int(np.prod(place["shape"]))
    return torch.from_numpy(NUMBERS[place["offset"] : place["offset"] + size].reshape(place["shape"]).copy())


class LayerByHand(torch.autograd.Function):
    """One LSTM layer: x [T, B, in], kernel [in, 4H], recurrent [H, 4H], bias [4H], gates i f g o."""

    @staticmethod
    def forward(ctx, x, kernel, recurrent, bias):
        steps, batch, _ = x.shape
        gates = torch.addmm(bias, x.reshape(steps * batch, -1), kernel).view(steps, batch, 4 * H)
        h = x.new_zeros(steps + 1, batch, H)
        c = x.new_zeros(steps + 1, batch, H)
        tanh_c = x.new_empty(steps, batch, H)
        for t in range(steps):
            z = gates[t]
            if t:
                z.addmm_(h[t], recurrent)
            z[:, : 2 * H].sigmoid_()
            z[:, 2 * H : 3 * H].tanh_()
            z[:, 3 * H :].sigmoid_()
            torch.mul(z[:, H : 2 * H], c[t], out=c[t + 1])
            c[t + 1].addcmul_(z[:, :H], z[:, 2 * H : 3 * H])
            torch.tanh(c[t + 1], out=tanh_c[t])
            torch.mul(z[:, 3 * H :], tanh_c[t], out=h[t + 1])
        ctx.save_for_backward(x, kernel, recurrent, gates, h, c, tanh_c)
        return h[1:]

    @staticmethod
    def backward(ctx, d_output):
        x, kernel, recurrent, gates, h, c, tanh_c = ctx.saved_tensors
        steps, batch, _ = x.shape
        i, f, g, o = (gates[:, :, k * H : (k + 1) * H] for k in range(4))
        # What does not depend on the recurrence, for all steps at once.
        to_i, to_f, to_g = g * i * (1 - i), c[:-1] * f * (1 - f), i * (1 - g * g)
        to_o, to_c = tanh_c * o * (1 - o), o * (1 - tanh_c * tanh_c)
        dz = torch.empty_like(gates)
        dh = d_output[steps - 1].clone()
        dc = torch.zeros_like(dh)
        for t in range(steps - 1, -1, -1):
            dc.addcmul_(dh, to_c[t])
            for k, factor in enumerate((to_i, to_f, to_g)):
                torch.mul(dc, factor[t], out=dz[t][:, k * H : (k + 1) * H])
            torch.mul(dh, to_o[t], out=dz[t][:, 3 * H :])
            if t:
                dc.mul_(f[t])
                torch.addmm(d_output[t - 1], dz[t], recurrent.t(), out=dh)
        flat = dz.view(steps * batch, 4 * H)
        dx = (flat @ kernel.t()).view_as(x) if ctx.needs_input_grad[0] else None
        d_kernel = x.reshape(steps * batch, -1).t() @ flat
        d_recurrent = h[:-1].reshape(steps * batch, H).t() @ flat
        return dx, d_kernel, d_recurrent, flat.sum(0)


class Model(nn.Module):
    """x [T, B, 3] to the logits of the pitch, the step and the duration."""

    def __init__(self):
        super().__init__()
        names = [f"lstm.{layer}.{part}" for layer in range(L) for part in ("kernel", "recurrent_kernel", "bias")]
        if VARIANT == "by hand":
            self.weights = nn.ParameterList([nn.Parameter(tensor(name)) for name in names])
        else:
            self.lstm = nn.LSTM(WORK["inputs"], H, num_layers=L)
            for layer in range(L):
                kernel, recurrent, bias = (tensor(name) for name in names[3 * layer : 3 * layer + 3])
                getattr(self.lstm, f"weight_ih_l{layer}").data = kernel.t().contiguous()
                getattr(self.lstm, f"weight_hh_l{layer}").data = recurrent.t().contiguous()
                getattr(self.lstm, f"bias_ih_l{layer}").data = bias
                # PyTorch has a second bias; it stays zero.
                second = getattr(self.lstm, f"bias_hh_l{layer}")
                second.data.zero_()
                second.requires_grad_(False)
        self.heads = nn.ModuleList()
        for head in HEADS:
            kernel = tensor(f"heads.{head}.kernel")
            linear = nn.Linear(H, kernel.shape[1])
            linear.weight.data = kernel.t().contiguous()
            linear.bias.data = tensor(f"heads.{head}.bias")
            self.heads.append(linear)

    def apply_heads(self, h):
        return tuple(head(h) for head in self.heads)

    def forward(self, x):
        if VARIANT == "by hand":
            for layer in range(L):
                x = LayerByHand.apply(x, *self.weights[3 * layer : 3 * layer + 3])
        else:
            x, _ = self.lstm(x)
        return self.apply_heads(x[-1])


def with_pressure(wanted, p):
    return ((wanted - p) ** 2 + 10 * torch.relu(-p)).mean()


def training_step(model):
    x = tensor("features")
    pitch = tensor("targets.pitch").long()
    step, duration = (tensor(f"targets.{name}")[:, None] for name in ("step", "duration"))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    adam = torch.optim.Adam(trained, lr=WORK["learningRate"], eps=1e-7)

    def run():
        adam.zero_grad(set_to_none=True)
        logits, s, d = model(x)
        loss = 0.05 * F.cross_entropy(logits, pitch) + with_pressure(step, s) + with_pressure(duration, d)
        loss.backward()
        adam.step()
        return loss

    return run


def scripted_step():
    from torch_scripted import train_step

    w = [tensor(f"lstm.{layer}.{part}") for layer in range(L) for part in ("kernel", "recurrent_kernel", "bias")]
    for part in ("kernel", "bias"):
        w.append(torch.cat([tensor(f"heads.{head}.{part}") for head in HEADS], -1).contiguous())
    m, v = [torch.zeros_like(each) for each in w], [torch.zeros_like(each) for each in w]
    pitch = tensor("targets.pitch").long()[:, None]
    times = torch.stack([tensor("targets.step"), tensor("targets.duration")], 1)
    x, count = tensor("features"), [0]

    def run():
        count[0] += 1
        return train_step(w, m, v, x, pitch, times, count[0], WORK["learningRate"])

    return run


def generation(model):
    """The way to a note that is asked for, and what the heads say after the first sequence."""
    random = torch.Generator().manual_seed(1)
    window = [tensor("features")[:, :1, :].contiguous()]
    outputs = model(window[0])
    check = [float(outputs[0].sum()), float(outputs[1]), float(outputs[2])]

    def draw(outputs):
        pitch = torch.multinomial(torch.softmax(outputs[0], 1), 1, generator=random)
        return torch.cat([pitch / 128.0, outputs[1].clamp_min(0), outputs[2].clamp_min(0)], 1)[None]

    def over_window():
        window[0] = torch.cat([window[0][1:], draw(model(window[0]))])

    state = [window[0][-1:], None]

    def stateful():
        y, state[1] = model.lstm(state[0], state[1])
        state[0] = draw(model.apply_heads(y[-1]))

    return {"window": over_window, "stateful": stateful}[TASK], check


def measure(run, seconds, samples):
    times, each, end = [], 1, time.perf_counter() + seconds
    while len(times) < samples or time.perf_counter() < end:
        begin = time.perf_counter()
        for _ in range(each):
            run()
        ms = (time.perf_counter() - begin) * 1000
        if ms < 0.1 and time.perf_counter() < end:
            each *= 2
        else:
            times.append(ms / each)
    times.sort()
    # As in protocol.mjs.
    kept = min(len(times), 101)
    marks = [times[round(k * (len(times) - 1) / max(1, kept - 1))] for k in range(kept)]
    return {"ms": statistics.median(times), "marks": marks}


def serve(check, run):
    about = {"name": f"PyTorch, {VARIANT}", "version": torch.__version__, "check": check, "runs": torch_settings.describe()}
    print(json.dumps({"ready": True, **about}), flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(run, **json.loads(line))), flush=True)


def train(step):
    losses = [float(step()) for _ in range(WORK["lossSteps"][-1])]
    serve([losses[at - 1] for at in WORK["lossSteps"]], step)


if TASK == "train" and VARIANT == "jit.script":
    with torch.inference_mode():
        train(scripted_step())
elif TASK == "train":
    train(training_step(Model()))
else:
    model = Model()
    model.requires_grad_(False)
    with torch.inference_mode():
        run, outputs = generation(model)
        serve(outputs, run)
