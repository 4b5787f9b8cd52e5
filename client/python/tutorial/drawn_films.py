"""Draws films with bright spots, their masks, and a data manifest: something to train on when there is no data.

python3 client/python/tutorial/drawn_films.py FOLDER [NUMBER]
"""

import csv
import sys
from pathlib import Path

import numpy as np

import lingula

SIDE_PX = 96


def film(random):
    """Return a picture (uint8, [rows, columns]) of two dark lungs with a spot in one of their six thirds."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] / SIDE_PX
    zone = int(random.integers(6))  # image-left upper, middle, lower, then image-right
    column, row = 0.3 + 0.4 * (zone // 3), 0.25 + 0.25 * (zone % 3)
    lungs = sum(np.exp(-(((x - c) / 0.12) ** 2) - ((y - 0.5) / 0.35) ** 2) for c in (0.3, 0.7))
    size = random.uniform(0.06, 0.1)
    spot = ((x - column) / size) ** 2 + ((y - row) / size) ** 2 < 1
    grey = 170 - 120 * lungs + 110 * spot + random.normal(0, 8, spot.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), spot, zone


def main() -> None:
    """Write FOLDER/images, FOLDER/masks and FOLDER/data.csv; every third film is for validation.

    Calibration needs 50 films that were not trained on.
    """
    folder = Path(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 160
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    with (folder / "data.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "mask", "zones", "split"])
        for n in range(number):
            picture, spot, zone = film(random)
            name = f"film{n:03}.png"
            lingula.write_png(folder / "images" / name, picture)
            lingula.write_png(folder / "masks" / name, spot)
            zones = "".join("1" if one == zone else "0" for one in range(6))
            table.writerow([f"images/{name}", f"masks/{name}", zones, "val" if n % 3 == 2 else "train"])


if __name__ == "__main__":
    main()
