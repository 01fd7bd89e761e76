import { kindWord, type NameKind, type UnresolvedReason } from "#lib/names/names";
import { permissionForNames } from "#lib/names/permissions";

const plurals: Partial<Record<NameKind, string>> = {
  policy: "policies",
  principal: "users, groups or applications",
};

/** `Groups`, `Scope tag`: what stands before the things of a kind. */
export function kindHeading(kind: NameKind, count: number): string {
  const word = kindWord(kind);
  const words = count === 1 ? word : (plurals[kind] ?? `${word}s`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why ids are shown in place of names, in a sentence; null where that needs no word. */
export function whyUnnamed(kind: NameKind, reason: UnresolvedReason | undefined): string | null {
  if (reason === undefined || reason === "NOT_CAPTURED") return null;
  if (reason !== "PERMISSION_MISSING") return "Microsoft Graph did not give the names when the set was made.";
  const permission = permissionForNames(kind);
  return permission
    ? `Names need ${permission}, which the connection did not have (it is optional).`
    : "The connection was not permitted to read the names.";
}
