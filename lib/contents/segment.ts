import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";
import { guidPattern } from "#lib/guid";

/**
 * A segment of the index over the contents of snapshots: which of some snapshots have which terms. Terms that many policies
 * share, such as the names of their properties, are written once a segment, and what is there is compressed as a whole: a
 * row a snapshot would take more for the row alone.
 */
export interface Segment {
  /** The first bytes of the SHA-256 of each snapshot, in their order. */
  keys: Uint8Array;
  /** The terms that are GUIDs, in order: 32 digits each, without their hyphens. */
  guids: string;
  /** The other terms, in the order of their code units: a line each, with its end. */
  words: string;
  /** Where in `words` each of them begins. */
  starts: Uint32Array;
  /** For each GUID, then for each word: how many snapshots have it, and the places of those in `keys`, packed. */
  postings: Uint8Array;
  /** Where in `postings` those of each term begin. */
  offsets: Uint32Array;
}

/** How a segment is stored. */
export interface StoredSegment {
  keys: Uint8Array;
  content: Uint8Array;
}

/** Bytes of a snapshot's hash that a segment keeps. Two snapshots that share them would merely be read once too often. */
export const keyBytes = 8;

const guid = new RegExp(`^${guidPattern}$`);
const guidDigits = 32;
const compress = promisify(zstdCompress);

/** The key of a snapshot. @param sha256 in hex */
export function keyOf(sha256: string): string {
  return sha256.slice(0, 2 * keyBytes);
}

/** Keys that lie one after the other, in hex. */
export function keysIn(keys: Uint8Array): string[] {
  const hex = viewOf(keys).toString("hex");
  return Array.from({ length: keys.byteLength / keyBytes }, (_, n) =>
    hex.slice(n * 2 * keyBytes, (n + 1) * 2 * keyBytes),
  );
}

/** @param snapshots key in hex → terms, in the order that they shall have */
export function segmentOf(snapshots: ReadonlyMap<string, Iterable<string>>): Segment {
  const places = new Map<string, number[]>();
  let place = 0;
  for (const terms of snapshots.values()) {
    for (const term of terms) addPlaces(places, term, [place]);
    place += 1;
  }
  return assembled(Buffer.from([...snapshots.keys()].join(""), "hex"), places);
}

/** The snapshots of all of these in one segment. */
export function merged(segments: readonly Segment[]): Segment {
  const places = new Map<string, number[]>();
  let first = 0;
  for (const segment of segments) {
    const shift = first;
    for (const [n, term] of termsOfSegment(segment).entries())
      addPlaces(
        places,
        term,
        placesOf(segment, n).map((place) => place + shift),
      );
    first += segment.keys.byteLength / keyBytes;
  }
  return assembled(Buffer.concat(segments.map(({ keys }) => keys)), places);
}

/** A segment without some of its snapshots, and without the terms that only they had. @param gone keys in hex */
export function without(segment: Segment, gone: ReadonlySet<string>): Segment {
  let left = 0;
  const keys = keysIn(segment.keys);
  const moved = keys.map((key) => (gone.has(key) ? null : left++));
  const places = new Map<string, number[]>();
  for (const [n, term] of termsOfSegment(segment).entries())
    addPlaces(
      places,
      term,
      placesOf(segment, n).flatMap((place) => moved[place] ?? []),
    );
  return assembled(Buffer.from(keys.filter((key) => !gone.has(key)).join(""), "hex"), places);
}

function addPlaces(places: Map<string, number[]>, term: string, more: readonly number[]): void {
  const known = places.get(term);
  if (known) known.push(...more);
  else if (more.length > 0) places.set(term, [...more]);
}

function termsOfSegment({ guids, words }: Segment): string[] {
  const ids = Array.from({ length: guids.length / guidDigits }, (_, n) =>
    guids.slice(n * guidDigits, (n + 1) * guidDigits).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
  );
  return [...ids, ...words.split("\n").slice(0, -1)];
}

function assembled(keys: Uint8Array, places: ReadonlyMap<string, readonly number[]>): Segment {
  const all = [...places.keys()].sort();
  const guids = all.filter((term) => guid.test(term));
  const words = all.filter((term) => !guid.test(term));
  const packed: number[] = [];
  for (const term of [...guids, ...words]) {
    const of = places.get(term) ?? [];
    pack(packed, of.length);
    let before = -1;
    for (const place of of) {
      pack(packed, place - before - 1);
      before = place;
    }
  }
  return indexed(
    keys,
    guids.join("").replaceAll("-", ""),
    words.map((term) => `${term}\n`).join(""),
    Uint8Array.from(packed),
  );
}

