import { z } from "zod";
import { sha256 } from "#lib/view-fields";
import { type Anchor, platformChain } from "./chain.ts";

const sequenceText = /^[1-9][0-9]{0,18}$/;
const place = { sequence: z.int().min(1).transform(String), hash: sha256 };
/** A line of the service's log. */
const logLine = z.object({
  audit_anchor: z.object({ tenant: z.int().min(1).nullable(), ...place }),
});
/** An entry of an export as JSON. */
const exportedEntry = z.object(place);
/** The end of a line of an export as CSV, whose last columns are these. */
const csvEnd = /,([1-9][0-9]{0,18}),([0-9a-f]{64})\r?$/;

/**
 * An anchor as it is given by hand: `1204:9f86…` of the tenant that is verified, or with the tenant in front.
 * @returns null when it is none
 */
export function parseAnchor(text: string, chain: number | null): Anchor | null {
  const parts = text.split(":");
  const [hash = "", sequence = "", tenant] = parts.reverse();
  const named = tenant === undefined ? chain : parseChain(tenant);
  if (named === null || parts.length > 3 || !sequenceText.test(sequence) || !/^[0-9a-f]{64}$/i.test(hash))
    return null;
  return { chain: named, sequence, hash: hash.toLowerCase() };
}

/** A chain as people name it: a tenant's id, or `platform`. @returns null when it is neither */
export function parseChain(text: string): number | null {
  if (text === "platform") return platformChain;
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}

/**
 * The anchors in a file, line by line: in the JSON lines of the service's log, whatever stands in front of them, and in an
 * export of an audit log as JSON or CSV. Lines without any are passed over.
 * @param chain whose log was exported; null when that was not said, so that exports have no anchors
 */
export async function* anchorsIn(lines: AsyncIterable<string>, chain: number | null): AsyncGenerator<Anchor> {
  for await (const line of lines) {
    const begin = line.indexOf("{");
    const json = begin < 0 ? undefined : jsonOf(line.slice(begin).replace(/,\s*$/, ""));
    const logged = logLine.safeParse(json);
    if (logged.success) {
      const { tenant, sequence, hash } = logged.data.audit_anchor;
      yield { chain: tenant ?? platformChain, sequence, hash };
    } else if (chain !== null) {
      const exported = exportedEntry.safeParse(json);
      const [, sequence, hash] = csvEnd.exec(line) ?? [];
      if (exported.success) yield { chain, ...exported.data };
      else if (sequence && hash) yield { chain, sequence, hash };
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
