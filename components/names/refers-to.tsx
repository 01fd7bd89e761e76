import type { NameKind } from "#lib/names/names";
import type { DocumentNames } from "#lib/sets/names-of-document";
import { NamedId } from "./named-id.tsx";
import classes from "./refers-to.module.css";
import { kindHeading, whyUnnamed } from "./words.ts";

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
