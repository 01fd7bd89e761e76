"use client";

import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import { bytesText } from "../ui/bytes.ts";
import classes from "./bar-chart.module.css";
import { type Tone, TonePattern, ToneSwatch } from "./tone.tsx";

/** What a bar is made of, from the bottom up. */
export interface BarSeries {
  label: string;
  tone: Tone;
}

/** One place on the axis. */
export interface BarColumn {
  /** As the tooltip and the table call it. */
  label: string;
  /** Under the axis; null leaves the place unlabelled. */
  tick: string | null;
  /** One for each series. */
  values: readonly number[];
  /** More about it, for the tooltip and the table. */
  notes?: readonly string[];
}

export interface BarChartProps {
  /** The chart's name. */
  label: string;
  /** What there is to see, in a sentence. */
  summary: string;
  /** What a column stands for: the first heading of the table. */
  heading: string;
  series: readonly BarSeries[];
  columns: readonly BarColumn[];
  unit?: "count" | "bytes";
  /** Stands in the chart while every value is zero. */
  empty: string;
  /** What the notes are: the last heading of the table. */
  notesHeading?: string;
}

/**
 * Stacked bars, drawn on the server: no script is needed to see them, and nothing moves when it comes. With a pointer,
 * or with the arrow keys, one goes from column to column and reads its values; the table below has all of them.
 */
