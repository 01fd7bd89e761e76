"use client";

import dynamic from "next/dynamic";
import { Fragment } from "react";
import type { DocumentChange } from "#lib/compare/document-diff";
import type { ItemComparison } from "#lib/compare/items";
import { mergeNames } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import { HiddenWords } from "../ui/hidden-words.tsx";
import { ChangeSign } from "./change-badge.tsx";
import { groupChanges, pathSteps, pathText, propertyOf } from "./change-path.ts";
import { CopyButton } from "./copy-button.tsx";
import classes from "./document-changes.module.css";
import { differingParts, shownPair, shownValue } from "./shown-value.ts";
import { ValueBlock } from "./value-block.tsx";

const LineDiff = dynamic(async () => (await import("./line-diff.tsx")).LineDiff);

/** The differences of one policy, path by path, under the parts of the policy that they belong to. */
export function DocumentChanges({
  changes,
  names,
  heading: Heading = "h3",
}: {
  changes: readonly DocumentChange[];
  /** What ids stood for, before and after. */
  names: ItemComparison["names"];
  /** One level below the heading that this stands under. */
  heading?: "h2" | "h3";
}) {
  const either = mergeNames(names.left, names.right);
  return (
    <div className={classes.root}>
      {groupChanges(changes).map(({ key, label, changes: ofGroup }) => (
        <section key={key}>
          <Heading className={classes.group}>
            {label} <span className={classes.count}>{ofGroup.length}</span>
          </Heading>
          <ul className={classes.list}>
            {ofGroup.map((change) => (
              <li key={`${change.kind} ${change.path.join("/")}`} className={classes.change}>
                <PathLine change={change} names={either} />
                <Values change={change} names={names} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

const kindWords = { added: "Added: ", removed: "Removed: ", changed: "Changed: " };

function PathLine({ change: { kind, path }, names }: { change: DocumentChange; names: Names }) {
  return (
    <div className={classes.line}>
      <ChangeSign change={kind} />
      <HiddenWords>{kindWords[kind]}</HiddenWords>
      <span className={classes.path}>
        {pathSteps(path, names).map(({ text, element, id }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps of one path never move
          <Fragment key={index}>
            {index > 0 ? <span className={classes.arrow}> › </span> : null}
            <span data-element={element || undefined} title={id}>
              {text}
            </span>
          </Fragment>
        ))}
      </span>
      <CopyButton text={pathText(path)} label="Copy the path" />
    </div>
  );
}

function Values({
  change: { kind, path, before, after },
  names,
}: {
  change: DocumentChange;
  names: ItemComparison["names"];
}) {
  const property = propertyOf(path);
  if (kind !== "changed") {
    const added = kind === "added";
    return (
      <ValueBlock
        side={added ? "after" : "before"}
        value={shownValue(added ? after : before, path)}
        names={added ? names.right : names.left}
        property={property}
      />
    );
  }
  const pair = shownPair(before, after, path);
  if (pair.before.text.includes("\n") && pair.after.text.includes("\n")) {
    return <LineDiff left={pair.before.text} right={pair.after.text} decoded={pair.after.decoded} />;
  }
  const parts = pair.before.kind === "text" ? differingParts(pair.before.text, pair.after.text) : null;
  return (
    <div className={classes.pair}>
      <ValueBlock
        side="before"
        value={pair.before}
        names={names.left}
        property={property}
        parts={parts && { start: parts.start, differing: parts.before, end: parts.end }}
      />
      <ValueBlock
        side="after"
        value={pair.after}
        names={names.right}
        property={property}
        parts={parts && { start: parts.start, differing: parts.after, end: parts.end }}
      />
    </div>
  );
}
