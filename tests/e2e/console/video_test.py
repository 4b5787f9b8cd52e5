"""Videos in the console's page, a server that goes and comes back, and how the page looks. From the repository's root:

    python3 tests/e2e/console/video_test.py BIN_FOLDER [NAME...]
"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import files  # noqa: E402
from page_case import ANSWERED, BIN, PageCase, main  # noqa: E402

FRAMES = 60
ENDED = "document.querySelector('#play').innerText === 'Play again'"
NUMBER = "Number(document.querySelector('#frame-number').innerText)"
HEAP_GROWTH = 6 << 20
# Text whose contrast to what is behind it is below WCAG AA, as "words: ratio".
CONTRAST = """(() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length === 3 ? [...m, 1] : m; };
  const light = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const behind = (node) => { for (let n = node; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c[3] > 0.8) { return c; } } return [13, 17, 22, 1]; };
  const bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || node.closest('[hidden], option, select, svg, dialog:not([open]), .sr') || !node.getClientRects().length) { continue; }
    const style = getComputedStyle(node); const [a, b] = [light(parse(style.color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) { bad.push(`${walk.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`); }
  }
  return bad; })()"""
# Elements that reach out of the window or that nobody's finger hits.
OUTSIDE = """[...document.querySelectorAll('button, select, input, output, h1, h2, p, canvas')].filter((node) => {
  if (node.closest('[hidden], dialog:not([open]), .results, .sr, .segmented, .skip') || !node.getClientRects().length) { return false; }
  const box = node.getBoundingClientRect(); return box.left < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.top < -1;
}).map((node) => node.id || node.innerText)"""
SMALL = """[...document.querySelectorAll('button, select')].filter((node) => !node.closest('[hidden], dialog:not([open])') &&
  node.getClientRects().length && node.getBoundingClientRect().height < 44).map((node) => node.id || node.innerText)"""


class VideoTest(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.video = cls.make_video()

    @classmethod
    def make_video(cls):
        """Motion JPEG in an AVI file, by the video writer of `lingula stream`: Chromium cannot play it."""
        frames = cls.programs.path("frames")
        os.mkdir(frames)
        for number in range(FRAMES):
            shutil.copy(files.FRAME, f"{frames}/{number:03}.jpg")
        video = cls.programs.path("video.avi")
        subprocess.run([f"{BIN}/lingula", "stream", frames, "--server", f"127.0.0.1:{cls.programs.port}", "--model",
                        "polyp-prolearn-compact", "--fps", "0", "--out", video], check=True, stdout=subprocess.DEVNULL)
        return video

    def receipts(self):
        return [int(word) for word in self.page.text("#receipts").split() if word.isdigit()]

    def test_plays_a_video_with_a_receipt_for_every_frame(self):
        page = self.page
        page.set_file(self.video)
        page.wait(f"{NUMBER} > 5")
        page.click("#play")
        page.wait("document.querySelector('#play').innerText === 'Go on'")
        page.click("#play")
        page.wait(ENDED)
        self.assertEqual(sum(self.receipts()), FRAMES)
        self.assertGreater(float(page.text("#latency")), 0)
        self.assertIn("polyp-prolearn-compact@1", page.text("#video-note"))
        self.assertTrue(page.run("document.querySelector('input[value=probability]').disabled"))
        self.choose("#policy", "every-frame")
        page.wait(f"{NUMBER} > 0 && !({ENDED})")
        page.wait(ENDED)
        self.assertEqual(self.receipts(), [FRAMES, 0])

    def test_memory_does_not_grow_with_the_frames(self):
        page = self.page
        self.choose("#policy", "every-frame")
        page.set_file(self.video)
        page.wait(f"{NUMBER} > 20")
        before = page.heap_bytes()
        page.wait(ENDED)
        self.assertLess(page.heap_bytes() - before, HEAP_GROWTH)

    def test_another_file_ends_the_video(self):
        page = self.page
        page.set_file(self.video)
        page.wait(f"{NUMBER} > 2")
        page.set_file(files.FILM)
        page.wait(ANSWERED)
        self.assertIn("1024 × 1024", page.text("#first-words"))
        self.assertTrue(page.run("document.querySelector('#video').hidden"))

    def test_waits_for_a_server_that_is_away_and_goes_on(self):
        page = self.page
        self.programs.server.stop()
        page.wait("document.querySelector('#server.away')")
        self.assertIn("does not answer", page.text("#server-words"))
        page.set_file(files.FILM)
        self.wait_for_problem("The server does not answer")
        page.click("#zoom-native")  # the picture itself is there, and moves
        page.wait("document.querySelector('#zoom-words').innerText === '100 %'")
        self.programs.start_server()
        page.wait("document.querySelector('#server.up')")
        page.wait(ANSWERED)
        self.assertTrue(page.run("document.querySelector('#problem').hidden"))

    def test_says_when_the_server_goes_during_a_video(self):
        page = self.page
        self.choose("#policy", "every-frame")
        page.set_file(self.video)
        page.wait(f"{NUMBER} > 2")
        self.programs.server.process.kill()
        self.wait_for_problem("The server does not answer")
        self.programs.server.stop()
        self.programs.start_server()
        page.wait(ENDED + " && document.querySelector('#problem').hidden")
        self.assertEqual(self.receipts(), [FRAMES, 0])

    def test_fits_the_screens_it_is_made_for_and_is_readable(self):
        page = self.page
        for width, height, touch in ((1280, 720, False), (1024, 768, True)):
            page.resize(width, height, touch)
            self.assertEqual(page.run(OUTSIDE), [], f"{width} x {height}, empty")
            page.set_file(files.FILM)
            page.wait(ANSWERED)
            self.assertEqual(page.run(OUTSIDE), [], f"{width} x {height}")
            self.assertEqual(page.run(CONTRAST), [])
            self.assertGreater(page.run("document.querySelector('#stage').getBoundingClientRect().height"), 440)
            if touch:
                self.assertEqual(page.run(SMALL), [])
            page.set_file(files.write(self.programs.path("letter.png"), b"Dear colleague"))
            page.wait("!document.querySelector('#problem').hidden")
            self.assertEqual(page.run(CONTRAST), [])
            page.load(self.programs.url)


if __name__ == "__main__":
    main()
