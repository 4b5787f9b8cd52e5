// The six zones where they lie in most pictures, with the network's probability of each.

// `zones`: {places: of /api/about, probabilities: six, image left from above, then image right}.
export function drawZones(context, zones, picture, perPixel) {
  const { places, probabilities } = zones;
  const { width, height } = picture;
  const ends = [0, places.upper_end, places.middle_end, 1];
  const middle = width * places.midline;
  context.save();
  context.lineWidth = 1.2 / perPixel;
  context.strokeStyle = '#ffffff8c';
  context.setLineDash([5 / perPixel, 6 / perPixel]);
  context.beginPath();
  context.moveTo(middle, 0);
  context.lineTo(middle, height);
  for (const end of ends.slice(1, 3)) {
    context.moveTo(0, height * end);
    context.lineTo(width, height * end);
  }
  context.stroke();
  context.setLineDash([]);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  probabilities.forEach((probability, i) => {
    const on = probability >= places.threshold;
    context.font = `${on ? 600 : 400} ${15 / perPixel}px system-ui, sans-serif`;
    const x = i < 3 ? middle / 2 : (middle + width) / 2;
    const y = height * (ends[i % 3] + ends[i % 3 + 1]) / 2;
    const text = `${Math.round(100 * probability)} %`;
    context.strokeStyle = '#000c';
    context.lineWidth = 4 / perPixel;
    context.strokeText(text, x, y);
    context.fillStyle = on ? '#ffc67c' : '#fff';
    context.fillText(text, x, y);
  });
  context.restore();
}
