import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copiesInFolder } from "./copies-in-folder.ts";
import { parseSums, type TenantCopies } from "./copy-target.ts";

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
    ".set-1-0123456789ab.zip.0a1b2c3d4e5f.partial": 25,
    ".SHA256SUMS.0a1b2c3d4e5f.partial": 25,
  };
  const others: Record<string, number> = {
    ".set-1-0123456789ab.zip.4712.partial": 20,
    ".SHA256SUMS.4712.partial": 0,
    ".set-1-0123456789ab.zip.f5e4d3c2b1a0.partial": 20,
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
    ".trial.0123456789ab.partial": 25,
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

test("two that copy the same set at once, with the same process id as in containers, write into two files", async () => {
  const [one, two] = await Promise.all([copiesInFolder(place).tenant(9), copiesInFolder(place).tenant(9)]);
  let begun = 0;
  const both = Promise.withResolvers<void>();
  async function* content(word: string) {
    yield Buffer.from(word);
    begun += 1;
    if (begun === 2) both.resolve();
    await both.promise;
    yield Buffer.from(word);
  }
  const name = "set-1-0123456789ab.zip";
  await Promise.all([one.write(name, content("one ")), two.write(name, content("two "))]);
  expect(["one one ", "two two "]).toContain(await readFile(join(place, "tenant-9", name), "utf8"));
  expect((await readdir(join(place, "tenant-9"))).sort()).toEqual(["SHA256SUMS", name]);
});

async function* bytes(word: string) {
  yield Buffer.from(word);
}
const nameOf = (set: number) => `set-${set}-0123456789ab.zip`;
const notedIn = async (folder: string) =>
  [...parseSums(await readFile(join(folder, "SHA256SUMS"), "utf8")).keys()].sort();

test("two that copy into one folder at once note what both have copied, and know of what the other has", async () => {
  const folder = join(place, "tenant-10");
  const [one, two] = await Promise.all([1, 2].map(() => copiesInFolder(place).tenant(10)));
  if (!one || !two) throw new Error("two were asked for");
  const copy = async (copies: TenantCopies, sets: readonly number[]) => {
    for (const set of sets) await copies.write(nameOf(set), bytes(`set ${set}`));
  };
  await Promise.all([copy(one, [1, 2, 3, 4]), copy(two, [5, 6, 7, 8])]);
  const all = [1, 2, 3, 4, 5, 6, 7, 8].map(nameOf);
  expect(await notedIn(folder)).toEqual(all);
  expect((await readdir(folder)).sort()).toEqual(["SHA256SUMS", ...all]);
  await two.write(nameOf(9), bytes("set 9"));
  expect([...two.sums.keys()].sort()).toEqual([...all, nameOf(9)]);
});

test("a lock that a killed copy has left is waited for, and then taken away", async () => {
  const folder = join(place, "tenant-11");
  const copies = await copiesInFolder(place, { lookEvery: 5, leftAfter: 100 }).tenant(11);
  await mkdir(folder);
  await writeFile(join(folder, ".SHA256SUMS.lock"), "");
  const began = performance.now();
  await copies.write(nameOf(1), bytes("set 1"));
  expect(performance.now() - began).toBeGreaterThan(100);
  expect((await readdir(folder)).sort()).toEqual(["SHA256SUMS", nameOf(1)]);
});
