// Draws a chart from the table beneath it, so that both always say the same.
(() => {
  const drawn = new Map();
  const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 6 });
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const read = (table) => {
    const names = [...table.tHead.rows[0].cells].slice(1).filter((cell) => !cell.dataset.aside);
    const rows = [...table.tBodies[0].rows];
    const heads = rows.map((row) => row.cells[0]);
    return {
      heads,
      labels: heads.map((head) => head.dataset.short ?? head.textContent.trim()),
      series: names.map((cell) => ({
        name: cell.textContent.trim(),
        values: rows.map((row) => Number(row.cells[cell.cellIndex].dataset.value)),
      })),
    };
  };

  /** An hour is also told in local time, as its tooltip in the table has it. */
  const tooltip = (heads) => ({
    backgroundColor: colour('--surface'),
    bodyColor: colour('--text'),
    borderColor: colour('--line'),
    borderWidth: 1,
    boxPadding: 4,
    callbacks: {
      footer: (items) => `Together ${money.format(items.reduce((sum, item) => sum + item.parsed.y, 0))}`,
      title: ([item]) => heads[item?.dataIndex]?.querySelector('time')?.title.split(' · ') ?? item?.label,
      label: ({ dataset, parsed }) => ` ${dataset.label}: ${money.format(parsed.y)}`,
    },
    filter: ({ parsed }) => parsed.y !== 0,
    footerColor: colour('--text'),
    itemSort: (one, other) => other.parsed.y - one.parsed.y,
    mode: 'index',
    padding: 10,
    titleColor: colour('--muted'),
  });

  const options = (heads) => ({
    animation: false,
    interaction: { intersect: false, mode: 'index' },
    maintainAspectRatio: false,
    plugins: {
      legend: {
        labels: {
          boxHeight: 10,
          boxWidth: 10,
          color: colour('--text'),
          padding: 14,
          useBorderRadius: true,
          borderRadius: 3,
        },
        position: 'bottom',
      },
      tooltip: tooltip(heads),
    },
    scales: {
      x: {
        border: { display: false },
        grid: { display: false },
        stacked: true,
        ticks: {
          // Rows that say so have a mark of their own on the axis, or none.
          callback(value) {
            return (heads[value].dataset.mark ?? this.getLabelForValue(value)) || null;
          },
          color: colour('--muted'),
          maxRotation: 0,
          autoSkipPadding: 16,
        },
      },
      y: {
        beginAtZero: true,
        border: { display: false },
        grid: { color: colour('--line') },
        stacked: true,
        ticks: { callback: (value) => money.format(value), color: colour('--muted'), maxTicksLimit: 6 },
      },
    },
  });

  const draw = (figure) => {
    const canvas = figure.querySelector('canvas');
    const { heads, labels, series } = read(figure.querySelector('table'));
    drawn.get(canvas)?.destroy();
    const datasets = series.map(({ name, values }, index) => ({
      backgroundColor: colour(`--series-${(index % 8) + 1}`),
      borderRadius: 2,
      data: values,
      label: name,
      maxBarThickness: 34,
    }));
    drawn.set(canvas, new Chart(canvas, { type: 'bar', data: { labels, datasets }, options: options(heads) }));
  };

  const drawAll = () => {
    for (const [canvas, chart] of drawn) {
      if (canvas.isConnected) continue;
      chart.destroy();
      drawn.delete(canvas);
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    for (const figure of document.querySelectorAll('.chart')) draw(figure);
  };

  document.addEventListener('htmx:after:swap', drawAll);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  drawAll();
})();
