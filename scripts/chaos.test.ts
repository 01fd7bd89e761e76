import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultKinds } from "./chaos/faults.ts";
import type { ChaosReport } from "./chaos/run-chaos.ts";
import { installedPgBouncer } from "./testing/pgbouncer.ts";

/** The short form of `npm run chaos`: every kind of fault once, while three tenants are worked with. */

const lightImports = new URL("light-imports.ts", import.meta.url).href;

async function chaos(args: string[]): Promise<{ code: number | null; said: string; report: ChaosReport }> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-report-"));
  const json = join(folder, "report.json");
  try {
    const command = ["--import", lightImports, "scripts/chaos.ts", "--json", json, ...args];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    const text = await readFile(json, "utf8").catch(() => "{}");
    return { code, said, report: JSON.parse(text) as ChaosReport };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("nothing is lost, double, stuck or damaged, whatever fails", async () => {
  const { code, said, report } = await chaos([
    ...["--seconds", "62", "--faults", "20", "--seed", "20261129", "--drain", "150"],
    // Without web servers and without root: that is what it takes everywhere.
    ...["--tenants", "3", "--schedules", "12", "--people", "2", "--webs", "0", "--no-disk"],
  ]);
  expect(
    Object.entries(report.faults ?? { [said]: 1 }).filter(([, count]) => count > 0),
    said,
  ).toEqual([]);
  expect(code, said).toBe(0);

  // It proves nothing where nothing went wrong, or nothing was done meanwhile.
  const possible = faultKinds.filter(
    ({ name }) => !/^web |^disk/.test(name) && (installedPgBouncer() || !/^PgBouncer|^pooler/.test(name)),
  );
  for (const { name } of possible) expect(report.struck[name], `${name}\n${said}`).toBeGreaterThan(0);
  expect(report.occurrences.expected).toBeGreaterThan(20);
  expect(report.occurrences.run).toBeGreaterThan(0);
  expect(report.ends.success).toBeGreaterThan(0);
  for (const kind of ["run now", "cancel", "retime", "rename", "look"])
    expect(report.deeds[kind], `${kind}\n${said}`).toBeGreaterThan(0);
  expect(report.sets).toBeGreaterThan(0);
}, 420_000);
