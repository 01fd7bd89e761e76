"use client";

import { UnstyledButton } from "@mantine/core";
import dynamic from "next/dynamic";
import { Fragment, useState } from "react";
import { jsonTokens } from "#components/json/json-tokens.ts";
import { NameTag } from "#components/names/named-id";
import { CopyButton } from "#components/ui/copy-button";
import { HiddenWords } from "#components/ui/hidden-words";
import { usePrinting } from "#components/ui/use-printing.ts";
import type { DocumentChange } from "#lib/compare/document-diff";
import type { ItemComparison } from "#lib/compare/items";
import { mergeNames, nameOf } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import { ChangeSign } from "../change-marks.tsx";
import { groupChanges, pathSteps, pathText, propertyOf } from "./change-path.ts";
import classes from "./document-changes.module.css";
import { differingParts, foldedText, type ShownValue, shownPair, shownValue } from "./shown-value.ts";

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
    <div className={classes.groups}>
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

/** A value before or after a change: its text, a long one folded, and a button that copies it. */
function ValueBlock({
  side,
  value,
  names,
  property,
  parts,
}: {
  side: "before" | "after";
  value: ShownValue;
  /** What ids in the value stood for. */
  names: Names;
  /** The property that the value stands in, or in whose list. */
  property: string | null;
  /** The value cut in three, the differing middle to be marked. */
  parts?: { start: string; differing: string; end: string } | null;
}) {
  const folded = foldedText(value.text);
  const [unfolded, setUnfolded] = useState(false);
  const printing = usePrinting();
  const open = unfolded || printing;
  const name = value.kind === "text" ? nameOf(names, property, value.text) : null;
  const shown = folded && !open ? { ...value, text: `${folded.text}…` } : value;
  const Side = side === "before" ? "del" : "ins";
  return (
    <Side className={classes.value} data-side={side}>
      <HiddenWords>{side === "before" ? "Before: " : "After: "}</HiddenWords>
      <span className={classes.sign} aria-hidden>
        {side === "before" ? "−" : "+"}
      </span>
      <span className={classes.content}>
        <span className={classes.text} data-kind={value.kind}>
          {parts && !(folded && !open) ? (
            <>
              {parts.start}
              {parts.differing ? <mark className={classes.mark}>{parts.differing}</mark> : null}
              {parts.end}
            </>
          ) : (
            <ValueText value={shown} names={names} property={property} />
          )}
          {name ? <NameTag of={name} /> : null}
        </span>
        {value.decoded ? <span className={classes.note}>Stored as Base64, shown decoded</span> : null}
        {folded ? (
          <UnstyledButton
            className={`${classes.more} tp-no-print`}
            aria-expanded={open}
            onClick={() => setUnfolded((before) => !before)}
          >
            {open
              ? "Show less"
              : folded.lines > 1
                ? `Show all ${folded.lines} lines`
                : `Show all ${value.text.length} characters`}
          </UnstyledButton>
        ) : null}
      </span>
      <CopyButton
        text={value.kind === "empty" ? "" : value.text}
        label={side === "before" ? "Copy the value before" : "Copy the value after"}
      />
    </Side>
  );
}

const coloredUpTo = 20_000;

function ValueText({ value, names, property }: { value: ShownValue; names: Names; property: string | null }) {
  if (value.kind !== "json" || value.text.length > coloredUpTo) return value.text;
  let offset = 0;
  let within = property;
  return jsonTokens(value.text).map((token) => {
    const at = offset;
    offset += token.text.length;
    if (token.kind === "plain") return token.text;
    if (token.kind === "key") within = JSON.parse(token.text);
    const name = token.kind === "string" ? nameOf(names, within, token.text.slice(1, -1)) : null;
    return (
      <span key={at}>
        <span data-token={token.kind}>{token.text}</span>
        {name ? <NameTag of={name} /> : null}
      </span>
    );
  });
}
