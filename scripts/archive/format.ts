import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { z } from "zod";

/**
 * The file of `npm run backup`, as docs/backup.md describes it: lines of JSON, and between them the rows of the tables as
 * PostgreSQL's COPY writes them, all of it compressed by gzip.
 */

const formatName = "tenantpilot-backup";
const formatVersion = 1;
/** A line of JSON is far shorter; what has none is no file of ours. */
const longestLine = 1_000_000;
const newline = 0x0a;
/** Bytes that are unzipped at a time. */
export const pieceSize = 256 * 1024;
/** Ends the rows of a table. COPY writes no such row: a backslash in one is doubled. */
const endOfRows = Buffer.from("\\.\n");

const name = z.string().min(1).max(63);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const headerSchema = z.strictObject({
  format: z.literal(formatName),
  version: z.int(),
  /** Of TenantPilot. */
  product: z.string(),
  /** The migrations of the database, in order: the last one is its schema version. */
  migrations: z.array(z.string().min(1)).min(1),
  taken_at: z.iso.datetime(),
  /** The database's name of the one snapshot that all rows are of. */
  snapshot: z.string(),
  postgresql: z.string(),
  /** Null: all tenants. */
  tenant: z.strictObject({ id: z.int(), name: z.string() }).nullable(),
  /** The tables of the file, in their order. */
  tables: z.array(name),
  /** The ids of the keys that its credentials are encrypted with. */
  encryption_keys: z.array(z.string()),
});
const startSchema = z.strictObject({ table: name, columns: z.array(name).min(1) });
const endSchema = z.strictObject({ table: name, rows: count, bytes: count, sha256: hash });
const sequencesSchema = z.strictObject({
  sequences: z.record(
    name,
    z.strictObject({ last_value: z.string().regex(/^\d+$/), is_called: z.boolean() }),
  ),
});
const trailerSchema = z.strictObject({
  end: z.literal(formatName),
  sections: count,
  rows: count,
  /** Over everything before this line. */
  sha256: hash,
});

/** What a file says of itself at its beginning. */
export type Header = z.infer<typeof headerSchema>;
/** Where each sequence of the database stood. */
export type Sequences = z.infer<typeof sequencesSchema>["sequences"];
/** The columns of a table, in the order in which the rows have them. */
export type TableStart = z.infer<typeof startSchema>;
/** What is in a table. */
export type TableEnd = z.infer<typeof endSchema>;

/** Of a whole file. */
export interface Contents {
  header: Header;
  tables: TableEnd[];
  rows: number;
}

/** A table to be written: its columns, and its rows as COPY TO writes them. */
export interface TableSource extends TableStart {
  rows: AsyncIterable<Buffer>;
}

/** Hears how far a table is. */
export type OnProgress = (progress: { table: string; rows: number; bytes: number; done: boolean }) => void;

/**
 * Writes a file, uncompressed. Nothing but the piece in hand is in memory.
 * @param header everything but the format's own fields
 * @param tables those that the header names, in its order
 * @param sequences is asked when all tables are written
 * @returns what was written, once the last piece was taken
 */
export async function* writeFormat(
  header: Omit<Header, "format" | "version">,
  tables: AsyncIterable<TableSource>,
  sequences: () => Promise<Sequences>,
  onProgress: OnProgress = () => {},
): AsyncGenerator<Buffer, Contents> {
  const whole = createHash("sha256");
  const line = (value: unknown): Buffer => {
    const written = Buffer.from(`${JSON.stringify(value)}\n`);
    whole.update(written);
    return written;
  };
  const full: Header = { format: formatName, version: formatVersion, ...header };
  const written: TableEnd[] = [];
  yield line(full);
  for await (const { table, columns, rows: source } of tables) {
    yield line({ table, columns } satisfies TableStart);
    const tally = new Tally();
    for await (const piece of source) {
      tally.add(piece);
      whole.update(piece);
      onProgress({ table, rows: tally.rows, bytes: tally.bytes, done: false });
      yield piece;
    }
    whole.update(endOfRows);
    yield endOfRows;
    const end = { table, ...tally.end() };
    yield line(end satisfies TableEnd);
    written.push(end);
    onProgress({ ...end, done: true });
  }
  yield line({ sequences: await sequences() });
  const rows = written.reduce((sum, table) => sum + table.rows, 0);
  const trailer = { end: formatName, sections: written.length, rows, sha256: whole.digest("hex") } as const;
  yield Buffer.from(`${JSON.stringify(trailer satisfies z.infer<typeof trailerSchema>)}\n`);
  return { header: full, tables: written, rows };
}

