import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compressedFiles, compressFiles } from "./compressed-files.ts";

let folder: string;
const script = "export const words = 'again and again';\n".repeat(100);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-static-"));
  await mkdir(join(folder, "chunks"));
  await writeFile(join(folder, "chunks/page.js"), script);
  await writeFile(join(folder, "chunks/tiny.js"), "1;");
  await writeFile(join(folder, "chunks/font.woff2"), Buffer.alloc(1000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("scripts are compressed, what is tiny or compressed already is not", async () => {
  expect(await compressFiles(folder)).toBe(1);
  const compressed = await readFile(join(folder, "chunks/page.js.br"));
  expect(compressed.byteLength).toBeLessThan(200);
  expect(brotliDecompressSync(compressed).toString("utf8")).toBe(script);
});

describe("a request", () => {
  const ask = async (path: string, accepted?: string) => (await compressedFiles(folder))(path, accepted);

  test("gets the compressed file, as what it is", async () => {
    expect(await ask("/_next/static/chunks/page.js?v=1", "gzip, deflate, br, zstd")).toEqual({
      url: "/_next/static/chunks/page.js.br?v=1",
      headers: {
        "Content-Type": "application/javascript; charset=UTF-8",
        "Content-Encoding": "br",
        Vary: "Accept-Encoding",
      },
    });
  });

  test.each(["br", "gzip;q=0.5, br;q=0.8", "BR;q=1.0"])("that accepts %s gets it", async (accepted) => {
    expect(await ask("/_next/static/chunks/page.js", accepted)).not.toBeNull();
  });

  test.each([undefined, "", "gzip", "gzip, br;q=0", "br;q=0.000", "brotli"])(
    "that accepts %s gets the file as it is",
    async (accepted) => {
      expect(await ask("/_next/static/chunks/page.js", accepted)).toBeNull();
    },
  );

  test.each([
    "/_next/static/chunks/tiny.js",
    "/_next/static/chunks/none.js",
    "/_next/static/chunks/page.js.br",
    "/chunks/page.js",
    "/_next/static/../static/chunks/page.js",
    "/",
  ])("for %s is left alone", async (path) => {
    expect(await ask(path, "br")).toBeNull();
  });

  test("is left alone when the build has no compressed files", async () => {
    const none = await compressedFiles(join(folder, "none"));
    expect(none("/_next/static/chunks/page.js", "br")).toBeNull();
  });
});
