import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from './theme.tsx';

export interface ChartProps {
  /** Epoch seconds. */
  readonly times: readonly number[];
  /** One line each, the most important first. */
  readonly lines: readonly (readonly number[])[];
  readonly color: string;
  readonly height: number;
  format(value: number): string;
}

/** A drawing beside a number that says the same: for the eyes alone. */
export function Chart({ times, lines, color, height, format }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const look = theme.value;
  useEffect(() => {
    const element = place.current!;
    const plot = new uPlot(
      options({ width: element.clientWidth, height, lines: lines.length, color, format, element }),
      dataOf(times, lines),
      element,
    );
    chart.current = plot;
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [look, color, height, lines.length]);
  useEffect(() => chart.current?.setData(dataOf(times, lines)), [times, lines]);
  return <div ref={place} aria-hidden="true" />;
}

const dataOf = (times: readonly number[], lines: readonly (readonly number[])[]) =>
  [times, ...lines] as unknown as uPlot.AlignedData;

interface Look {
  readonly width: number;
  readonly height: number;
  readonly lines: number;
  readonly color: string;
  readonly element: HTMLElement;
  format(value: number): string;
}

function options(look: Look): uPlot.Options {
  const { width, height, lines, color, element, format } = look;
  const stroke = colorOf(element, color);
  const faint = colorOf(element, '--ink-3');
  const grid = colorOf(element, '--line');
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  return {
    width,
    height,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // A line of zeros lies at the bottom; small numbers are not blown up into mountains.
      y: { range: (_, __, max) => [0, Math.max(max * 1.15, 1)] },
    },
    axes: [
      {
        stroke: faint,
        font,
        size: 28,
        gap: 8,
        space: 90,
        grid: { show: false },
        ticks: { show: false },
        values: (_, splits) => splits.map((at) => timeOf(at)),
      },
      {
        stroke: faint,
        font,
        size: 44,
        gap: 6,
        space: 36,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...Array.from({ length: lines }, (_, index) => ({
        stroke: index === 0 ? stroke : faint,
        width: index === 0 ? 1.75 : 1,
        ...(index === 0 && { fill: translucent(stroke) }),
        points: { show: false },
      })),
    ],
  };
}

function timeOf(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A custom property as a canvas understands it: resolved, and of the theme in force. */
function colorOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const translucent = (color: string) =>
  color.replace(/^rgb\((.*)\)$/, (_, parts: string) => `rgba(${parts}, 0.1)`);
