/** One measured number, with what the project promises. */
export interface Figure {
  figure: string;
  value: number;
  unit: string;
  /** What the project promises; null where nothing is promised. */
  bound: { at: "least" | "most"; value: number } | null;
  /** How it was measured, and what it is made of. */
  how: string;
}

/** Prints figures as they come, and remembers whether every promise was kept. */
export class FigurePrinter {
  missed = 0;

  readonly print = ({ figure, value, unit, bound, how }: Figure): void => {
    const met = !bound || (bound.at === "least" ? value >= bound.value : value <= bound.value);
    if (!met) this.missed += 1;
    const wanted = bound ? ` (at ${bound.at} ${bound.value}: ${met ? "met" : "MISSED"})` : "";
    console.log(`${figure}: ${value.toFixed(value < 100 ? 2 : 0)} ${unit}${wanted}\n  ${how}`);
  };
}

/** The value below which this share of the values lies: `quantile(values, 0.99)`. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
