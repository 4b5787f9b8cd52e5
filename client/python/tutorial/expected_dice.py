# %% [markdown]
# # Does expected Dice tell good masks from bad ones on *your* images?
#
# Each answer estimates its own Dice score. Here a folder of images that have masks is segmented, and the estimate is
# held against the truth. Needs `pip install './client/python[tutorial]'` and a server (`./dev serve`). Editors run
# the cells one by one; as a program it is
#
#     python3 client/python/tutorial/expected_dice.py IMAGES MASKS OUT.png [HOST:PORT]
#
# IMAGES holds pictures, MASKS a PNG of the same name for each: 0 outside, anything else inside.

# %%
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # pictures go into files; leave it out in a notebook
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

import lingula

images, masks, out = (Path(argument) for argument in sys.argv[1:4])
server = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1:8500"

# %% [markdown]
# ## Segment the folder
#
# `segment_many` keeps four requests under way and shows a bar with the time left. An image that fails is an item with
# an `error`, not the end. The true Dice is computed here; a `reference` in the request would make the server do it.


# %%
def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Return 2 |A and B| / (|A| + |B|); two empty masks agree."""
    total = a.sum() + b.sum()
    return 2 * (a & b).sum() / total if total else 1.0


rows = []
with lingula.Client(server) as client:
    for item in lingula.segment_many(client, lingula.find_images(images)):
        if item.error is not None:
            print(f"{item.image}: {item.error}", file=sys.stderr)
            continue
        truth = np.array(Image.open(masks / f"{item.image.stem}.png").convert("L")) > 0
        rows.append((item.result, dice(item.result.mask, truth)))
print(f"{len(rows)} images, mean Dice {np.mean([true for _, true in rows]):.3f}")

# %% [markdown]
# ## Expected against true
#
# A point on the line is an honest estimate. Bars are the interval that each answer states; about `coverage` of them
# should reach the line. Answers that are marked as unlike the model's data are drawn as crosses: their estimates may
# not hold. An empty mask has no expected Dice and is left out.

# %%
figure, axes = plt.subplots(figsize=(5, 5))
axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
held = 0
drawn = [(result, true) for result, true in rows if result.quality.expected_dice is not None]
for result, true in drawn:
    quality = result.quality
    strange = lingula.Flag.OUT_OF_DISTRIBUTION in result.flags
    if quality.interval is not None:
        low, high = quality.interval.low, quality.interval.high
        axes.plot([low, high], [true, true], color="tab:orange" if strange else "tab:blue", alpha=0.3)
        held += low <= true <= high
    axes.plot(
        quality.expected_dice, true, "x" if strange else "o", color="tab:orange" if strange else "tab:blue"
    )
axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="expected Dice", ylabel="true Dice", aspect="equal")
axes.set_title(f"{held} of {len(drawn)} intervals hold the true Dice")
figure.savefig(out, dpi=120, bbox_inches="tight")

# %% [markdown]
# ## The worst one
#
# Look at it before you trust a number: the mask in red, what was missed or is too much shows against your own mask.

# %%
worst, true = min(rows, key=lambda row: row[1])
print(
    f"worst Dice {true:.3f}, expected {worst.quality.expected_dice}, flags {sorted(f.name for f in worst.flags)}"
)
if drawn:
    error = np.mean([abs(result.quality.expected_dice - true) for result, true in drawn])
    print(f"mean error of expected Dice {error:.3f}")
