import { kindWord, type NameKind, type UnresolvedReason } from "#lib/names/names";
import { permissionForNames } from "#lib/names/permissions";
import type { DocumentNames } from "#lib/sets/names-of-document";
import { NamedId } from "./named-id.tsx";
import classes from "./refers-to.module.css";

/** More of a kind are counted; the document has them all. */
const shownOfKind = 25;

/** What a policy refers to, kind by kind: names where they are known, ids where they are not, and why. */
export function RefersTo({ of: { references, names, unresolved } }: { of: DocumentNames }) {
  const kinds = Object.entries(references) as [NameKind, string[]][];
  if (kinds.length === 0) return null;
  return (
    <dl className={classes.root}>
      {kinds.map(([kind, ids]) => {
        const known = names[kind] ?? {};
        const why = ids.some((id) => !Object.hasOwn(known, id)) ? whyUnnamed(kind, unresolved[kind]) : null;
        return (
          <div key={kind} style={{ display: "contents" }}>
            <dt>{kindHeading(kind, ids.length)}</dt>
            <dd>
              <ul className={classes.list}>
                {ids.slice(0, shownOfKind).map((id) => {
                  const name = Object.hasOwn(known, id) ? known[id] : undefined;
                  return (
                    <li key={id}>
                      {name ? (
                        <NamedId of={{ kind, id, ...name }} />
                      ) : (
                        <code className={classes.bare}>{id}</code>
                      )}
                    </li>
                  );
                })}
                {ids.length > shownOfKind ? <li>and {ids.length - shownOfKind} more</li> : null}
              </ul>
              {why ? <p className={classes.why}>{why}</p> : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const plurals: Partial<Record<NameKind, string>> = {
  policy: "policies",
  principal: "users, groups or applications",
};

/** `Groups`, `Scope tag`: what stands before the things of a kind. */
function kindHeading(kind: NameKind, count: number): string {
  const word = kindWord(kind);
  const words = count === 1 ? word : (plurals[kind] ?? `${word}s`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Why ids are shown in place of names, in a sentence; null where that needs no word. */
function whyUnnamed(kind: NameKind, reason: UnresolvedReason | undefined): string | null {
  if (reason === undefined || reason === "NOT_CAPTURED") return null;
  if (reason !== "PERMISSION_MISSING") return "Microsoft Graph did not give the names when the set was made.";
  const permission = permissionForNames(kind);
  return permission
    ? `Names need ${permission}, which the connection did not have (it is optional).`
    : "The connection was not permitted to read the names.";
}
