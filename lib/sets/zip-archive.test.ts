import { buffer } from "node:stream/consumers";
import { BlobReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { expect, test } from "vitest";
import { DeflatedText, ZipArchive } from "./zip-archive.ts";

const modified = new Date("2026-03-29T01:30:42Z");

/** An archive in memory, and how to read it back with a library. */
function memory() {
  const written: Uint8Array[] = [];
  const archive = new ZipArchive(async (bytes) => void written.push(bytes), modified);
  const read = async () => {
    const zip = new ZipReader(new BlobReader(new Blob(written as BlobPart[])));
    const entries = await zip.getEntries({ filenameEncoding: "utf-8" });
    await zip.close();
    return entries;
  };
  return { archive, written, read };
}

test("what was added is read back, with names in any script, and the time", async () => {
  const { archive, read } = memory();
  const contents = {
    "Folder/Größe – 日本語 😀.json": "again ".repeat(1000),
    "empty.json": "",
    "a.json": "a",
  };
  for (const [path, content] of Object.entries(contents)) await archive.add(path, Buffer.from(content));
  await archive.close();
  const entries = await read();
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (entry.directory) throw new Error("there are no folders in it");
      const content = await entry.getData(new Uint8ArrayWriter(), { checkSignature: true });
      return [entry.filename, Buffer.from(content).toString("utf8")];
    }),
  );
  expect(Object.fromEntries(found)).toEqual(contents);
  for (const entry of entries) expect(entry.lastModDate).toEqual(modified);
});

test("a text that was compressed bit by bit is read back whole", async () => {
  const { archive, read } = memory();
  const text = new DeflatedText();
  for (let line = 0; line < 2000; line += 1) await text.write(`line ${line} – ü\n`);
  await archive.addDeflated("text.txt", await text.end());
  await archive.close();
  const [entry] = await read();
  if (!entry || entry.directory) throw new Error("there is one file in it");
  const content = Buffer.from(await entry.getData(new Uint8ArrayWriter(), { checkSignature: true }));
  expect(content.toString("utf8").split("\n")).toHaveLength(2001);
  expect(content.toString("utf8")).toContain("line 1999 – ü");
});

test("more than 65,535 files are counted in the ZIP64 record", async () => {
  const { archive, written } = memory();
  const nothing = { parts: [Buffer.from([3, 0])], bytes: 0, crc: 0 };
  for (let n = 0; n < 65_600; n += 1) await archive.addDeflated(`${n}.json`, nothing);
  await archive.close();
  const [record, locator, end] = written.slice(-3).map((bytes) => Buffer.from(bytes));
  expect(Number(record?.readBigUInt64LE(32))).toBe(65_600);
  const before = written.slice(0, -3).reduce((sum, bytes) => sum + bytes.byteLength, 0);
  expect(Number(locator?.readBigUInt64LE(8))).toBe(before);
  expect(end?.readUInt16LE(10)).toBe(0xffff);
});

test("files beyond four gigabytes have their place in the ZIP64 fields", async () => {
  let written = 0;
  let tail: Uint8Array[] = [];
  const archive = new ZipArchive(async (bytes) => {
    written += bytes.byteLength;
    tail = [...tail.slice(-6), bytes];
  }, modified);
  const part = Buffer.alloc(64 * 1024 * 1024);
  for (let n = 0; n < 64; n += 1) await archive.addDeflated(`${n}`, { parts: [part], bytes: 0, crc: 0 });
  const offset = written;
  await archive.addDeflated("last", { parts: [part], bytes: 0, crc: 0 });
  await archive.close();
  const end = Buffer.concat(tail);
  const line = end.subarray(end.lastIndexOf("PK\x01\x02"), end.indexOf("PK\x06\x06"));
  expect(line.readUInt32LE(42)).toBe(0xffffffff);
  expect(line.readUInt16LE(46 + "last".length)).toBe(0x0001);
  expect(Number(line.readBigUInt64LE(46 + "last".length + 4))).toBe(offset);
  const record = end.subarray(end.indexOf("PK\x06\x06"));
  expect(Number(record.readBigUInt64LE(32))).toBe(65);
  expect(Number(record.readBigUInt64LE(48))).toBeGreaterThan(2 ** 32);
});

test("the next bytes are made only when the last were taken", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const archive = new ZipArchive((bytes) => writer.write(bytes), modified);
  let added = 0;
  const work = (async () => {
    for (let n = 0; n < 100; n += 1) {
      await archive.add(`${n}.json`, Buffer.from(`${n}`));
      added += 1;
    }
    await archive.close();
    await writer.close();
  })();
  const reader = readable.getReader();
  await reader.read();
  expect(added).toBeLessThan(5);
  reader.releaseLock();
  await Promise.all([buffer(readable), work]);
  expect(added).toBe(100);
});
