import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { isPackedWorkerCurrent, packWorker } from "./packed-worker.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let place: string;
let source: string;
let packed: number;

beforeEach(async () => {
  await mkdir(join(root, ".next"), { recursive: true });
  place = await mkdtemp(join(root, ".next/packed-worker-"));
  source = join(place, "source.ts");
  packed = 0;
  await writeFile(source, "export const answer = 1;");
});

afterEach(() => rm(place, { recursive: true, force: true }));

const current = () => isPackedWorkerCurrent(join(place, "worker"));

function pack(): Promise<boolean> {
  return packWorker(
    async (folder, name) => {
      packed += 1;
      await writeFile(join(folder, name), `// ${packed}`);
      return [source, join(root, "node_modules/pg/package.json"), "/etc/elsewhere.json"];
    },
    join(place, "worker"),
  );
}

it("is packed once, and again when one of its sources has changed or is gone", async () => {
  expect(await current()).toBe(false);
  expect(await pack()).toBe(true);
  expect(await current()).toBe(true);
  expect(await pack()).toBe(false);
  await writeFile(source, "export const answer = 2;");
  expect(await current()).toBe(false);
  expect(await pack()).toBe(true);
  expect(await current()).toBe(true);
  await rm(source);
  expect(await current()).toBe(false);
  expect(packed).toBe(2);
});

it("is packed again when what packs it has changed", async () => {
  const program = relative(root, source);
  expect(await packWorker((folder, name) => bundle(program, folder, name), join(place, "worker"))).toBe(true);
  const { files } = JSON.parse(await readFile(join(place, "worker/made-from.json"), "utf8"));
  expect(files).toEqual(expect.arrayContaining([program, "scripts/launch/bundle.ts"]));
});

it("leaves the one that is there when packing fails, and nothing half-made", async () => {
  await pack();
  await writeFile(source, "export const answer =");
  const broken = packWorker(async () => Promise.reject(new Error("does not parse")), join(place, "worker"));
  await expect(broken).rejects.toThrow("does not parse");
  expect((await readdir(place)).sort()).toEqual(["source.ts", "worker"]);
  expect((await readdir(join(place, "worker"))).sort()).toEqual(["index.mjs", "made-from.json"]);
  expect(await current()).toBe(false);
});

it("is one when two pack it at once", async () => {
  expect(await Promise.all([pack(), pack()])).toContain(true);
  expect(await current()).toBe(true);
  expect((await readdir(place)).sort()).toEqual(["source.ts", "worker"]);
});
