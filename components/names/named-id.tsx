import type { NamedReference } from "#lib/names/collect";
import { goneWord, kindWord } from "#lib/names/names";
import { HiddenWords } from "../ui/hidden-words.tsx";
import classes from "./named-id.module.css";

/** What an id stands for, in place of the id; that is on hover and for screen readers. Of what is gone, the id is shown. */
export function NamedId({ of: { kind, id, name, ...more } }: { of: NamedReference }) {
  if (name === null) {
    return (
      <span>
        <span className={classes.gone}>{goneWord(kind)}</span> <code className={classes.id}>{id}</code>
      </span>
    );
  }
  const detail = more.user_principal_name ?? more.rule;
  return (
    <span className={classes.name} title={[id, detail].filter(Boolean).join("\n")}>
      {name}
      <HiddenWords>{` (${kindWord(kind)} ${id})`}</HiddenWords>
    </span>
  );
}

/** What an id stands for, beside the id in a document. */
export function NameTag({ of: { kind, name, ...more } }: { of: NamedReference }) {
  const detail = more.user_principal_name ?? more.rule;
  return (
    <span
      className={classes.tag}
      data-gone={name === null || undefined}
      title={name === null ? undefined : [kindWord(kind), detail].filter(Boolean).join(": ")}
    >
      {name === null ? (
        goneWord(kind)
      ) : (
        <>
          <HiddenWords>{`${kindWord(kind)} `}</HiddenWords>
          {name}
        </>
      )}
    </span>
  );
}
