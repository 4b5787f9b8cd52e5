"""What the console's page costs, measured in headless Chromium. From the repository's root:

    python3 tests/e2e/console/measure.py [--bin build/release/bin] [--video-seconds 120] [--shots FOLDER]

Prints a table: time from the start of the program to a page that is ready; from the answer's arrival to
the overlay on the screen, for films of several sizes; and memory over a video.
"""

import argparse
import base64
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import files  # noqa: E402
from cdp import Browser  # noqa: E402
from programs import Programs  # noqa: E402

ANSWERED = "!document.querySelector('#panels').hasAttribute('aria-busy') && document.querySelector('#times')"
DRAWN = "performance.getEntriesByName('answer to screen').map((entry) => entry.duration)"
BLOCKED = """(async () => { const gaps = []; let last = performance.now(); window.watching = true;
  const look = () => { const now = performance.now(); gaps.push(now - last); last = now; if (window.watching) { requestAnimationFrame(look); } else { window.gaps = gaps; } };
  requestAnimationFrame(look); })()"""
# The opened film at another size, as a JPEG file in base64.
RESIZED = """(async (side) => {
  const bitmap = await createImageBitmap(document.querySelector('#file').files[0]);
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, side, side);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  return new Promise((done) => { const reader = new FileReader(); reader.onload = () => done(reader.result.split(',')[1]); reader.readAsDataURL(blob); });
})"""
SIDES = (512, 1024, 2048, 4096)
MODELS = ("cxr-sgseg-compact", "cxr-prolearn-compact", "polyp-prolearn-compact")  # as deploy/server.textproto
RUNS = 15
FPS = 25


def row(name, *values):
    print(f"| {name} | " + " | ".join(values) + " |", flush=True)


def measure_start(programs, browser):
    """From the start of the program to a page that is ready, in a browser that runs already."""
    times = []
    for _ in range(5):
        start = time.monotonic()
        programs.start_console()
        page = browser.open(programs.url)
        page.wait("document.querySelector('#server.up')")
        times.append(time.monotonic() - start)
        programs.console.stop()
    row("start of the program to page ready, server known", f"{statistics.median(times):.2f} s")


def make_films(programs, page):
    page.set_file(files.FILM)
    page.wait(ANSWERED)
    return {side: files.write(programs.path(f"{side}.jpg"), base64.b64decode(page.run(f"{RESIZED}({side})"))) for side in SIDES}


def measure_overlays(page, films):
    for side, film in films.items():
        page.run("performance.clearMeasures()")
        for number in range(RUNS):
            page.set_file(film)
            page.wait(f"({DRAWN}).length === {number + 1} && {ANSWERED}")
        drawn = sorted(page.run(DRAWN))
        row(f"answer to overlay on the screen, {side} x {side}", f"{statistics.median(drawn):.1f} ms", f"{drawn[-1]:.1f} ms")


def measure_blocking(page, films):
    """Gaps between two frames of the page from the choice of a film to its overlay."""
    for side, film in films.items():
        page.set_file(files.OTHER_FILM)
        page.wait(ANSWERED)
        page.run(BLOCKED)
        page.set_file(film)
        page.wait(f"document.querySelector('#first-words').innerText.includes('{side} ') && {ANSWERED}")
        page.run("window.watching = false")
        page.wait("window.gaps")
        gaps = sorted(page.run("(() => { const { gaps } = window; delete window.gaps; return gaps; })()"))
        row(f"gap between frames of the page meanwhile, {side} x {side}", f"{statistics.median(gaps):.0f} ms", f"{gaps[-1]:.0f} ms")


def measure_video(programs, page, seconds, shots):
    frame = files.read(files.FRAME)
    video = files.write(programs.path("long.mjpeg"), frame * (seconds * FPS))
    page.run("(() => { document.querySelector('#policy').value = 'freshest'; })()")
    start = time.monotonic()
    page.set_file(video)
    page.wait("Number(document.querySelector('#frame-number').innerText) > 0")
    row("video chosen to first frame", f"{time.monotonic() - start:.2f} s")
    for share in (0.1, 0.25, 0.5, 0.75, 0.95):
        page.wait(f"Number(document.querySelector('#frame-number').innerText) > {share * seconds * FPS}", patience_s=seconds + 60)
        heap, resident = page.heap_bytes(), programs.console.resident_bytes()
        row(f"at {share:.0%} of {seconds} s", f"heap of the page {heap / 2**20:.1f} MiB", f"console {resident / 2**20:.0f} MiB",
            f"{page.text('#rate')} frames a second", f"latency {page.text('#latency')} ms, p95 {page.text('#latency95')} ms", page.text("#receipts"))
    if shots:
        page.screenshot(f"{shots}/console-video.png")
    page.wait("document.querySelector('#play').innerText === 'Play again'")
    row("at the end", page.text("#receipts"))


def take_shots(page, folder):
    os.makedirs(folder, exist_ok=True)
    page.set_file(files.FILM)
    page.run("(() => { const f = document.querySelector('#left'); f.value = 'patient-right'; f.dispatchEvent(new Event('change')); })()")
    page.wait(ANSWERED + " && document.querySelector('#sentence').innerText.includes('patient')"
              " && document.querySelector('#first-words').innerText.startsWith('a2eba651')")
    page.screenshot(f"{folder}/console-xray.png")
    page.set_file(files.FRAME)
    page.wait(ANSWERED + " && document.querySelector('#prototype-rows')")
    page.screenshot(f"{folder}/console-endoscopy.png")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--bin", default="build/release/bin")
    arguments.add_argument("--video-seconds", type=int, default=120, help="0: no video")
    arguments.add_argument("--shots", help="folder for pictures of the page")
    options = arguments.parse_args()
    programs = Programs(options.bin, MODELS)
    browser = Browser()
    try:
        programs.start_server()
        measure_start(programs, browser)
        programs.start_console()
        page = browser.open(programs.url)
        page.wait("document.querySelector('#server.up') && document.querySelector('#model').options.length > 1")
        films = make_films(programs, page)
        measure_overlays(page, films)
        measure_blocking(page, films)
        if options.shots:
            take_shots(page, options.shots)
        if options.video_seconds:
            measure_video(programs, page, options.video_seconds, options.shots)
    finally:
        browser.close()
        programs.stop()


if __name__ == "__main__":
    main()
