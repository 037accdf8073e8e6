#!/usr/bin/env python3
"""Writes onnx.json: inputs and expected outputs of the node tests of LSTM, GRU and RNN that ONNX has (Apache 2.0).

    apt-get install python3-onnx         # ONNX 1.12 made the committed file
    /usr/bin/python3 test/golden/make_onnx.py
"""
import json
import os

import numpy as np
import onnx
from onnx.backend.test.case.node import gru, lstm, rnn

cases = []


def keep(node, inputs, outputs, name):
    """Stands in for `expect`, which writes protobuf files: every input and output by its name, [shape, numbers]."""
    arrays = {key: value for key, value in zip(filter(None, node.input), inputs)}
    expected = {key: value for key, value in zip(filter(None, node.output), outputs)}
    plain = lambda named: {key: [list(each.shape), np.asarray(each, dtype=np.float64).ravel().tolist()] for key, each in named.items()}
    layout = next((each.i for each in node.attribute if each.name == "layout"), 0)
    cases.append({"name": name, "op": node.op_type, "batchFirst": bool(layout), "inputs": plain(arrays), "outputs": plain(expected)})


np.random.seed(0)
for module, tests in [(lstm, lstm.LSTM), (gru, gru.GRU), (rnn, rnn.RNN)]:
    module.expect = keep
    for each in dir(tests):
        if each.startswith("export_"):
            getattr(tests, each)()

path = os.path.join(os.path.dirname(__file__), "onnx.json")
with open(path, "w") as file:
    json.dump({"source": f"ONNX {onnx.__version__}, make_onnx.py", "cases": cases}, file)
    file.write("\n")
print(path, [each["name"] for each in cases])
