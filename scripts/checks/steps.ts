import { styleText } from "node:util";

export interface StepResult {
  title: string;
  seconds: number;
  failed: boolean;
}

/** Runs one step, says how long it took and prints what went wrong; a failed step does not keep the next from running. */
export async function runStep(title: string, work: () => Promise<unknown>): Promise<StepResult> {
  const started = Date.now();
  console.log(`\n${styleText("bold", `▶ ${title}`)}`);
  let failed = false;
  try {
    await work();
  } catch (error) {
    failed = true;
    console.error(error instanceof Error ? error.message : error);
  }
  const seconds = (Date.now() - started) / 1000;
  const verdict = failed ? styleText("red", "failed") : styleText("green", "ok");
  console.log(`  ${title}: ${verdict} after ${seconds.toFixed(1)} s`);
  return { title, seconds, failed };
}

/** The steps as a table, one a line. */
export function table(results: StepResult[]): string {
  const width = Math.max(...results.map((result) => result.title.length));
  return results
    .map(
      ({ title, seconds, failed }) =>
        `${title.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${failed ? "failed" : "ok"}`,
    )
    .join("\n");
}
