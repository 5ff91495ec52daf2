// Draws the tank's temperatures: the curve, the limits as a band, the spans without readings hatched.
(() => {
  const box = document.querySelector("[data-chart]");
  if (!box || typeof uPlot === "undefined") return;
  const told = JSON.parse(box.dataset.chart);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // A reading beside a gap is followed by nothing: the line breaks there.
  const times = [];
  const values = [];
  told.times.forEach((time, place) => {
    const gap = told.gaps.find(([from]) => from === told.times[place - 1]);
    if (gap) {
      times.push(gap[0] + 1);
      values.push(null);
    }
    times.push(time);
    values.push(told.values[place] / 1000);
  });

  function hatch(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const step = 8 * devicePixelRatio;
    for (const [from, to] of told.gaps) {
      const left = plot.valToPos(from, "x", true);
      const right = plot.valToPos(to, "x", true);
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      ctx.globalAlpha = 0.55;
      ctx.strokeStyle = "#b9822a";
      ctx.lineWidth = 1.2 * devicePixelRatio;
      for (let x = left - bbox.height; x < right; x += step) {
        ctx.beginPath();
        ctx.moveTo(x, bbox.top + bbox.height);
        ctx.lineTo(x + bbox.height, bbox.top);
        ctx.stroke();
      }
      ctx.restore();
    }
    ctx.restore();
  }

  function limits(plot) {
    const { ctx, bbox } = plot;
    const at = (value) => plot.valToPos(value / 1000, "y", true);
    const bottom = bbox.top + bbox.height;
    const clamp = (y) => Math.min(bottom, Math.max(bbox.top, y));
    if (told.high === null && told.low === null) return;
    const high = told.high === null ? bbox.top : clamp(at(told.high));
    const low = told.low === null ? bottom : clamp(at(told.low));
    ctx.save();
    ctx.globalAlpha = dark.matches ? 0.22 : 0.5;
    ctx.fillStyle = colour("--ok-soft");
    ctx.fillRect(bbox.left, high, bbox.width, low - high);
    ctx.globalAlpha = 0.9;
    ctx.strokeStyle = colour("--ok");
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const [value, y] of [[told.high, high], [told.low, low]]) {
      if (value === null || y <= bbox.top || y >= bottom) continue;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  }

  const zoned = (stamp) => uPlot.tzDate(new Date(stamp * 1000), told.zone);
  const clock = new Intl.DateTimeFormat(told.language, { timeZone: told.zone, hour: "2-digit", minute: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat(told.language, { timeZone: told.zone, month: "numeric", day: "numeric" });

  function range(_plot, least, most) {
    const all = [least, most, told.high === null ? most : Math.min(told.high / 1000, most + 3), told.low === null ? least : Math.max(told.low / 1000, least - 3)];
    const low = Math.min(...all);
    const high = Math.max(...all);
    const room = Math.max(0.5, (high - low) * 0.12);
    return [low - room, high + room];
  }

  function axis() {
    return { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
  }

  function draw() {
    box.replaceChildren();
    new uPlot(
      {
        width: box.clientWidth - 16,
        height: 220,
        tzDate: zoned,
        legend: { show: false },
        cursor: { points: { size: 7 }, drag: { x: false, y: false } },
        scales: { x: { time: true, range: [told.from, told.to] }, y: { range } },
        axes: [
          {
            ...axis(),
            space: 64,
            values: (_plot, splits) =>
              splits.map((stamp, place) => {
                const at = new Date(stamp * 1000);
                const fresh = place === 0 || day.format(at) !== day.format(new Date(splits[place - 1] * 1000));
                return fresh ? `${clock.format(at)}\n${day.format(at)}` : clock.format(at);
              }),
            size: 44,
          },
          { ...axis(), size: 46, values: (_plot, splits) => splits.map((value) => `${value}°`) },
        ],
        series: [
          {},
          { label: told.texts.value, stroke: colour("--sea"), width: 2, points: { show: told.values.length < 12, size: 6 }, spanGaps: false },
        ],
        hooks: { drawClear: [limits], draw: [hatch] },
      },
      [times, values],
      box,
    );
  }

  draw();
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) {
      width = box.clientWidth;
      draw();
    }
  }).observe(box);
  dark.addEventListener("change", draw);
})();
