"""Many images: a few requests under way at a time, answers in the order of the images."""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from lingula.errors import LingulaError
from lingula.inputs import ImageLike
from lingula.options import SegmentOptions
from lingula.progress import ProgressBar
from lingula.result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lingula.client import Client

_ENDINGS = (".png", ".jpg", ".jpeg")
# What `lingula segment` writes: a second run must not segment the results of the first.
_RESULTS = (".mask.png", ".overlay.png", ".seg.dcm", ".sr.dcm")


@dataclasses.dataclass(frozen=True, eq=False)
class Item:
    """What became of one image: exactly one of `result` and `error` is set."""

    image: ImageLike = dataclasses.field(repr=False)
    result: Result | None
    error: Union[LingulaError, OSError, None]


def segment_many(
    client: Client,
    images: Iterable[ImageLike],
    *,
    jobs: int = 4,
    progress: bool | None = None,
    timeout: float | None = None,
    **options: Unpack[SegmentOptions],
) -> Iterator[Item]:
    """Segment many images, `jobs` at a time; one that fails does not stop the others.

    Yields an Item for each image, in their order; at most 2 * `jobs` wait in memory. `progress` shows a
    bar with the time left on standard error; default: where that is a terminal. `images` that have
    no len() (generators) are collected first, so give paths rather than arrays. Options: SegmentOptions.
    """
    todo: Any = images if hasattr(images, "__len__") else list(images)

    def segment(image: ImageLike) -> Item:
        try:
            return Item(image, client.segment(image, timeout=timeout, **options), None)
        except (LingulaError, OSError) as error:
            return Item(image, None, error)

    waiting: collections.deque[Future[Item]] = collections.deque()
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        with ProgressBar(len(todo), shown=progress) as bar:

            def oldest() -> Item:
                item = waiting.popleft().result()
                bar.step(failed=item.error is not None)
                return item

            for image in todo:
                waiting.append(pool.submit(segment, image))
                if len(waiting) >= 2 * jobs:
                    yield oldest()
            while waiting:
                yield oldest()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def find_images(folder: str | os.PathLike[str], *, recursive: bool = False) -> list[Path]:
    """Return the images in a folder, sorted: PNG and JPEG files by ending, DICOM files by content.

    Hidden files, DICOMDIR and results of `lingula segment` are left out.
    """
    root = Path(folder)
    paths = root.rglob("*") if recursive else root.iterdir()
    return sorted(path for path in paths if _is_image(path, root))


def _is_image(path: Path, root: Path) -> bool:
    name = path.name.lower()
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    if hidden or name == "dicomdir" or name.endswith(_RESULTS) or not path.is_file():
        return False
    if name.endswith(_ENDINGS):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"
