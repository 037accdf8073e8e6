"""What PyTorch computes with, in words and in speed. As a program it prints both as a line of JSON: the runner starts it with the
settings that it may give PyTorch, and takes the quickest. Left to itself, OpenBLAS runs its plainest kernels on a processor that is newer than it: a fifth of the speed
of those for the newest core that it knows, which has to be named."""

import ctypes
import json
import os
import re
import time

import torch


def blas():
    """The library of the products: its build and the core that its kernels are for, as OpenBLAS says them; None of another."""
    with open("/proc/self/maps") as maps:
        paths = sorted({line.split()[-1] for line in maps if re.search(r"/lib[^/]*blas[^/]*\.so", line)})
    for path in paths:
        library = ctypes.CDLL(path)
        if not hasattr(library, "openblas_get_config"):
            continue
        config = words_of(library.openblas_get_config)
        return {"name": " ".join(config.split()[:2]), "config": config, "core": words_of(library.openblas_get_corename)}
    return None


def words_of(function):
    function.restype = ctypes.c_char_p
    return function().decode()


def describe():
    show = torch.__config__.show()
    capability = re.search(r"CPU capability usage: (\S+)", show)
    return {
        "version": torch.__version__,
        "blas": blas() or {"name": "MKL" if "MKL_VERSION" in show or torch.backends.mkl.is_available() else "unknown"},
        "capability": capability.group(1) if capability else "unknown",
    }


def quickest(run, seconds):
    """Milliseconds of the quickest of many runs, by processor time: what others do on the machine counts little."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.process_time()
        run()
        best = min(best, (time.process_time() - begin) * 1000)
    return best


def measure():
    torch.set_num_threads(1)
    a, b, out = torch.randn(64, 128), torch.randn(128, 512), torch.empty(64, 512)
    wide, tall, square = torch.randn(512, 512), torch.randn(512, 512), torch.empty(512, 512)

    def products():
        for _ in range(32):
            torch.mm(a, b, out=out)
        torch.mm(wide, tall, out=square)

    gates = torch.randn(1600, 512)
    return {"productsMs": quickest(products, 0.4), "gatesMs": quickest(lambda: (torch.sigmoid(gates), torch.tanh(gates)), 0.2)}


if __name__ == "__main__":
    with torch.inference_mode():
        print(json.dumps({**describe(), **measure()}))