/** A file that is not as it was written, or none of ours. The message is one line that says what is wrong. */
export class DamagedBackup extends Error {}

/** Takes in a file while it is read. What it throws ends the reading. */
export interface Loader {
  begin(header: Header): Promise<void>;
  /** @returns how many rows it took */
  table(start: TableStart, rows: AsyncIterable<Buffer>): Promise<number>;
  sequences(sequences: Sequences): Promise<void>;
}

/**
 * Reads a file from its beginning to its end, and proves that it is whole: every table that it names, each row count and
 * hash, the hash of the whole, and that nothing follows. Nothing but the piece in hand is in memory.
 * @param loader gets everything before it is proven, and so must be able to undo it; without one, the file is only proven
 * @throws DamagedBackup; what the loader throws; ENOENT and the like when it cannot be read
 */
export async function readFormat(
  file: string,
  loader?: Loader,
  onProgress: OnProgress = () => {},
): Promise<Contents> {
  const { size } = await stat(file);
  const unzipped = createGunzip({ chunkSize: pieceSize });
  // An error of the file goes on to whoever reads what is unzipped.
  pipeline(createReadStream(file), unzipped, () => {});
  try {
    const contents = await read(new Source(unzipped), loader, onProgress);
    if (unzipped.bytesWritten !== size) throw new DamagedBackup("something follows its end");
    return contents;
  } catch (error) {
    const said = sayDamage(error);
    throw said === null
      ? error
      : new DamagedBackup(`${file} is not a whole backup: ${said}.`, { cause: error });
  } finally {
    unzipped.destroy();
  }
}

/** What an error says is wrong with the file; null when the error is about something else. */
function sayDamage(error: unknown): string | null {
  if (error instanceof DamagedBackup) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return "it is cut off";
  return code.startsWith("Z_") ? "its compressed bytes are damaged" : null;
}

async function read(source: Source, loader: Loader | undefined, onProgress: OnProgress): Promise<Contents> {
  const header = parse(headerOf(await source.line()), headerSchema, "its header");
  await loader?.begin(header);
  const tables: TableEnd[] = [];
  for (const table of header.tables) {
    const start = parse(await source.json(), startSchema, `the beginning of the table ${table}`);
    if (start.table !== table)
      throw new DamagedBackup(`the table ${table} is missing; ${start.table} is in its place`);
    const tally = new Tally();
    const rows = counted(source.rows(), tally, (bytes) =>
      onProgress({ table, rows: tally.rows, bytes, done: false }),
    );
    let taken: number | undefined;
    if (loader) taken = await loader.table(start, rows);
    else for await (const _ of rows);
    const end = parse(await source.json(), endSchema, `the end of the table ${table}`);
    const found = { table, ...tally.end() };
    if (end.rows !== found.rows)
      throw new DamagedBackup(`${table} has ${found.rows} rows, and ${end.rows} were written`);
    if (end.sha256 !== found.sha256 || end.bytes !== found.bytes || end.table !== table)
      throw new DamagedBackup(`the rows of ${table} do not match their hash`);
    if (taken !== undefined && taken !== found.rows)
      throw new Error(`The database took ${taken} of the ${found.rows} rows of ${table}.`);
    tables.push(found);
    onProgress({ ...found, done: true });
  }
  const { sequences } = parse(await source.json(), sequencesSchema, "the list of sequences");
  const sha256 = source.hash();
  const trailer = parse(await source.json(), trailerSchema, "its end");
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  if (trailer.sha256 !== sha256 || trailer.sections !== tables.length || trailer.rows !== rows)
    throw new DamagedBackup("it does not match the hash at its end");
  if (!(await source.isAtEnd())) throw new DamagedBackup("something follows its end");
  await loader?.sequences(sequences);
  return { header, tables, rows };
}

