// Probabilities as colours.

// 256 pixels as ImageData holds them, from the stops of /api/about.
function table(ramp) {
  const pixels = new Uint8ClampedArray(256 * 4);
  for (let p = 0; p < 256; ++p) {
    const at = p / 255 * (ramp.length - 1);
    const step = Math.min(Math.floor(at), ramp.length - 2);
    for (let channel = 0; channel < 3; ++channel) {
      pixels[4 * p + channel] = ramp[step][channel] * (1 - at + step) + ramp[step + 1][channel] * (at - step);
    }
    pixels[4 * p + 3] = 255;
  }
  return new Uint32Array(pixels.buffer);
}

function canvasOf(width, height, pixels) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
  return canvas;
}

export function probabilityCanvas(bytes, width, height, ramp) {
  const colours = table(ramp);
  const pixels = new Uint32Array(width * height);
  for (let i = 0; i < pixels.length; ++i) { pixels[i] = colours[bytes[i]]; }
  return canvasOf(width, height, pixels);
}

export function drawRamp(canvas, ramp) {
  canvas.getContext('2d').drawImage(canvasOf(256, 1, table(ramp)), 0, 0);
}
