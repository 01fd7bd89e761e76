"use client";

import { CopyButton } from "#components/ui/copy-button";
import { HiddenWords } from "#components/ui/hidden-words";
import { pathText } from "#lib/path-text";
import type { WordChange } from "#lib/words/differences";
import type { WordValue } from "#lib/words/schema";
import classes from "./word-changes.module.css";
import { WordValueText } from "./word-value.tsx";

/** What differs in one policy, setting by setting, under the sections that the settings stand in. */
export function WordChanges({
  changes,
  heading: Heading = "h3",
  isNew = false,
}: {
  changes: readonly WordChange[];
  /** Of a policy that there was not before: only what it holds is worth a word. */
  isNew?: boolean;
  /** One level below the heading that this stands under. */
  heading?: "h2" | "h3";
}) {
  return (
    <div className={classes.root}>
      {[...Map.groupBy(changes, ({ section }) => section)].map(([section, of]) => (
        <section key={section}>
          <Heading className={classes.section}>
            {section} <span className={classes.count}>{of.length}</span>
          </Heading>
          <ul className={classes.list}>
            {of.map((change) => (
              <Change key={change.key} change={change} isNew={isNew} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Change({
  change: { name, category, path, kind, before, after },
  isNew,
}: {
  change: WordChange;
  isNew: boolean;
}) {
  const isLong = (isNew ? [after] : [before, after]).some((value) => value !== null && isBlock(value));
  return (
    <li className={classes.change} data-kind={kind}>
      <div className={classes.line}>
        <span className={classes.name}>
          {category.length > 0 ? <span className={classes.category}>{category.join(" › ")} › </span> : null}
          <strong>{name}</strong>
        </span>
        <CopyButton text={pathText(path)} label={`Copy the path: ${pathText(path)}`} />
      </div>
      <div className={classes.values} data-long={isLong || undefined}>
        {isNew ? (
          <span className={classes.only}>{valueOrNone(after)}</span>
        ) : (
          <>
            <del className={classes.before}>
              <HiddenWords>Before: </HiddenWords>
              {valueOrNone(before)}
            </del>
            <span className={classes.arrow} aria-hidden>
              →
            </span>
            <ins className={classes.after}>
              <HiddenWords>After: </HiddenWords>
              {valueOrNone(after)}
            </ins>
          </>
        )}
      </div>
    </li>
  );
}

function isBlock(value: WordValue): boolean {
  return value.kind === "code" || (value.kind === "list" && value.items.length > 1);
}

function valueOrNone(value: WordValue | null) {
  if (value === null) return <span className={classes.none}>Not configured</span>;
  if (value.kind === "none") return "Configured";
  return <WordValueText value={value} />;
}
