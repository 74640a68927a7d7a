const SECONDS = 60;
const WIDTH = 300;
const HEIGHT = 64;

/** Orders per second over the last minute. */
export function createSparkline(svg, rate, peak) {
  const samples = Array.from({ length: SECONDS }, () => 0);
  let total;
  let lastTotal;

  function draw() {
    const top = Math.max(...samples, 1);
    const points = samples.map((sample, index) => {
      const x = (index / (SECONDS - 1)) * WIDTH;
      const y = HEIGHT - 3 - (sample / top) * (HEIGHT - 8);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    svg.querySelector('.line').setAttribute('d', `M${points.join('L')}`);
    svg.querySelector('.area').setAttribute('d', `M0,${HEIGHT}L${points.join('L')}L${WIDTH},${HEIGHT}Z`);
    rate.textContent = String(samples.at(-1));
    peak.textContent = `peak ${Math.max(...samples)}`;
  }

  setInterval(() => {
    samples.push(total === undefined ? 0 : total - lastTotal);
    samples.shift();
    lastTotal = total;
    draw();
  }, 1_000);
  draw();

  return {
    count(consumed) {
      total = consumed;
      lastTotal ??= consumed;
    },
    reset() {
      total = undefined;
      lastTotal = undefined;
    },
  };
}
