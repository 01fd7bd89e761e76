import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copiesInFolder } from "./copies-in-folder.ts";

let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "tenantpilot-copies-"));
});
afterAll(() => rm(place, { recursive: true, force: true }));

test("what a killed copy has left is removed after a day, and nothing that another copy or somebody else writes", async () => {
  const folder = join(place, "tenant-7");
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const isFolder = ".set-5-0123456789ab.zip.4711.partial";
  await mkdir(join(folder, isFolder), { recursive: true });
  await utimes(join(folder, isFolder), hoursAgo(48), hoursAgo(48));
  const left: Record<string, number> = {
    ".set-1-0123456789ab.zip.4711.partial": 25,
    ".set-2.zip.4711.partial": 25,
    ".SHA256SUMS.4711.partial": 25,
  };
  const others: Record<string, number> = {
    ".set-1-0123456789ab.zip.4712.partial": 20,
    ".SHA256SUMS.4712.partial": 0,
    ".notes.4711.partial": 48,
    ".set-3-0123456789ab.zip.partial": 48,
    "set-4-0123456789ab.zip": 48,
  };
  for (const [name, hours] of Object.entries({ ...left, ...others })) {
    await writeFile(join(folder, name), "half");
    await utimes(join(folder, name), hoursAgo(hours), hoursAgo(hours));
  }
  const copies = await copiesInFolder(place).tenant(7);
  expect((await readdir(folder)).sort()).toEqual([...Object.keys(others), isFolder].sort());
  await copies.close();
  // Of a tenant without copies nothing is there to be removed.
  await (await copiesInFolder(place).tenant(8)).close();
  expect(await readdir(place)).toEqual(["tenant-7"]);
});

test("what a copy that was killed while it tried the place out has left is removed as well, a day later", async () => {
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
  const tried = join(place, "tried out");
  await mkdir(tried);
  const ages: Record<string, number> = {
    ".trial.4711.partial": 25,
    ".trial.4712.partial": 20,
    ".trial.partial": 48,
    "trial.4711.partial": 48,
  };
  for (const [name, hours] of Object.entries(ages)) {
    await writeFile(join(tried, name), "trial");
    await utimes(join(tried, name), hoursAgo(hours), hoursAgo(hours));
  }
  await (await copiesInFolder(tried).tenant(7)).close();
  expect((await readdir(tried)).sort()).toEqual([
    ".trial.4712.partial",
    ".trial.partial",
    "trial.4711.partial",
  ]);
});
