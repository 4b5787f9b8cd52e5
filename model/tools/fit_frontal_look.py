"""Fits model/image/frontal_look_weights.cc: does a picture look like a frontal chest film?

fit_frontal_look.py FOLDER LATERALS [OUT]: FOLDER holds the training pictures of QaTa-COV19 (train/images)
with the validation part beside it (val/images), LATERALS the names of its lateral views, found by eye.
Needs numpy and Pillow. Prints what the rule reaches: on pictures left out in turn, and on the validation
part, which it never sees.

The rule is a linear discriminant of 16 x 16 pixels with the mean and deviation of each picture taken out.
Each picture counts with its mirror image: laterals face either way.
"""
import pathlib
import sys

import numpy as np
from PIL import Image

SIDE = 16
SHRINKAGE = 0.3  # of the covariance towards a multiple of one
THRESHOLD = 12.0  # above it a picture looks otherwise; few frontal films may


def read(path):
    pixels = np.asarray(Image.open(path).convert("L").resize((SIDE, SIDE), Image.BOX), dtype=float)
    return (pixels - pixels.mean()) / (pixels.std() + 1e-6)


def rows(pictures):
    return np.concatenate([pictures, pictures[:, :, ::-1]]).reshape(-1, SIDE * SIDE)


def fit(others, frontals):
    other, frontal = rows(others).mean(0), rows(frontals).mean(0)
    spread = rows(frontals) - frontal
    covariance = spread.T @ spread / len(spread)
    covariance *= 1 - SHRINKAGE
    covariance += SHRINKAGE * np.trace(covariance) / (1 - SHRINKAGE) / len(covariance) * np.eye(len(covariance))
    weights = np.linalg.solve(covariance, other - frontal)
    return weights, -weights @ (other + frontal) / 2 - THRESHOLD


def score(rule, pictures):
    return pictures.reshape(-1, SIDE * SIDE) @ rule[0] + rule[1]


def left_out(others, frontals, folds=5):
    seen, wrong = 0, 0
    for fold in range(folds):
        mine = np.arange(len(others)) % folds == fold
        theirs = np.arange(len(frontals)) % folds == fold
        rule = fit(others[~mine], frontals[~theirs])
        seen += (score(rule, others[mine]) > 0).sum()
        wrong += (score(rule, frontals[theirs]) > 0).sum()
    return seen, wrong


def source(rule):
    values = [f"{w:.5f}F" for w in rule[0]]
    lines = ["// Made by model/tools/fit_frontal_look.py: do not edit.",
             '#include "model/image/frontal_look.h"', "", "namespace lingula {", "",
             f"const float kFrontalLookBias = {rule[1]:.5f}F;",
             "const std::array<float, kFrontalLookSide * kFrontalLookSide> kFrontalLookWeights = {"]
    lines += ["    " + ", ".join(values[i:i + 8]) + "," for i in range(0, len(values), 8)]
    return "\n".join(lines + ["};", "", "}  // namespace lingula", ""])


def main():
    folder = pathlib.Path(sys.argv[1])
    names = set(pathlib.Path(sys.argv[2]).read_text().split())
    files = sorted(folder.iterdir())
    is_other = np.array([f.stem in names for f in files])
    assert is_other.sum() == len(names), "some of the laterals are not in the folder"
    pictures = np.array([read(f) for f in files])
    others, frontals = pictures[is_other], pictures[~is_other]
    seen, wrong = left_out(others, frontals)
    print(f"left out: {seen} of {len(others)} laterals found, {wrong} of {len(frontals)} frontal flagged")
    rule = fit(others, frontals)
    held = np.array([read(f) for f in sorted((folder.parents[1] / "val" / "images").iterdir())])
    print(f"validation part: {(score(rule, held) > 0).sum()} of {len(held)} flagged")
    if len(sys.argv) > 3:
        pathlib.Path(sys.argv[3]).write_text(source(rule))


main()