export function BarChart({
  label,
  summary,
  heading,
  series,
  columns,
  unit = "count",
  empty,
  notesHeading,
}: BarChartProps) {
  const id = useId();
  const [at, setAt] = useState<number | null>(null);
  const text = unit === "bytes" ? bytesText : countText;
  const largest = Math.max(0, ...columns.map((column) => sum(column.values)));
  const end = axisEnd(largest);
  const width = 100 / Math.max(1, columns.length);
  const shown = at === null ? undefined : columns[at];

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * columns.length);
    setAt(Math.min(columns.length - 1, Math.max(0, place)));
  };
  const press = (event: KeyboardEvent) => {
    const last = columns.length - 1;
    const moves: Record<string, number | null> = {
      ArrowLeft: Math.max(0, (at ?? last + 1) - 1),
      ArrowDown: Math.max(0, (at ?? last + 1) - 1),
      ArrowRight: Math.min(last, (at ?? last - 1) + 1),
      ArrowUp: Math.min(last, (at ?? last - 1) + 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  };

  return (
    <figure className={classes.root} aria-label={label}>
      {series.length > 1 ? (
        <ul className={classes.legend}>
          {series.map((each) => (
            <li key={each.label}>
              <ToneSwatch tone={each.tone} id={`${id}-legend-${each.tone}`} />
              {each.label}
            </li>
          ))}
        </ul>
      ) : null}
      <div className={classes.chart}>
        <div className={classes.scale} aria-hidden>
          <span>{text(end)}</span>
          <span>{end > 1 ? text(end / 2) : ""}</span>
          <span>0</span>
        </div>
        <div
          className={classes.plot}
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-describedby={`${id}-summary`}
          aria-valuemin={1}
          aria-valuemax={columns.length}
          aria-valuenow={(at ?? columns.length - 1) + 1}
          aria-valuetext={columnWords(columns[at ?? columns.length - 1], series, text)}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(null)}
          onFocus={(event) => {
            if (event.currentTarget.matches(":focus-visible")) setAt((now) => now ?? columns.length - 1);
          }}
          onBlur={() => setAt(null)}
          onKeyDown={press}
        >
          <svg className={classes.bars} aria-hidden="true" focusable="false">
            <defs>
              {series.map((each) => (
                <TonePattern key={each.tone} tone={each.tone} id={`${id}-${each.tone}`} />
              ))}
            </defs>
            <line className={classes.grid} x1="0" x2="100%" y1="0" y2="0" />
            <line className={classes.grid} x1="0" x2="100%" y1="50%" y2="50%" />
            {at === null ? null : (
              <rect className={classes.band} x={`${at * width}%`} y="0" width={`${width}%`} height="100%" />
            )}
            {columns.map((column, index) => (
              <Stack
                key={column.label}
                left={index * width}
                width={width}
                heights={column.values.map((value) => (value / end) * 100)}
                fills={series.map((each) => `url(#${id}-${each.tone})`)}
              />
            ))}
            <line className={classes.axis} x1="0" x2="100%" y1="100%" y2="100%" />
          </svg>
          {largest === 0 ? <p className={classes.empty}>{empty}</p> : null}
          {shown && at !== null ? (
            <div
              className={classes.tooltip}
              style={{ left: `${(at + 0.5) * width}%`, transform: `translateX(${-(at + 0.5) * width}%)` }}
            >
              <strong>{shown.label}</strong>
              <ul>
                {series.map((each, index) => (
                  <li key={each.label}>
                    <ToneSwatch tone={each.tone} id={`${id}-tip-${each.tone}`} />
                    <span>{each.label}</span>
                    <span className={classes.value}>{text(shown.values[index] ?? 0)}</span>
                  </li>
                ))}
              </ul>
              {shown.notes?.map((note) => (
                <span key={note} className={classes.note}>
                  {note}
                </span>
              ))}
            </div>
          ) : null}
        </div>
        <svg className={classes.ticks} aria-hidden="true" focusable="false">
          {columns.map((column, index) =>
            column.tick === null ? null : (
              <text
                key={column.label}
                x={`${(index + 0.5) * width}%`}
                y="14"
                textAnchor={index >= columns.length - 1 ? "end" : "middle"}
              >
                {column.tick}
              </text>
            ),
          )}
        </svg>
      </div>
      <figcaption id={`${id}-summary`} className={classes.summary}>
        {summary}
      </figcaption>
      <details className={classes.details}>
        <summary>Show as table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must get there */}
        <section className={classes.scroll} tabIndex={0} aria-label={`${label}, table`}>
          <table aria-label={label}>
            <thead>
              <tr>
                <th scope="col">{heading}</th>
                {series.map((each) => (
                  <th key={each.label} scope="col" data-align="end">
                    {each.label}
                  </th>
                ))}
                {notesHeading ? <th scope="col">{notesHeading}</th> : null}
              </tr>
            </thead>
            <tbody>
              {columns.map((column) => (
                <tr key={column.label}>
                  <th scope="row">{column.label}</th>
                  {series.map((each, index) => (
                    <td key={each.label} data-align="end">
                      {text(column.values[index] ?? 0)}
                    </td>
                  ))}
                  {notesHeading ? <td>{column.notes?.join(", ")}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}

/** The share of a column's place that its bar takes. */
const barShare = 0.72;
/** What is there must be seen, however small beside the rest. In percent of the height. */
const leastHeight = 2;

function Stack({
  left,
  width,
  heights,
  fills,
}: {
  left: number;
  width: number;
  heights: readonly number[];
  fills: readonly string[];
}) {
  let top = 100;
  return heights.map((height, index) => {
    if (height <= 0) return null;
    const tall = Math.max(leastHeight, height);
    top -= tall;
    return (
      <rect
        key={fills[index]}
        className={classes.bar}
        x={`${left + (width * (1 - barShare)) / 2}%`}
        y={`${top}%`}
        width={`${width * barShare}%`}
        height={`${tall}%`}
        fill={fills[index]}
      />
    );
  });
}

function columnWords(
  column: BarColumn | undefined,
  series: readonly BarSeries[],
  text: (value: number) => string,
): string {
  if (!column) return "";
  const values = series.map(
    (each, index) => `${text(column.values[index] ?? 0)} ${each.label.toLowerCase()}`,
  );
  return [`${column.label}: ${values.join(", ")}`, ...(column.notes ?? [])].join("; ");
}

function countText(value: number): string {
  return value.toLocaleString("en");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The end of a chart's axis: the smallest round number that holds `largest`, and can be halved where numbers are whole. */
export function axisEnd(largest: number): number {
  if (largest <= 0) return 1;
  if (largest <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(largest));
  const steps = power === 1 ? [2, 4, 6, 8, 10] : [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];
  return (steps.find((step) => step * power >= largest) ?? 10) * power;
}
