"""Streams, asyncio and batches against the real server."""

import asyncio
import contextlib
import io
import os
import shutil
import tempfile
import unittest

import grpc
import lingula
import numpy as np
from servers import FILM, FRAME, POLYP, RealServer

SERVER = None


def setUpModule():
    global SERVER
    SERVER = RealServer()


def tearDownModule():
    SERVER.close()


def frames(count, size=96):
    random = np.random.default_rng(3)
    return [random.integers(0, 256, (size, size, 3), np.uint8) for _ in range(count)]


async def collect(stream):
    return [answer async for answer in stream]


class StreamTest(unittest.TestCase):
    def setUp(self):
        self.client = lingula.Client(SERVER.target)
        self.addCleanup(self.client.close)

    def both(self, given, **options):
        """The answers as each client gives them; `given` makes the frames anew."""
        with self.client.stream(given(), **options) as stream:
            yield list(stream)

        async def run():
            async with lingula.AsyncClient(SERVER.target) as client:
                return await collect(client.stream(given(), **options))

        yield asyncio.run(run())

    def test_every_frame_is_answered_in_order(self):
        def given():
            pictures = [*frames(5), b"no picture", *frames(2)]
            yield from (lingula.Frame(image, 10 * n, n) for n, image in enumerate(pictures, start=1))

        for answers in self.both(given, model=POLYP, probabilities=True):
            self.assertEqual([answer.number for answer in answers], list(range(10, 90, 10)))
            self.assertEqual([answer.captured_us for answer in answers], list(range(1, 9)))
            bad = answers.pop(5)
            self.assertEqual(bad.drop.reason, lingula.DropReason.BAD_FRAME)
            self.assertEqual(bad.drop.code, grpc.StatusCode.INVALID_ARGUMENT)
            self.assertIn("send a whole PNG", bad.drop.message)
            self.assertIsNone(bad.result)
            for answer in answers:
                self.assertEqual(answer.result.probabilities.shape, (96, 96))
                self.assertIsNone(answer.drop)

    def test_freshest_drops_with_receipts(self):
        for answers in self.both(
            lambda: iter(frames(40)), model=POLYP, policy=lingula.StreamPolicy.FRESHEST, max_frame_age=60
        ):
            self.assertEqual([answer.number for answer in answers], list(range(1, 41)))
            dropped = {answer.drop.reason for answer in answers if answer.drop}
            self.assertEqual(dropped, {lingula.DropReason.SUPERSEDED})
            self.assertIsNotNone(answers[-1].result)

    def test_masks_are_those_of_single_calls(self):
        frame = frames(1, 200)[0]
        alone = self.client.segment(frame, model=POLYP).mask
        for answers in self.both(lambda: [frame, FRAME, frame], model=POLYP):
            self.assertTrue(np.array_equal(answers[0].result.mask, alone))
            self.assertTrue(np.array_equal(answers[2].result.mask, alone))

    def test_wrong_settings_end_it(self):
        for kind, options in (
            (lingula.NotFound, {"model": "other"}),
            (lingula.InvalidArgument, {"model": POLYP, "smoothing": 2.0}),
        ):
            with self.assertRaises(kind):
                list(self.client.stream(iter(frames(3)), **options))

            async def run(options=options):
                async with lingula.AsyncClient(SERVER.target) as client:
                    await collect(client.stream(frames(3), **options))

            with self.assertRaises(kind):
                asyncio.run(run())

    def test_what_the_frames_raise_is_raised(self):
        def given():
            yield frames(1)[0]
            raise RuntimeError("the camera is gone")

        async def run():
            async with lingula.AsyncClient(SERVER.target) as client:
                await collect(client.stream(given(), model=POLYP))

        with self.assertRaisesRegex(RuntimeError, "the camera is gone"):
            list(self.client.stream(given(), model=POLYP))
        with self.assertRaisesRegex(RuntimeError, "the camera is gone"):
            asyncio.run(run())
        with self.assertRaises(lingula.InvalidInput):
            list(self.client.stream([frames(1)[0], [1]], model=POLYP))

    def test_leaving_ends_it(self):
        def given():
            while True:
                yield frames(1)[0]

        with self.client.stream(given(), model=POLYP) as stream:
            next(stream)
        self.assertTrue(all(answer.number > 1 for answer in stream), "what had come may still be read")

        async def run():
            async with lingula.AsyncClient(SERVER.target) as client:
                stream = client.stream(given(), model=POLYP)
                await stream.__anext__()
                await stream.aclose()
                return await client.health()

        self.assertEqual(asyncio.run(run()), lingula.ServingStatus.SERVING)

    def test_nobody_there(self):
        with lingula.Client("127.0.0.1:1") as client, self.assertRaises(lingula.Unreachable):
            list(client.stream(frames(1)))


class AsyncTest(unittest.IsolatedAsyncioTestCase):
    async def test_calls_run_beside_each_other(self):
        async with lingula.AsyncClient(SERVER.target) as client:
            results = await asyncio.gather(*(client.segment(FILM) for _ in range(8)))
            self.assertEqual(len({result.mask.tobytes() for result in results}), 1)
            self.assertEqual(len(await client.models()), 2)
            self.assertIn("#", (await client.model(POLYP)).card)
            with self.assertRaises(lingula.InvalidArgument) as caught:
                await client.segment(b"no picture", threshold=2)
            self.assertEqual(caught.exception.violations[0].field, "threshold")
            with self.assertRaises(FileNotFoundError):
                await client.segment("no-such-file.png")

    async def test_a_cancelled_task_is_not_tried_again(self):
        async with lingula.AsyncClient(SERVER.target) as client:
            task = asyncio.create_task(client.segment(FILM))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task


class BatchTest(unittest.TestCase):
    def setUp(self):
        self.client = lingula.Client(SERVER.target)
        self.addCleanup(self.client.close)

    def test_one_that_fails_does_not_stop_the_others(self):
        images = [FILM, b"no picture", FILM, "no-such-file.png", FRAME]
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            items = list(lingula.segment_many(self.client, images, jobs=2, progress=True))
        self.assertEqual([item.image for item in items], images)
        self.assertEqual([item.error is None for item in items], [True, False, True, False, True])
        self.assertIsInstance(items[1].error, lingula.InvalidArgument)
        self.assertIsInstance(items[3].error, FileNotFoundError)
        self.assertIn("5/5, 2 failed, 0:00 left", said.getvalue())
        self.assertNotIn("a2eba651", repr(items[0]), "names of files may be names of patients")

    def test_memory_is_bounded_and_leaving_early_is_fine(self):
        asked = []

        class Images(list):
            def __iter__(self):
                for image in super().__iter__():
                    asked.append(image)
                    yield image

        items = lingula.segment_many(self.client, Images([FILM] * 20), jobs=2)
        next(items)
        self.assertLessEqual(len(asked), 5)
        items.close()

    def test_a_wrong_option_is_told(self):
        with self.assertRaisesRegex(TypeError, "treshold"):
            list(lingula.segment_many(self.client, [FILM], treshold=0.5))

    def test_find_images(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("b.JPG", "a.png", "a.mask.png", ".hidden.png", "notes.txt", "deep/c.jpeg"):
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                shutil.copy(FILM, path)
            for name in ("IM0001", "DICOMDIR"):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(bytes(128) + b"DICM")
            found = [path.name for path in lingula.find_images(folder)]
            self.assertEqual(found, ["IM0001", "a.png", "b.JPG"])
            self.assertEqual(len(lingula.find_images(folder, recursive=True)), 4)


if __name__ == "__main__":
    unittest.main()
