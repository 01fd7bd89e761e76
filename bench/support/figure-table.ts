import { availableParallelism, loadavg } from "node:os";

/** A figure of a bench, with what the project promises. */
interface Row {
  figure: string;
  /** The number with its unit, as people read it. */
  value: string;
  /** Empty where nothing is promised. */
  target: string;
  met: boolean | null;
}

const widths = { figure: 52, value: 30, target: 14 };

/** Prints figures as the lines of a table, as they come, and remembers whether every promise was kept. */
export class FigureTable {
  missed = 0;

  /** Begins a part of the table, and warns when others keep the machine busy. */
  section(title: string): void {
    const [load = 0] = loadavg();
    const busy =
      load > availableParallelism() + 1
        ? ` (the machine is busy, load ${load.toFixed(1)}: slower than it is)`
        : "";
    console.log(`\n${title}${busy}`);
  }

  /** A figure that must be at most `target`; null where nothing is promised. */
  atMost(figure: string, value: number, unit: string, target: number | null, more = ""): void {
    this.#print({
      figure,
      value: `${round(value)} ${unit}${more}`,
      target: target === null ? "" : `<= ${target} ${unit}`,
      met: target === null ? null : value <= target,
    });
  }

  /** A figure that must be at least `target`; null where nothing is promised. */
  atLeast(figure: string, value: number, unit: string, target: number | null, more = ""): void {
    this.#print({
      figure,
      value: `${round(value)}${unit && ` ${unit}`}${more}`,
      target: target === null ? "" : `>= ${target}${unit && ` ${unit}`}`,
      met: target === null ? null : value >= target,
    });
  }

  /** Something that is so, or is not. */
  holds(figure: string, met: boolean, words: string): void {
    this.#print({ figure, value: words, target: "", met });
  }

  note(words: string): void {
    console.log(`  ${words}`);
  }

  #print({ figure, value, target, met }: Row): void {
    if (met === false) this.missed += 1;
    const verdict = met === null ? "" : met ? "ok" : "NOT OK";
    console.log(
      `  ${figure.padEnd(widths.figure)} ${value.padEnd(widths.value)} ${target.padEnd(widths.target)} ${verdict}`.trimEnd(),
    );
  }
}

function round(value: number): string {
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
