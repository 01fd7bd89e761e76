import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { ChaosReport } from "./chaos/run-chaos.ts";

const help = `Lets everything go wrong with a TenantPilot of its own while it is used, and takes stock.

  npm run chaos [-- options]

  --minutes N    for how long faults strike (15)
  --seconds N    the same in seconds
  --faults N     how many (8 a minute)
  --seed N       the same seed, the same faults in the same order
  --tenants N    (8)
  --schedules N  of each tenant (40)
  --people N     who work meanwhile (3)
  --webs N       web servers, where the application is built (2)
  --no-disk      no small disk that is filled up (only root may mount one)
  --drain N      seconds in which everything has to settle (300)
  --json FILE    writes the table as JSON, too
  --keep         leaves the logs of all processes there until Enter is pressed
  --help

Ends with 1 when anything was lost, double, stuck or damaged.`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "15" },
    seconds: { type: "string" },
    faults: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    tenants: { type: "string", default: "8" },
    schedules: { type: "string", default: "40" },
    people: { type: "string", default: "3" },
    webs: { type: "string", default: "2" },
    "no-disk": { type: "boolean", default: false },
    drain: { type: "string", default: "300" },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

// What this process does itself is in the table.
process.env.LOG_LEVEL = "silent";
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
const seconds = values.seconds === undefined ? Number(values.minutes) * 60 : Number(values.seconds);
// Loaded once it is needed: help is there at once.
const { runChaos, sum } = await import("./chaos/run-chaos.ts");
const report = await runChaos({
  seconds,
  faults: values.faults === undefined ? Math.ceil((seconds / 60) * 8) : Number(values.faults),
  seed: Number(values.seed),
  tenants: Number(values.tenants),
  schedules: Number(values.schedules),
  people: Number(values.people),
  webs: Number(values.webs),
  disk: !values["no-disk"],
  drainSeconds: Number(values.drain),
  keep: values.keep,
  log: (line) => console.log(line),
  signal: stopped.signal,
});
print(report);
if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
// The migrations' engine and cut connections leave timers behind, which would keep this process.
process.exit(sum(report.faults) > 0 ? 1 : 0);

function print({ occurrences, ...rest }: ChaosReport): void {
  const { skipped, lost, double, invented, ...counted } = occurrences;
  table(`Faults: ${sum(rest.struck)} in ${rest.seconds} s`, rest.struck);
  for (const [kind, why] of Object.entries(rest.unavailable)) console.log(`  left out: ${kind} (${why})`);
  table("Occurrences, as Temporal reckons them", {
    ...counted,
    ...Object.fromEntries(Object.entries(skipped).map(([code, count]) => [`skipped ${code}`, count])),
    lost,
    double,
    "at no time of their schedule": invented,
  });
  table(
    `Ends of all runs, after ${rest.attempts} attempts, ${rest.taken_over} of them taken over`,
    rest.ends,
  );
  table("What people did", rest.deeds);
  table("What they were answered", rest.answers);
  table(
    `What must be 0 (settled after ${rest.drain_seconds} s; ${rest.sets} sets of ${rest.items} items verified)`,
    rest.faults,
  );
  table(
    "Logged as errors, most often",
    Object.fromEntries(Object.entries(rest.logged).map(([words, { count }]) => [words, count])),
  );
  for (const sentence of rest.told) console.log(`  ${sentence}`);
}

function table(title: string, counts: Record<string, number>): void {
  console.log(`\n${title}`);
  for (const [what, count] of Object.entries(counts)) console.log(`  ${String(count).padStart(7)}  ${what}`);
}