function indexed(keys: Uint8Array, guids: string, words: string, postings: Uint8Array): Segment {
  const starts: number[] = [];
  for (let at = 0; at < words.length; at = words.indexOf("\n", at) + 1) starts.push(at);
  const offsets = new Uint32Array(guids.length / guidDigits + starts.length);
  const packed = new Unpacker(postings, 0);
  for (let n = 0; n < offsets.length; n += 1) {
    offsets[n] = packed.at;
    for (let left = packed.next(); left > 0; left -= 1) packed.next();
  }
  return { keys, guids, words, starts: Uint32Array.from(starts), postings, offsets };
}

/** Seven bits a byte, the low ones first. */
function pack(into: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest >>>= 7) into.push((rest & 127) | 128);
  into.push(rest);
}

/** Reads packed numbers one after the other. */
class Unpacker {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new Error("A segment of the index of contents is cut off");
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
}

/** The places of the snapshots that have a term. @param n which of the terms */
function placesOf({ postings, offsets }: Segment, n: number): number[] {
  const packed = new Unpacker(postings, offsets[n] ?? 0);
  const places: number[] = [];
  let place = -1;
  for (let left = packed.next(); left > 0; left -= 1) {
    place += packed.next() + 1;
    places.push(place);
  }
  return places;
}

/** Which snapshots have a term of which `part` is a part, marked by their places. @param part letters and digits */
export function holdersOfPart(segment: Segment, part: string): Uint8Array {
  const { guids, words, starts } = segment;
  const holders = new Uint8Array(segment.keys.byteLength / keyBytes);
  const mark = (n: number) => {
    for (const place of placesOf(segment, n)) holders[place] = 1;
  };
  for (let at = guids.indexOf(part); at >= 0; ) {
    const n = Math.floor(at / guidDigits);
    const isWithin = at + part.length <= (n + 1) * guidDigits;
    if (isWithin) mark(n);
    at = guids.indexOf(part, isWithin ? (n + 1) * guidDigits : at + 1);
  }
  for (let at = words.indexOf(part); at >= 0; ) {
    mark(guids.length / guidDigits + lastUpTo(starts.length, (n) => (starts[n] ?? 0) <= at));
    at = words.indexOf(part, words.indexOf("\n", at));
  }
  return holders;
}

/** The places of the snapshots that have exactly this term. */
export function holdersOfTerm(segment: Segment, term: string): number[] {
  const { guids, words, starts } = segment;
  const count = guids.length / guidDigits;
  if (guid.test(term)) {
    const digits = term.replaceAll("-", "");
    const at = (n: number) => guids.slice(n * guidDigits, (n + 1) * guidDigits);
    const n = lastUpTo(count, (n) => at(n) <= digits);
    return n >= 0 && at(n) === digits ? placesOf(segment, n) : [];
  }
  const at = (n: number) => words.slice(starts[n], (starts[n + 1] ?? words.length) - 1);
  const n = lastUpTo(starts.length, (n) => at(n) <= term);
  return n >= 0 && at(n) === term ? placesOf(segment, count + n) : [];
}

/** The last of `count` places at which a condition holds that holds up to some place; -1 for none. */
function lastUpTo(count: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The content is the lengths of its three parts, then GUIDs as bytes (nothing compresses those), other terms, and postings. */
export async function encodeSegment({ keys, guids, words, postings }: Segment): Promise<StoredSegment> {
  const parts = [Buffer.from(guids, "hex"), await compressed(Buffer.from(words)), await compressed(postings)];
  const lengths = Buffer.alloc(4 * parts.length);
  for (const [n, part] of parts.entries()) lengths.writeUInt32LE(part.byteLength, 4 * n);
  return { keys, content: Buffer.concat([lengths, ...parts]) };
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array> {
  return compress(bytes, {
    // Written once, read at every search.
    params: { [constants.ZSTD_c_compressionLevel]: 19 },
    // Tables are made for the size at hand, not for the largest.
    pledgedSrcSize: bytes.byteLength,
  });
}

/** @throws Error when the bytes are damaged */
export function decodeSegment({ keys, content }: StoredSegment): Segment {
  const bytes = viewOf(content);
  const [first = 0, second = 0] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  return indexed(
    keys,
    bytes.subarray(12, 12 + first).toString("hex"),
    zstdDecompressSync(bytes.subarray(12 + first, 12 + first + second)).toString("utf8"),
    zstdDecompressSync(bytes.subarray(12 + first + second)),
  );
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
