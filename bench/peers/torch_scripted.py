"""The whole training step, forward and backward pass and Adam, as one TorchScript function: no Python and no autograd between the
operations. The quickest way to the step that was found in PyTorch; a scripted nn.LSTM takes what nn.LSTM takes."""

from typing import List, Tuple

import torch


@torch.jit.script
def lstm_forward(x, kernel, recurrent, bias):
    """x [T, B, in], kernel [in, 4H], recurrent [H, 4H], bias [4H], gates i f g o: gates [T, B, 4H], h, c and tanh c [T, B, H]."""
    steps, batch, width = x.shape
    H = recurrent.shape[0]
    gates = torch.addmm(bias, x.reshape(steps * batch, width), kernel).view(steps, batch, 4 * H)
    h = torch.empty(steps, batch, H)
    c = torch.empty(steps, batch, H)
    tanh_c = torch.empty(steps, batch, H)
    for t in range(steps):
        z = gates[t]
        if t > 0:
            z.addmm_(h[t - 1], recurrent)
        z[:, : 2 * H].sigmoid_()
        z[:, 2 * H : 3 * H].tanh_()
        z[:, 3 * H :].sigmoid_()
        torch.mul(z[:, :H], z[:, 2 * H : 3 * H], out=c[t])
        if t > 0:
            c[t].addcmul_(z[:, H : 2 * H], c[t - 1])
        torch.tanh(c[t], out=tanh_c[t])
        torch.mul(z[:, 3 * H :], tanh_c[t], out=h[t])
    return gates, h, c, tanh_c


@torch.jit.script
def lstm_backward(
    x,
    kernel,
    recurrent,
    saved: Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor],
    d_output,
    only_last: bool,
    wants_dx: bool,
):
    """d_output is [B, H] of the last step alone, or [T, B, H]. Gradients of x, kernel, recurrent and bias."""
    gates, h, c, tanh_c = saved
    steps, batch, width = x.shape
    H = recurrent.shape[0]
    transposed = recurrent.t()
    dz = torch.empty_like(gates)
    dh = d_output.clone() if only_last else d_output[-1].clone()
    dc = torch.zeros_like(dh)
    for back in range(steps):
        t = steps - 1 - back
        z = gates[t]
        d = dz[t]
        di, df, dg, do = d[:, :H], d[:, H : 2 * H], d[:, 2 * H : 3 * H], d[:, 3 * H :]
        g, o = z[:, 2 * H : 3 * H], z[:, 3 * H :]
        torch.mul(dh, tanh_c[t], out=do)
        dc.add_(torch.ops.aten.tanh_backward(dh * o, tanh_c[t]))
        torch.mul(dc, g, out=di)
        torch.mul(dc, z[:, :H], out=dg)
        if t > 0:
            torch.mul(dc, c[t - 1], out=df)
        else:
            df.zero_()
        torch.ops.aten.sigmoid_backward(d[:, : 2 * H], z[:, : 2 * H], grad_input=d[:, : 2 * H])
        torch.ops.aten.tanh_backward(dg, g, grad_input=dg)
        torch.ops.aten.sigmoid_backward(do, o, grad_input=do)
        if t > 0:
            dc.mul_(z[:, H : 2 * H])
            if only_last:
                torch.mm(d, transposed, out=dh)
            else:
                torch.addmm(d_output[t - 1], d, transposed, out=dh)
    flat = dz.view(steps * batch, 4 * H)
    dx = flat.mm(kernel.t()).view(steps, batch, width) if wants_dx else flat
    d_kernel = x.reshape(steps * batch, width).t().mm(flat)
    # The first step's h before it is zero.
    d_recurrent = h[:-1].reshape((steps - 1) * batch, H).t().mm(flat[batch:])
    return dx, d_kernel, d_recurrent, flat.sum(0)


@torch.jit.script
def loss_and_gradient(outputs, pitch, times):
    """outputs [B, V + 2]: the logits of the pitch, the step and the duration; times [B, 2]."""
    batch = outputs.shape[0]
    pitches = outputs.shape[1] - 2
    log_p = torch.log_softmax(outputs[:, :pitches], 1)
    found = outputs[:, pitches:]
    off = found - times
    pressure = (off * off + 10 * torch.relu(-found)).sum() / batch
    loss = -0.05 * log_p.gather(1, pitch).mean() + pressure
    d = torch.empty_like(outputs)
    p = log_p.exp().scatter_add_(1, pitch, torch.full([batch, 1], -1.0))
    torch.mul(p, 0.05 / batch, out=d[:, :pitches])
    d[:, pitches:] = (2 * off - 10 * (found < 0).float()) / batch
    return loss, d


@torch.jit.script
def adam(w: List[torch.Tensor], g: List[torch.Tensor], m: List[torch.Tensor], v: List[torch.Tensor], count: int, rate: float):
    rate = rate / (1 - 0.9**count)
    root = (1 - 0.999**count) ** 0.5
    for k in range(len(w)):
        m[k].mul_(0.9).add_(g[k], alpha=0.1)
        v[k].mul_(0.999).addcmul_(g[k], g[k], value=0.001)
        w[k].addcdiv_(m[k], v[k].sqrt().div_(root).add_(1e-7), value=-rate)


@torch.jit.script
def train_step(
    w: List[torch.Tensor], m: List[torch.Tensor], v: List[torch.Tensor], x, pitch, times, count: int, rate: float
):
    """w holds kernel, recurrent and bias of each layer, then the kernel [H, V + 2] and the bias of all heads together."""
    layers = (len(w) - 2) // 3
    saved: List[Tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]] = []
    inputs: List[torch.Tensor] = []
    y = x
    for layer in range(layers):
        inputs.append(y)
        saved.append(lstm_forward(y, w[3 * layer], w[3 * layer + 1], w[3 * layer + 2]))
        y = saved[layer][1]
    loss, d = loss_and_gradient(torch.addmm(w[-1], y[-1], w[-2]), pitch, times)
    gradients = [y[-1].t().mm(d), d.sum(0)]
    dy = d.mm(w[-2].t())
    for back in range(layers):
        layer = layers - 1 - back
        dy, d_kernel, d_recurrent, d_bias = lstm_backward(
            inputs[layer], w[3 * layer], w[3 * layer + 1], saved[layer], dy, back == 0, layer > 0
        )
        gradients = [d_kernel, d_recurrent, d_bias] + gradients
    adam(w, gradients, m, v, count, rate)
    return loss
