"""Writes test/golden/figures.json: synthetic pieces, and their figures as other programs count them.

    python3 test/golden/make_figures.py FOLDER

FOLDER holds `figures.py`, the scout's program whose `metrics` counted the figures of human clips. What is MusPy's is counted here on a
piano roll, from the formulas of its documentation; MGEval's overlapped area by scipy, as MGEval does. Needs numpy and scipy.
"""

import json
import pathlib
import sys

import numpy as np
from scipy import integrate, stats

sys.path.insert(0, sys.argv[1])
from figures import metrics  # noqa: E402

TICKS = 440


def between_ticks(seconds):
    """Few digits, and never halfway between two ticks: programs round a tie to either side."""
    return round(round(seconds, 4) + 0.00003, 5)


def piece(seed, count, repeats, chords, held):
    """Phrases of a random walk, some of them again, transposed or not, with chords, pauses and a tempo that drifts."""
    r = np.random.default_rng(seed)
    notes, phrases, time, pitch = [], [], 0.3, 60
    while len(notes) < count:
        if phrases and r.random() < repeats:
            shape = phrases[r.integers(len(phrases))]
        else:
            shape = [(int(r.integers(-5, 6)), float(r.choice([0.12, 0.12, 0.24, 0.36]))) for _ in range(r.integers(4, 14))]
            phrases.append(shape)
        pitch = int(np.clip(pitch + r.choice([0, 0, 5, -7, 12, -12]), 45, 80))
        for interval, step in shape:
            pitch = int(np.clip(pitch + interval, 24, 100))
            time = time + step * (1 + 0.1 * np.sin(time / 7)) + 0.004 * r.random()
            size = 1 + (int(r.integers(1, 4)) if r.random() < chords else 0)
            for k in range(size):
                start = time + 0.01 * k * r.random()
                key = pitch - int(r.choice([3, 4, 7, 12, 1])) * k
                length = (step * 0.9 if r.random() > held else 1.5) * (0.6 + 0.8 * r.random())
                velocity = int(np.clip(64 + 18 * r.normal() + 10 * np.sin(time), 1, 127))
                notes.append([max(21, key), velocity, between_ticks(start), between_ticks(start + max(length, 0.02))])
        if r.random() < 0.2:
            time += 1.5 * r.random()
    return notes[:count]


def entropy(counts):
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum())


def muspy(notes):
    ticks = [(p, int(round(s * TICKS)), int(round(e * TICKS))) for p, _, s, e in notes]
    roll = np.zeros((max(e for _, _, e in ticks), 128), bool)
    for p, s, e in ticks:
        roll[s:e, p] = True
    sounding = roll.sum(1)
    pitches = np.array([p for p, _, _ in ticks])
    major, minor = [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1], [1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0]
    return dict(
        pitch_range=int(pitches.max() - pitches.min()),
        n_pitches_used=len(set(pitches)),
        n_pitch_classes_used=len(set(pitches % 12)),
        pitch_entropy=entropy(np.bincount(pitches, minlength=128)),
        pitch_class_entropy=entropy(np.bincount(pitches % 12, minlength=12)),
        scale_consistency=max(
            float(np.roll(scale, root)[pitches % 12].mean()) for scale in (major, minor) for root in range(12)
        ),
        polyphony=float(roll.sum() / (sounding > 0).sum()),
        polyphony_rate=float((sounding > 2).mean()),
    )


def overlap(measure, others):
    within = np.array([abs(a - b) for i, a in enumerate(measure) for j, b in enumerate(measure) if i != j])
    between = np.array([abs(a - b) for a in measure for b in others])
    one, two = stats.gaussian_kde(within), stats.gaussian_kde(between)
    low, high = min(within.min(), between.min()), max(within.max(), between.max())
    return integrate.quad(lambda x: min(one(x)[0], two(x)[0]), low, high, limit=400)[0]


# The scout's names for what has another here.
NAMES = {"polyphony": "meanPolyphony", "maxPoly": "maxPolyphony", "distinctPitches": None, "pcEntropy": None}

pieces = []
for settings in [(1, 160, 0.3, 0.3, 0.1), (2, 400, 0.6, 0.1, 0.4), (3, 250, 0.0, 0.6, 0.0)]:
    notes = piece(*settings)
    own = {NAMES.get(name, name): value for name, value in metrics(notes).items()}
    own.pop(None)
    pieces.append(dict(notes=notes, figures={**own, **muspy(notes)}))

r = np.random.default_rng(4)
areas = []
for shift, scale in [(0, 1), (0.7, 1), (3, 0.5), (0, 4)]:
    measure, others = r.normal(size=30).round(6), (shift + scale * r.normal(size=12)).round(6)
    areas.append(dict(measure=measure.tolist(), others=others.tolist(), area=overlap(measure, others)))

out = pathlib.Path(__file__).with_name("figures.json")
out.write_text(json.dumps(dict(pieces=pieces, areas=areas)) + "\n")
print(out, out.stat().st_size, "bytes")
