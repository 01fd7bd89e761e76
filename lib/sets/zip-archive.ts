import { promisify } from "node:util";
import { crc32, createDeflateRaw, type DeflateRaw, deflateRaw } from "node:zlib";

/**
 * A ZIP archive that is written as it is made (PKWARE APPNOTE 6.3.10, with ZIP64 when it must be). What it keeps of each
 * entry is its line in the directory at the end, a hundred bytes: libraries keep several kilobytes, which for a set of
 * 50,000 policies are hundreds of megabytes (measured by `npm run bench -- export`).
 */
export class ZipArchive {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #modified: Date;
  readonly #directory = new GrowingBytes();
  #count = 0;
  #offset = 0;

  /**
   * @param write takes the archive's bytes in their order; the next are made when it has them
   * @param modified what every entry bears as its time
   */
  constructor(write: (bytes: Uint8Array) => Promise<void>, modified: Date) {
    this.#write = write;
    this.#modified = modified;
  }

  /** Adds a file. @param path with slashes, relative; given once */
  async add(path: string, content: Uint8Array): Promise<void> {
    await this.addDeflated(path, {
      parts: [await promisify(deflateRaw)(content)],
      bytes: content.byteLength,
      crc: crc32(content),
    });
  }

  /** Adds a file whose content is compressed already. */
  async addDeflated(path: string, { parts, bytes, crc }: Deflated): Promise<void> {
    const compressed = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (Math.max(bytes, compressed) >= unknown32) throw new RangeError(`${path} is too large for an archive`);
    const name = Buffer.from(path, "utf8");
    const common = this.#common({ name, crc, compressed, bytes });
    const offset = this.#offset;
    await this.#put(
      Buffer.concat([signature("PK\x03\x04"), common, u16(timeField.length), name, this.#time()]),
    );
    for (const part of parts) await this.#put(part);
    this.#directory.append(this.#directoryLine(name, common, offset));
    this.#count += 1;
  }

  /** Writes the directory, after which nothing can be added. */
  async close(): Promise<void> {
    const begin = this.#offset;
    const count = this.#count;
    await this.#put(this.#directory.bytes());
    const size = this.#offset - begin;
    if (count >= unknown16 || begin >= unknown32 || size >= unknown32) {
      const at = this.#offset;
      await this.#put(
        Buffer.concat([
          signature("PK\x06\x06"),
          u64(44),
          u16(versionZip64),
          u16(versionZip64),
          u32(0),
          u32(0),
          u64(count),
          u64(count),
          u64(size),
          u64(begin),
        ]),
      );
      await this.#put(Buffer.concat([signature("PK\x06\x07"), u32(0), u64(at), u32(1)]));
    }
    await this.#put(
      Buffer.concat([
        signature("PK\x05\x06"),
        u16(0),
        u16(0),
        u16(Math.min(count, unknown16)),
        u16(Math.min(count, unknown16)),
        u32(Math.min(size, unknown32)),
        u32(Math.min(begin, unknown32)),
        u16(0),
      ]),
    );
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.byteLength;
    await this.#write(bytes);
  }

  /** What an entry's header and its line in the directory have in common: from the version to the name's length. */
  #common({
    name,
    crc,
    compressed,
    bytes,
  }: {
    name: Buffer;
    crc: number;
    compressed: number;
    bytes: number;
  }) {
    const time = this.#modified;
    // MS-DOS time has no zone and begins in 1980; the extra field beside it has the instant.
    const years = Math.min(127, Math.max(0, time.getUTCFullYear() - 1980));
    const date = (years << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
    const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
    return Buffer.concat([
      u16(version),
      u16(namesAreUtf8),
      u16(deflated),
      u16(clock),
      u16(date),
      u32(crc),
      u32(compressed),
      u32(bytes),
      u16(name.byteLength),
    ]);
  }

  #directoryLine(name: Buffer, common: Buffer, offset: number): Buffer {
    const far = offset >= unknown32 ? Buffer.concat([u16(0x0001), u16(8), u64(offset)]) : Buffer.alloc(0);
    const extra = Buffer.concat([far, this.#time()]);
    return Buffer.concat([
      signature("PK\x01\x02"),
      u16(far.length > 0 ? versionZip64 : version),
      common,
      u16(extra.length),
      u16(0),
      u16(0),
      u16(0),
      u32(0),
      u32(Math.min(offset, unknown32)),
      name,
      extra,
    ]);
  }

  /** The extra field "extended timestamp" with the time of modification, in seconds since the epoch. */
  #time(): Buffer {
    return Buffer.concat([timeField.head, u32(Math.floor(this.#modified.getTime() / 1000))]);
  }
}

/** Bytes in one piece that grows: small buffers of their own would keep alive the pools that they were cut from. */
class GrowingBytes {
  #buffer: Buffer = Buffer.allocUnsafeSlow(4096);
  #length = 0;

  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.byteLength;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** A content as it stands in an archive: raw deflate. */
export interface Deflated {
  parts: Uint8Array[];
  /** Before compression. */
  bytes: number;
  /** CRC-32 of the content. */
  crc: number;
}

/** Compresses a text that is written bit by bit, so that only the compressed form of it is ever held. */
export class DeflatedText {
  readonly #stream: DeflateRaw = createDeflateRaw();
  readonly #ended: Promise<void>;
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #crc = 0;

  constructor() {
    this.#stream.on("data", (part: Buffer) => this.#parts.push(part));
    this.#ended = new Promise((resolve, reject) => {
      this.#stream.once("end", resolve);
      this.#stream.once("error", reject);
    });
    this.#ended.catch(() => {});
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text, "utf8");
    this.#bytes += bytes.byteLength;
    this.#crc = crc32(bytes, this.#crc);
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async end(): Promise<Deflated> {
    this.#stream.end();
    await this.#ended;
    return { parts: this.#parts, bytes: this.#bytes, crc: this.#crc };
  }

  /** Gives up what was written. */
  discard(): void {
    this.#stream.destroy();
  }
}

/** Deflate needs version 2.0 of the format, ZIP64 version 4.5. */
const version = 20;
const versionZip64 = 45;
const namesAreUtf8 = 0x0800;
const deflated = 8;
/** All bits set means: look into the ZIP64 record. */
const unknown16 = 0xffff;
const unknown32 = 0xffffffff;
const timeField = { length: 9, head: Buffer.from([0x55, 0x54, 5, 0, 1]) };

function signature(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function u16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
