import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DamagedBackup, type Header, pieceSize, readFormat, writeFormat } from "./format.ts";

/** The file itself, without a database: it comes back as it was written, and nothing else is taken for one. */

const header: Omit<Header, "format" | "version"> = {
  product: "1.2.3",
  migrations: ["1_first", "2_second"],
  taken_at: "2026-11-29T12:00:00.000Z",
  snapshot: "1:1:",
  postgresql: "18.4",
  tenant: null,
  tables: ["one", "two", "three"],
  encryption_keys: ["0badc0de"],
};
const sequences = { one_id_seq: { last_value: "7", is_called: true } };
// As COPY writes them: tabs between columns, backslashes doubled. The last looks like the mark behind the rows.
const rows = { one: "1\tAda\n2\t\\N\n\\\\.\n", two: "", three: `${randomBytes(3_000).toString("hex")}\n` };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenantpilot-format-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(tables: Record<string, string> = rows): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sources = async function* () {
    for (const [table, text] of Object.entries(tables)) {
      yield {
        table,
        columns: ["id", "name"],
        rows: (async function* () {
          if (text) yield Buffer.from(text);
        })(),
      };
    }
  };
  const named = { ...header, tables: Object.keys(tables) };
  for await (const piece of writeFormat(named, sources(), async () => sequences)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function read(zipped: Buffer, loaded?: Record<string, string>) {
  const file = join(folder, randomBytes(8).toString("hex"));
  await writeFile(file, zipped);
  return readFormat(
    file,
    loaded && {
      begin: async () => {},
      async table({ table }, source) {
        const pieces: Buffer[] = [];
        for await (const piece of source) pieces.push(piece);
        loaded[table] = Buffer.concat(pieces).toString();
        return loaded[table].split("\n").length - 1;
      },
      async sequences(found) {
        expect(found).toEqual(sequences);
      },
    },
  );
}

test("a file comes back as it was written, and anybody can read it", async () => {
  const plain = await written();
  const loaded: Record<string, string> = {};
  const contents = await read(gzipSync(plain), loaded);
  expect(loaded).toEqual(rows);
  expect(contents.rows).toBe(4);
  expect(contents.header).toMatchObject(header);
  const lines = plain.toString().split("\n");
  expect(lines.filter((line) => line === "\\.")).toHaveLength(3);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ format: "tenantpilot-backup", version: 1 });
  expect(JSON.parse(lines.at(-2) ?? "")).toMatchObject({ end: "tenantpilot-backup", sections: 3, rows: 4 });
});

test("the mark behind the rows is found wherever the pieces are cut", async () => {
  const [before = ""] = (await written({ one: "" })).toString().split("\\.");
  for (const cut of [0, 1, 2, 3]) {
    // The mark begins so many bytes before the end of the first piece.
    const text = `${"x".repeat(pieceSize - before.length - cut - 1)}\n`;
    const loaded: Record<string, string> = {};
    await read(gzipSync(await written({ one: text, two: "\\\\.\n" })), loaded);
    expect(loaded.one?.length).toBe(text.length);
    expect(loaded.two).toBe("\\\\.\n");
  }
});

test("a flipped bit is refused, wherever it is", async () => {
  const plain = await written();
  const zipped = gzipSync(plain);
  let refused = 0;
  // The first ten bytes are gzip's own: with the time in them changed, all that is in the file is as it was.
  for (let at = 10; at < zipped.length; at += 23) {
    const flipped = Buffer.from(zipped);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
    // Some bits of the compression are of no use: whatever they are, the same comes out.
    if (unzips(flipped)?.equals(plain)) continue;
    refused += 1;
    await expect(read(flipped), `byte ${at}`).rejects.toThrow(DamagedBackup);
  }
  expect(refused).toBeGreaterThan(zipped.length / 25);
});

function unzips(zipped: Buffer): Buffer | null {
  try {
    return gunzipSync(zipped);
  } catch {
    return null;
  }
}

test("a file that is cut off, or goes on, is refused", async () => {
  const plain = await written();
  const zipped = gzipSync(plain);
  for (let length = 0; length < zipped.length; length += 61)
    await expect(read(zipped.subarray(0, length)), `${length} bytes`).rejects.toThrow(DamagedBackup);
  for (let length = 0; length < plain.length; length += 307)
    await expect(read(gzipSync(plain.subarray(0, length))), `${length} bytes`).rejects.toThrow(DamagedBackup);
  for (const tail of [Buffer.from("x"), gzipSync("x"), gzipSync(plain)])
    await expect(read(Buffer.concat([zipped, tail]))).rejects.toThrow(DamagedBackup);
});

test.each<[string, (text: string) => string, RegExp]>([
  [
    "a table is missing",
    (text) => text.replace(/\{"table":"two","columns[\s\S]*?(?=\{"table":"three")/, ""),
    /two is missing/,
  ],
  ["a row is missing", (text) => text.replace("1\tAda\n", ""), /one has 2 rows, and 3 were written/],
  ["a value is another one", (text) => text.replace("Ada", "Eve"), /rows of one do not match/],
  ["a sequence is another one", (text) => text.replace('"7"', '"8"'), /hash at its end/],
  ["its header is another one", (text) => text.replace("1_first", "1_other"), /hash at its end/],
  ["it is of a later format", (text) => text.replace('"version":1', '"version":2'), /its format is 2/],
  ["it is something else", () => "PGDMP", /cut off/],
  ["it is other JSON", () => "{}\n", /does not begin as one/],
])("refuses a file when %s", async (_, alter, said) => {
  const altered = alter((await written()).toString());
  const refusal = await read(gzipSync(altered)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(DamagedBackup);
  expect((refusal as Error).message).toMatch(said);
  expect((refusal as Error).message).not.toContain("\n");
});

test("what is no gzip is refused, and a file that is not there is named", async () => {
  await expect(read(Buffer.from("plain text"))).rejects.toThrow("compressed bytes are damaged");
  await expect(readFormat(join(folder, "absent"))).rejects.toThrow("ENOENT");
});