function headerOf(line: string): unknown {
  const header = parseJson(line);
  const named = z.looseObject({ format: z.literal(formatName), version: z.int() }).safeParse(header);
  if (!named.success) throw new DamagedBackup("it does not begin as one");
  if (named.data.version !== formatVersion)
    throw new DamagedBackup(
      `its format is ${named.data.version}, and this version of TenantPilot reads ${formatVersion}`,
    );
  return header;
}

function parse<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new DamagedBackup(`${what} is damaged`);
  return parsed.data;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function* counted(
  rows: AsyncIterable<Buffer>,
  tally: Tally,
  onPiece: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of rows) {
    tally.add(piece);
    onPiece(tally.bytes);
    yield piece;
  }
}

/** Counts and hashes the rows of a table, each of which is a line. */
class Tally {
  rows = 0;
  bytes = 0;
  readonly #hash = createHash("sha256");

  add(piece: Buffer): void {
    this.bytes += piece.length;
    this.#hash.update(piece);
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) this.rows += 1;
  }

  end(): Omit<TableEnd, "table"> {
    return { rows: this.rows, bytes: this.bytes, sha256: this.#hash.digest("hex") };
  }
}

/** The bytes of a file as lines of JSON and as rows, with a hash over all that was taken. */
class Source {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #hash: Hash = createHash("sha256");
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Over everything that was taken until now. */
  hash(): string {
    return this.#hash.copy().digest("hex");
  }

  async json(): Promise<unknown> {
    return parseJson(await this.line());
  }

  async line(): Promise<string> {
    let end = this.#rest.indexOf(newline);
    while (end < 0) {
      if (this.#rest.length > longestLine) throw new DamagedBackup("a line of it has no end");
      if (!(await this.#more())) throw new DamagedBackup("it is cut off");
      end = this.#rest.indexOf(newline);
    }
    return this.#take(end + 1).toString("utf8");
  }

  /** The rows up to the mark behind them, in pieces of any length. */
  async *rows(): AsyncGenerator<Buffer> {
    for (let atLineStart = true; ; ) {
      const mark = this.#markInRest(atLineStart);
      // A mark may lie across two pieces: what could be its beginning waits for the next one.
      const length = mark ?? this.#rest.length - this.#beginningOfMark(atLineStart);
      if (length > 0) {
        const piece = this.#take(length);
        atLineStart = piece.at(-1) === newline;
        yield piece;
      }
      if (mark !== null) {
        this.#take(endOfRows.length);
        return;
      }
      if (!(await this.#more())) throw new DamagedBackup("it is cut off");
    }
  }

  async isAtEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more());
  }

  /** Where in what is here the mark stands, at the beginning of a line; null when it does not. */
  #markInRest(atLineStart: boolean): number | null {
    for (let at = this.#rest.indexOf(endOfRows); at >= 0; at = this.#rest.indexOf(endOfRows, at + 1))
      if (at === 0 ? atLineStart : this.#rest[at - 1] === newline) return at;
    return null;
  }

  #beginningOfMark(atLineStart: boolean): number {
    for (let length = endOfRows.length - 1; length > 0; length -= 1) {
      const at = this.#rest.length - length;
      if (at < 0 || !this.#rest.subarray(at).equals(endOfRows.subarray(0, length))) continue;
      if (at === 0 ? atLineStart : this.#rest[at - 1] === newline) return length;
    }
    return 0;
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#hash.update(taken);
    return taken;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }
}
