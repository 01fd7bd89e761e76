type SeedPart = string | number;

/** 128 bits from a string (MurmurHash3-like mixing): spreads well, not for secrets. */
function hash128(text: string): [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0];
}

/** A 32-bit hash of the parts, the same on every machine. */
export function hash32(...parts: SeedPart[]): number {
  return hash128(parts.join("\u0000"))[0];
}

const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");

/** Four 32-bit words as a GUID with version and variant bits, keeping the first word whole. */
export function guid(words: readonly [number, number, number, number]): string {
  const [a, b, c, d] = words;
  const second = hex(b);
  const third = hex((c & 0x3fffffff) | 0x80000000);
  return `${hex(a)}-${second.slice(0, 4)}-4${second.slice(5)}-${third.slice(0, 4)}-${third.slice(4)}${hex(d)}`;
}

/** A deterministic stream of pseudo-random values (sfc32): equal seed parts, equal stream. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(...parts: SeedPart[]) {
    [this.#a, this.#b, this.#c, this.#d] = hash128(parts.join("\u0000"));
    for (let i = 0; i < 8; i++) this.#word();
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    return this.#word() / 4294967296;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[Math.floor(this.next() * from.length)] ?? from[0];
  }

  guid(): string {
    return guid([this.#word(), this.#word(), this.#word(), this.#word()]);
  }

  /** `size` hexadecimal digits. */
  hex(size: number): string {
    let text = "";
    while (text.length < size) text += hex(this.#word());
    return text.slice(0, size);
  }

  /** A time between 2021 and 2025 as Graph writes it, with seven digits of a second. */
  dateTime(): string {
    const at = new Date(Date.UTC(2021, 0, 1) + this.next() * 4.8 * 365 * 86_400_000);
    return at.toISOString().replace("Z", `${this.int(0, 9999).toString().padStart(4, "0")}Z`);
  }
}

/**
 * A keyed permutation of the 32-bit numbers (Feistel network). With it an object's id tells its index again,
 * so a tenant of any size needs no table from id to object.
 */
export function permute(value: number, key: number, direction: "forth" | "back"): number {
  let left = value >>> 16;
  let right = value & 0xffff;
  const round = (half: number, n: number) => {
    const mixed = Math.imul(half ^ Math.imul(key ^ n, 0x9e3779b1), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) >>> 3) & 0xffff;
  };
  if (direction === "forth") {
    for (let n = 0; n < 4; n++) [left, right] = [right, left ^ round(right, n)];
  } else {
    for (let n = 3; n >= 0; n--) [left, right] = [right ^ round(left, n), left];
  }
  return ((left << 16) | right) >>> 0;
}
