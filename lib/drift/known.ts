import { z } from "zod";
import { namesFor, referencesOf } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import type { KnownObject } from "#lib/restore/mapping";
import { nameKindsOf } from "#lib/restore/read-source";

/** What a baseline keeps of the objects that its policies refer to, and the types of those that its set held itself. */
export const knownShape = z.object({
  known: z.array(z.custom<KnownObject>()).default([]),
  types: z.array(z.string()).default([]),
});

/**
 * What the ids in a policy of the baseline stand for, as the baseline keeps it: its set may be gone, or another tenant's.
 * @param kept the baseline's column `known`
 */
export function namesKnown(kept: unknown, document: unknown): Names {
  const names: Names = {};
  for (const { kind, id, name } of knownShape.parse(kept).known) {
    for (const each of nameKindsOf(kind)) {
      const ofKind = names[each] ?? {};
      ofKind[id.toLowerCase()] = { name };
      names[each] = ofKind;
    }
  }
  return namesFor(referencesOf(document), names);
}
