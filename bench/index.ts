// `npm run bench`: lists the benches; `npm run bench -- NAME [options]` runs one.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const benches: Record<string, string> = {
  dispatch:
    "due schedules a second, against a bare INSERT … SELECT, pg-boss's schedule() and graphile-worker's cron",
  "start-lag": "from the minute to the start of a run, and from Run now to its start",
  capture: "time, requests and memory of a capture",
  storage: "stored bytes, disk and write-ahead log of 30 nightly runs, against plain files and git",
  history: "comparisons, a policy's history and lists in a schedule with 365 sets of 2,000 items",
  search: "policies found by what is in them, in 30 sets of 2,000, and what the index takes on disk",
  compare: "compare, verify, search and export of sets of 10,000 items",
  documentation: "memory and time of a documentation of 2,000 policies, as HTML, Markdown and CSV",
  export: "memory and time of exports of 1,000, 10,000 and 50,000 items",
  fleet:
    "a first and an unchanged night of 1,000 tenants: time, processor, memory, connections, write-ahead log and disk",
  restore:
    "500 policies into an empty tenant, with Graph's limits for writing, against the least time they allow",
  drift: "a set of 10,000 items against a baseline, of the same tenant and of another one",
  alerts: "from Run now to its start while 10,000 alerts wait to be delivered, against nothing to tell",
  backup:
    "time, memory and file size of npm run backup, restore on an empty server and their proofs, for 300 tenants, and a run",
  "web-memory": "memory of web under 20 minutes of page load",
  soak: "72 hours of dispatch for 3,000 schedules on a driven clock: every occurrence, and memory",
  pages: "lists, pages and a first visit in a tenant with 10,000 schedules and 200,000 runs",
};

const [name = "", ...args] = process.argv.slice(2);
if (Object.hasOwn(benches, name)) {
  const lightImports = new URL("../scripts/light-imports.ts", import.meta.url).href;
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", lightImports, "--expose-gc", file, ...args], {
    stdio: "inherit",
    env: { LOG_LEVEL: "error", ...process.env },
  });
  child.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  const list = Object.entries(benches).map(([bench, what]) => `  ${bench.padEnd(10)} ${what}`);
  console.log(`npm run bench -- NAME [options]\n\n${list.join("\n")}`);
  if (name !== "") {
    console.error(`\nThere is no bench called "${name}".`);
    process.exitCode = 2;
  }
}
