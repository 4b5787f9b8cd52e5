"""The console's page in headless Chromium, before a real server. From the repository's root:

    python3 tests/e2e/console/page_test.py BIN_FOLDER [NAME...]
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import files  # noqa: E402
from page_case import ANSWERED, PageCase, main  # noqa: E402

# What the first pane shows, as ImageData; and the colour at shares of its width and height.
DATA = """(() => { const c = document.querySelector('#first'); const copy = new OffscreenCanvas(c.width, c.height);
  const g = copy.getContext('2d', { willReadFrequently: true }); g.drawImage(c, 0, 0); return g.getImageData(0, 0, c.width, c.height); })()"""
PIXEL = f"""((x, y) => {{ const d = {DATA}; const at = 4 * (Math.round(y * d.height) * d.width + Math.round(x * d.width));
  return [...d.data.slice(at, at + 3)]; }})"""
# The middle of the longest row of orange pixels.
INSIDE = f"""(() => {{ const d = {DATA}; let best = [0, 0, 0];
  for (let y = 0; y < d.height; ++y) {{ let run = 0; for (let x = 0; x < d.width; ++x) {{ const at = 4 * (y * d.width + x);
    run = d.data[at] - d.data[at + 2] > 40 ? run + 1 : 0; if (run > best[0]) {{ best = [run, x - run / 2, y]; }} }} }}
  return best[0] > 20 ? [best[1] / d.width, best[2] / d.height] : null; }})()"""
# Another file, made from the opened one in the page and dropped on it.
DROP_MADE = """(async (width, height, type, name) => {
  const bitmap = await createImageBitmap(document.querySelector('#file').files[0]);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, width, height);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob({ type, quality: 0.9 })], name));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
})"""


class PageTest(PageCase):
    def test_shows_an_xray_with_all_that_the_answer_says(self):
        page = self.page
        self.open(files.FILM)
        self.assertIn("of the image", page.text("#sentence"))
        self.assertNotIn("patient", page.text("#sentence"))  # nobody said whose side is shown
        self.assertIn("since the picture is grey", page.text("#panels"))
        self.assertRegex(page.text("#dice"), r"^0\.\d\d$")
        self.assertIn("9 of 10 such pictures", page.text("#dice-words"))
        self.assertTrue(page.run("Boolean(document.querySelector('[data-flag=LOSSY_INPUT]'))"))
        self.assertIn("lung", page.text("#report"))
        self.assertEqual(page.run("document.querySelectorAll('#zone-rows svg').length"), 6)
        self.assertRegex(page.text("#second-dice"), r"^[01]\.\d\d$")
        self.assertIn("Network", page.text("#times"))
        self.assertIn("Drawing here", page.text("#times"))
        self.assertIn("research", page.text("#notice").lower())
        self.assertEqual(page.text("#side-left"), "image left")
        self.choose("#left", "patient-right")
        page.wait("document.querySelector('#sentence').innerText.includes('patient')")
        self.assertEqual(page.text("#side-left"), "image left, patient's right")

    def test_layers_follow_the_controls(self):
        page = self.page
        self.open(files.FILM)
        inside = page.run(INSIDE)
        self.assertIsNotNone(inside, "no orange mask is drawn")
        pixel = f"{PIXEL}({inside[0]}, {inside[1]})"
        set_opacity = ("(async (value) => { const s = document.querySelector('#opacity'); s.value = value;"
                       "s.dispatchEvent(new Event('input')); await new Promise(requestAnimationFrame);"
                       "await new Promise(requestAnimationFrame); return " + pixel + "; })")
        page.click("#contour")
        bare, full = page.run(f"{set_opacity}(0)"), page.run(f"{set_opacity}(100)")
        self.assertLess(max(bare) - min(bare), 12, "without mask a film is grey")
        self.assertGreater(full[0] - full[2], 150, "at 100 % the mask hides the film")
        page.click("#zones")
        page.click("input[value=probability]")
        page.wait("!document.querySelector('#ramp').hidden")
        seen = page.run(f"(async () => {{ await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); return {pixel}; }})()")
        self.assertGreater(seen[1], 60, "inside the mask probabilities are green to yellow")
        page.click("input[value=pair]")
        page.wait("document.querySelector('#second').width > 300 && document.querySelector('#first').width < 600")

    def test_zooms_to_single_pixels_and_back(self):
        page = self.page
        self.open(files.FILM)
        fitted = page.text("#zoom-words")
        page.click("#zoom-native")
        page.wait("document.querySelector('#zoom-words').innerText === '100 %'")
        box = page.run("(({x, y, width, height}) => [x + width / 2, y + height / 2])(document.querySelector('#first').getBoundingClientRect())")
        page.send("Input.dispatchMouseEvent", type="mouseWheel", x=box[0], y=box[1], deltaX=0, deltaY=-600)
        page.wait("parseInt(document.querySelector('#zoom-words').innerText) > 250")
        page.run("document.querySelector('#first').focus()")
        before = page.run(f"{PIXEL}(0.5, 0.5)")
        for _ in range(6):
            page.key("ArrowRight")
        page.wait(f"JSON.stringify({PIXEL}(0.5, 0.5)) !== '{before}'.replaceAll(' ', '')")
        page.key("0")
        page.wait(f"document.querySelector('#zoom-words').innerText === '{fitted}'")

    def test_shows_the_prototypes_of_an_endoscopy_picture(self):
        self.page.drop(files.FRAME, 400, 400)
        self.page.wait(ANSWERED)
        self.assertIn("since the picture is in colour", self.page.text("#panels"))
        self.assertIn("polyp-prolearn-compact", self.page.run("document.querySelector('#panels').textContent"))
        self.assertGreater(self.page.run("document.querySelectorAll('#prototype-rows svg').length"), 0)
        self.assertTrue(self.page.run("document.querySelector('#zones-field').hidden && document.querySelector('#sides').hidden"))
        self.choose("#model", "cxr-sgseg-compact@1")
        self.page.wait("document.querySelector('#panels').textContent.includes('cxr-sgseg-compact@1')")

    def test_shows_the_card_of_a_model(self):
        self.choose("#model", "polyp-prolearn-compact@1")
        self.page.click("#card")
        self.page.wait("document.querySelectorAll('#card-text table td').length > 4")
        self.assertIn("Research use only", self.page.text("#card-text"))
        self.assertNotIn("|", self.page.text("#card-text table"))
        self.page.key("Escape")
        self.page.wait("!document.querySelector('#card-dialog').open")

    def test_shows_a_dicom_film_as_the_server_sees_it(self):
        page = self.page
        film = files.dicom([files.read(files.FILM)], 1024, 1024, colour=False)
        self.open(files.write(self.programs.path("film.dcm"), film))
        self.assertIn("DICOM modality DX", page.text("#panels"))
        self.assertIn("patient", page.text("#sentence"))
        self.assertEqual(page.text("#side-left"), "image left, patient's right")
        self.assertTrue(page.run("document.querySelector('#frames').hidden"))
        lit = page.run(f"(() => {{ const d = {DATA}.data; let sum = 0; for (let i = 1; i < d.length; i += 4) {{ sum += d[i]; }} return 4 * sum / d.length; }})()")
        self.assertGreater(lit, 30)
        self.assertNotIn("MARKER", page.run("document.documentElement.outerHTML"))

    def test_shows_pixels_as_the_server_reads_them(self):
        page = self.page
        self.open(files.write(self.programs.path("turned.jpg"), files.turned_by_exif(files.read(files.FRAME))))
        self.assertIn("512 × 400", page.text("#first-words"))
        # 16 bits, but dark but for the server's stretching from the least to the most.
        page.set_file(files.write(self.programs.path("deep.png"), files.png_of_16_bits(64, 1000, 4000)))
        page.wait("document.querySelector('#first-words').innerText.startsWith('deep.png') && " + ANSWERED)
        page.click("#contour")
        page.run("(() => { const s = document.querySelector('#opacity'); s.value = 0; s.dispatchEvent(new Event('input')); })()")
        page.wait(f"Math.max(...{PIXEL}(0.7, 0.9)) > 150 && Math.max(...{PIXEL}(0.3, 0.1)) < 90")

    def test_goes_through_the_frames_of_a_dicom_file(self):
        page = self.page
        frame = files.read(files.FRAME)
        clip = files.dicom([frame] * 3, 512, 400, colour=True)
        self.open(files.write(self.programs.path("clip.dcm"), clip))
        self.assertEqual(page.text("#frame-words"), "frame 1 of 3")
        page.click("#frame-on")
        page.wait("document.querySelector('#frame-words').innerText === 'frame 2 of 3'")
        page.run("(() => { const s = document.querySelector('#frame'); s.value = 3; s.dispatchEvent(new Event('change')); })()")
        page.wait("document.querySelector('#frame-words').innerText === 'frame 3 of 3'")

    def test_says_what_to_do_about_wrong_files(self):
        page = self.page
        page.set_file(files.write(self.programs.path("letter.png"), b"Dear colleague, " * 400))
        self.wait_for_problem("“letter.png” is neither a picture nor a video")
        self.assertIn("was not sent anywhere", page.text("#problem"))
        page.set_file(files.write(self.programs.path("none.jpg"), b""))
        self.wait_for_problem("is empty")
        page.set_file(files.write(self.programs.path("half.jpg"), files.read(files.FILM)[:9000]))
        self.wait_for_problem("The server cannot use this file")
        self.assertIn("Try again", page.text("#problem"))
        report = files.dicom([b"\xff\xd8\xff"], 512, 400, colour=True)
        page.set_file(files.write(self.programs.path("broken.dcm"), report))
        self.wait_for_problem("The server")
        page.set_file(files.write(self.programs.path("broken.avi"), b"RIFF\0\0\0\0AVI LIST" + b"\0" * 4000))
        self.wait_for_problem("damaged")
        self.open(files.OTHER_FILM)
        self.assertTrue(page.run("document.querySelector('#problem').hidden"))

    def test_shows_a_film_of_4096_pixels(self):
        page = self.page
        self.open(files.FILM)
        page.run(f"{DROP_MADE}(4096, 4096, 'image/jpeg', 'large.jpg')")
        page.wait("document.querySelector('#first-words').innerText.includes('4096 × 4096') && " + ANSWERED)
        self.assertRegex(page.text("#dice"), r"^0\.\d\d$")
        page.click("input[value=probability]")
        page.wait("!document.querySelector('#ramp').hidden")

    def test_works_by_keyboard_alone(self):
        page = self.page
        self.open(files.FILM)
        page.key("2")
        page.wait("document.querySelector('input[value=probability]').checked && !document.querySelector('#ramp').hidden")
        page.key("1")
        page.key("z")
        page.wait("document.querySelector('#zones').checked")
        reached = set()
        for _ in range(40):
            page.key("Tab")
            reached.add(page.run("document.activeElement.id || document.activeElement.name || document.activeElement.className"))
        for control in ("model", "card", "left", "open", "view", "opacity", "contour", "zones", "zoom-in", "zoom-reset", "first"):
            self.assertIn(control, reached)


if __name__ == "__main__":
    main()
