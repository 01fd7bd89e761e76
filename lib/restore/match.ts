import type { PolicyType } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import { type Document, isDocument, typeOf } from "./document.ts";
import { isBuiltIn, nameProperty } from "./guards.ts";
import { isNumbered } from "./mapping.ts";

/** The live object that a backup is of. */
export type Match = { live: Document | null } | { ambiguous: readonly Document[] };

/**
 * Finds the live object of a backup among all of its type: by its id, else by name, kind, platform and template. Several
 * of one name are never guessed.
 * @param live every object of the type, all pages of them
 * @param isForeign the backup is another tenant's: an id that each tenant counts by itself is somebody else's there
 */
export function matchLive(
  type: PolicyType,
  backup: Document,
  live: readonly Document[],
  isForeign = false,
): Match {
  const id = isForeign && isNumbered(type.key) ? undefined : backup[type.idProperty];
  const [only] = live;
  if (type.single) return { live: only ?? null };
  const same = id === undefined ? undefined : live.find((one) => one[type.idProperty] === id);
  if (same) return { live: same };
  const alike = live.filter((one) => isAlike(type, one, backup));
  return alike.length > 1 ? { ambiguous: alike } : { live: alike[0] ?? null };
}

function isAlike(type: PolicyType, live: Document, backup: Document): boolean {
  const rule = writingOf(type.key);
  const defaults = "cannot" in rule ? [] : rule.builtIn.filter(({ allows }) => allows === "update");
  // A tenant's default is the other's, whatever it is called.
  if (defaults.some((one) => isBuiltIn(one, backup)))
    return defaults.some((one) => isBuiltIn(one, live)) && typeOf(live) === typeOf(backup);
  return identityOf(type, live) === identityOf(type, backup);
}

function identityOf(type: PolicyType, document: Document): string {
  const template = isDocument(document.templateReference) ? document.templateReference.templateId : undefined;
  const { platforms, platform, platformType, technologies, templateId } = document;
  return JSON.stringify([
    document[nameProperty(type, document)],
    typeOf(document),
    platforms ?? platform ?? platformType ?? null,
    technologies ?? null,
    template ?? templateId ?? null,
  ]);
}

/** Whether a listed object could be what a backup was made into; lists abridge, so what they leave out says nothing. */
export function couldBe(type: PolicyType, listed: Document, wanted: Document): boolean {
  const name = nameProperty(type, wanted);
  if (listed[name] !== wanted[name]) return false;
  const agrees = (left: unknown, right: unknown) =>
    left === undefined || right === undefined || left === right;
  const kinds = [typeOf(listed), typeOf(wanted)].filter((kind) => kind !== "");
  return (
    new Set(kinds).size <= 1 &&
    ["platforms", "platform", "platformType", "technologies", "templateId"].every((property) =>
      agrees(listed[property], wanted[property]),
    )
  );
}
