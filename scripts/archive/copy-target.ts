import type { PlaceFault } from "./place-fault.ts";

/** Where copies of backup sets go: a folder, or a bucket. What cannot be done there rejects with what was said, or a PlaceFault. */
export interface CopyTarget {
  /** What is there of a tenant. */
  tenant(id: number): Promise<TenantCopies>;
  /**
   * What something that went wrong there says of all that is to go there.
   * @returns null when it is about one copy or one tenant, and others can be copied
   */
  faultAfter(error: unknown): Promise<PlaceFault | null>;
}

/** The copies of one tenant: a ZIP each set, and `SHA256SUMS` with the hashes of all, as `sha256sum` reads it. */
export interface TenantCopies {
  /** The hash, in hexadecimal, of each copy that is whole, by its name. */
  readonly sums: ReadonlyMap<string, string>;
  /** Writes a copy, which has its name when it is whole; one that was there is replaced. */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The hash of a copy as it is now; null when there is none. */
  hashOf(name: string): Promise<string | null>;
  /** How people call a copy. */
  pathOf(name: string): string;
  /** Writes what was not written yet of the hashes. */
  close(): Promise<void>;
}

export const sumsFile = "SHA256SUMS";

/** @param text names copies as they are called, and as they were before their names had a hash */
export function parseSums(text: string): Map<string, string> {
  const lines = text.split("\n").flatMap((line) => {
    const [, hash, name] = /^([0-9a-f]{64}) {2}(set-\d+(?:-[0-9a-f]{12})?\.zip)$/.exec(line) ?? [];
    return hash && name ? [[name, hash] as const] : [];
  });
  return new Map(lines);
}

export function sumsText(sums: ReadonlyMap<string, string>): string {
  return [...sums].map(([name, hash]) => `${hash}  ${name}\n`).join("");
}
