import { createHash } from "node:crypto";
import { promisify } from "node:util";
import {
  constants,
  crc32,
  type ZstdOptions,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from "node:zlib";
import { z } from "zod";
import { readExactly } from "#lib/graph/exact-number";
import { sha256 } from "#lib/view-fields";
import { dictionary1 } from "./dictionary-1.ts";

const compressZstd = promisify(zstdCompress);
const decompressZstd = promisify(zstdDecompress);

/**
 * How a snapshot's bytes are stored; kept beside each, so that the choice can change without a rewrite. `plain` is the
 * document itself: a healed snapshot, whose hash the database has checked (migration "damaged_snapshots"). `zstd-1` is with
 * dictionary 1, behind a CRC-32; `zstd`, with neither, is how all were stored before.
 */
export type SnapshotEncoding = "zstd-1" | "zstd" | "plain";

/** A snapshot as it is stored. */
export const storedSnapshotView = z.strictObject({
  sha256,
  encoding: z.string(),
  content: z.instanceof(Uint8Array),
  bytes_logical: z.int(),
  bytes_stored: z.int(),
});
export type StoredSnapshot = z.infer<typeof storedSnapshotView>;

/** What of it the document is read from. */
export const storedDocumentView = storedSnapshotView.pick({ sha256: true, encoding: true, content: true });
export type StoredDocument = z.infer<typeof storedDocumentView>;

/**
 * Up to this size a document is compressed at once, in well under 5 ms: a context of its own and the way through
 * the thread pool cost far more than the work. Measured with documents of 4 to 23 kB: 0.4 ms each instead of 4.6.
 */
const AT_ONCE_BYTES = 256 * 1024;

/** Up to so many stored bytes a document is decompressed at once: measured, in less than half of the processor time. */
const AT_ONCE_STORED_BYTES = 16 * 1024;

/** How long a CRC-32 is. */
const checkBytes = 4;

/**
 * Compresses a snapshot's canonical JSON for storage. Await one before the next: a compression that is under way
 * holds megabytes.
 */
export async function encodeSnapshot(
  document: Uint8Array,
): Promise<{ encoding: SnapshotEncoding; content: Uint8Array<ArrayBuffer> }> {
  const options: ZstdOptions = {
    // A higher one takes ten times as long for 4 % less.
    params: { [constants.ZSTD_c_compressionLevel]: 9 },
    dictionary: dictionary1,
    // Tables are made for the size at hand, not for the largest.
    pledgedSrcSize: document.byteLength,
  };
  const compressed =
    document.byteLength <= AT_ONCE_BYTES
      ? zstdCompressSync(document, options)
      : await compressZstd(document, options);
  const content = new Uint8Array(checkBytes + compressed.byteLength);
  new DataView(content.buffer).setUint32(0, crc32(compressed));
  content.set(compressed, checkBytes);
  return { encoding: "zstd-1", content };
}

/**
 * The canonical JSON that a stored snapshot holds.
 * @throws Error when the bytes are damaged or the encoding is unknown.
 */
export async function decodeSnapshot(encoding: string, content: Uint8Array): Promise<Uint8Array> {
  if (encoding === "zstd-1") {
    const compressed = checked(content);
    return compressed.byteLength <= AT_ONCE_STORED_BYTES
      ? zstdDecompressSync(compressed, { dictionary: dictionary1 })
      : decompressZstd(compressed, { dictionary: dictionary1 });
  }
  if (encoding === "zstd") return decompressZstd(content);
  if (encoding === "plain") return content;
  throw new Error(`Unknown snapshot encoding: ${encoding}`);
}

/** What is behind the CRC-32. One in 500 bits of a frame says nothing: the document is right, and yet its bytes are damaged. */
function checked(content: Uint8Array): Uint8Array {
  const compressed = content.subarray(checkBytes);
  const { buffer, byteOffset, byteLength } = content;
  if (byteLength < checkBytes || new DataView(buffer, byteOffset).getUint32(0) !== crc32(compressed)) {
    throw new Error("The bytes of a snapshot do not match their CRC-32");
  }
  return compressed;
}

/**
 * The canonical JSON of a stored snapshot, if it is what its hash says. A damaged snapshot is never handed out as if
 * it were the policy.
 * @returns null when it is damaged
 */
export async function provenDocument(stored: StoredDocument): Promise<Uint8Array | null> {
  const document = await decodeSnapshot(stored.encoding, stored.content).catch(() => null);
  return document && sha256Of(document) === stored.sha256 ? document : null;
}

/** {@link provenDocument}, parsed; null when it is damaged, or there is none. */
export async function provenJson(stored: StoredDocument | null): Promise<unknown> {
  const document = stored && (await provenDocument(stored));
  return document && readExactly(Buffer.from(document).toString("utf8"));
}

/** What is wrong with a stored snapshot, recomputed from its bytes, as the end of a sentence; null when nothing is. */
export async function damageOf(stored: StoredSnapshot): Promise<string | null> {
  const document = await decodeSnapshot(stored.encoding, stored.content).catch(() => null);
  if (!document) return "its bytes cannot be decompressed";
  if (sha256Of(document) !== stored.sha256) return "its bytes do not match its hash";
  if (document.byteLength !== stored.bytes_logical || stored.content.byteLength !== stored.bytes_stored) {
    return "its recorded size is wrong";
  }
  return null;
}

function sha256Of(document: Uint8Array): string {
  return createHash("sha256").update(document).digest("hex");
}
