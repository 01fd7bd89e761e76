import { overviewDays } from "#lib/limits";
/** `98 %`, `99.7 %`, `–`: never rounded up to a perfect 100, nor down to 0. */
export function percentText(rate: number | null): string {
  if (rate === null) return "–";
  if (rate === 0 || rate === 1) return `${rate * 100} %`;
  const percent = Math.min(99.9, Math.max(0.1, Math.round(rate * 1000) / 10));
  return `${percent >= 95 || percent < 1 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** A change against the time before; null when one of both has no rate. */
export interface Trend {
  direction: "up" | "down" | "same";
  words: string;
}

/** How a success rate has moved, in percentage points. */
export function trendOf(now: number | null, before: number | null): Trend | null {
  if (now === null || before === null) return null;
  const points = Math.round((now - before) * 1000) / 10;
  if (points === 0) return { direction: "same", words: `as in the ${overviewDays} days before` };
  const size = Math.abs(points);
  const unit = size === 1 ? "point" : "points";
  return points > 0
    ? { direction: "up", words: `up ${size} ${unit} on the ${overviewDays} days before` }
    : { direction: "down", words: `down ${size} ${unit} on the ${overviewDays} days before` };
}

/** `43 ×`, `1.4 ×`: how many times larger plain files would be. */
export function ratioText(ratio: number): string {
  return `${ratio < 9.95 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString("en")} ×`;
}
