"use client";

import { UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { jsonTokens } from "../backup-sets/json-tokens.ts";
import { HiddenWords } from "../data-table/data-table.tsx";
import { CopyButton } from "./copy-button.tsx";
import { foldedText, type ShownValue } from "./shown-value.ts";
import classes from "./value-block.module.css";

/** A value before or after a change: its text, a long one folded, and a button that copies it. */
export function ValueBlock({
  side,
  value,
  parts,
}: {
  side: "before" | "after";
  value: ShownValue;
  /** The value cut in three, the differing middle to be marked. */
  parts?: { start: string; differing: string; end: string } | null;
}) {
  const folded = foldedText(value.text);
  const [open, setOpen] = useState(false);
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
            <ValueText value={shown} />
          )}
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

function ValueText({ value }: { value: ShownValue }) {
  if (value.kind !== "json" || value.text.length > colouredUpTo) return value.text;
  let offset = 0;
  return jsonTokens(value.text).map((token) => {
    const at = offset;
    offset += token.text.length;
    return token.kind === "plain" ? (
      token.text
    ) : (
      <span key={at} data-token={token.kind}>
        {token.text}
      </span>
    );
  });
}
