"use client";

import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { nameOf } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import { jsonTokens } from "../json/json-tokens.ts";
import { NameTag } from "../names/named-id.tsx";
import { HiddenWords } from "../ui/hidden-words.tsx";
import { CopyButton } from "./copy-button.tsx";
import { foldedText, type ShownValue } from "./shown-value.ts";
import classes from "./value-block.module.css";

/** A value before or after a change: its text, a long one folded, and a button that copies it. */
export function ValueBlock({
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
  const [open, setOpen] = useState(false);
  const name = value.kind === "text" ? nameOf(names, property, value.text) : null;
  const shown = folded && !open ? { ...value, text: `${folded.text}…` } : value;
  const Side = side === "before" ? "del" : "ins";
  return (
    <Side className={classes.root} data-side={side}>
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
            className={classes.more}
            aria-expanded={open}
            onClick={() => setOpen((before) => !before)}
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

const colouredUpTo = 20_000;

function ValueText({ value, names, property }: { value: ShownValue; names: Names; property: string | null }) {
  if (value.kind !== "json" || value.text.length > colouredUpTo) return value.text;
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
