"""The training step of the workload in PyTorch on a GPU, as its users write it: nn.LSTM (cuDNN), Adam in one launch (fused).

    python3 torch_gpu.py FOLDER SECONDS SAMPLES

FOLDER holds workload.bin and workload.json (see bench/peers/workload-file.ts). Prints one JSON object a line: float32, and float32 with
TF32 in the matrix products, which is less exact. Times end when the GPU is done."""

import json
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

FOLDER, SECONDS, SAMPLES = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
if not torch.cuda.is_available():
    sys.exit("PyTorch finds no CUDA device")
DEVICE = torch.device("cuda")
with open(f"{FOLDER}/workload.json") as file:
    WORK = json.load(file)
NUMBERS = np.fromfile(f"{FOLDER}/workload.bin", dtype=np.float32)
H, L = WORK["hiddenSize"], WORK["layers"]
HEADS = ("pitch", "step", "duration")


def tensor(name):
    place = WORK["tensors"][name]
    size = int(np.prod(place["shape"]))
    numbers = NUMBERS[place["offset"] : place["offset"] + size].reshape(place["shape"]).copy()
    return torch.from_numpy(numbers).to(DEVICE)


class Model(nn.Module):
    """x [T, B, 3] to the logits of the pitch, the step and the duration of the last step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(WORK["inputs"], H, num_layers=L).to(DEVICE)
        with torch.no_grad():
            for layer in range(L):
                parts = [tensor(f"lstm.{layer}.{part}") for part in ("kernel", "recurrent_kernel", "bias")]
                getattr(self.lstm, f"weight_ih_l{layer}").copy_(parts[0].t())
                getattr(self.lstm, f"weight_hh_l{layer}").copy_(parts[1].t())
                getattr(self.lstm, f"bias_ih_l{layer}").copy_(parts[2])
                # PyTorch has a second bias; it stays zero.
                second = getattr(self.lstm, f"bias_hh_l{layer}")
                second.zero_()
                second.requires_grad_(False)
            self.heads = nn.ModuleList()
            for head in HEADS:
                kernel = tensor(f"heads.{head}.kernel")
                linear = nn.Linear(H, kernel.shape[1], device=DEVICE)
                linear.weight.copy_(kernel.t())
                linear.bias.copy_(tensor(f"heads.{head}.bias"))
                self.heads.append(linear)

    def forward(self, x):
        x, _ = self.lstm(x)
        return tuple(head(x[-1]) for head in self.heads)


def with_pressure(wanted, p):
    return ((wanted - p) ** 2 + 10 * torch.relu(-p)).mean()


def training_step(model):
    x = tensor("features")
    pitch = tensor("targets.pitch").long()
    step, duration = (tensor(f"targets.{name}")[:, None] for name in ("step", "duration"))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    adam = torch.optim.Adam(trained, lr=WORK["learningRate"], eps=1e-7, fused=True)

    def run():
        adam.zero_grad(set_to_none=True)
        logits, s, d = model(x)
        loss = 0.05 * F.cross_entropy(logits, pitch) + with_pressure(step, s) + with_pressure(duration, d)
        loss.backward()
        adam.step()
        return loss

    return run


def measure(run):
    """Milliseconds of a step: of ten in a row without waiting in between, as a training loop runs."""
    times, end = [], time.perf_counter() + SECONDS
    for _ in range(10):
        run()
    while len(times) < SAMPLES or time.perf_counter() < end:
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(10):
            run()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) * 100)
    times.sort()
    mark = lambda part: times[round((len(times) - 1) * part)]
    return {"medianMs": statistics.median(times), "p10Ms": mark(0.1), "p90Ms": mark(0.9), "samples": len(times)}


for tf32 in (False, True):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    run = training_step(Model())
    losses = [float(run()) for _ in range(WORK["lossSteps"][-1])]
    name = f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}{', TF32' if tf32 else ''}"
    found = {"variant": name, "device": torch.cuda.get_device_name(), "losses": [losses[at - 1] for at in WORK["lossSteps"]]}
    print(json.dumps({**found, **measure(run)}), flush=True)
