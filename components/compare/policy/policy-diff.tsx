"use client";

import { SegmentedControl } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import { WordChanges } from "#components/words/word-changes";
import type { ItemComparison } from "#lib/compare/items";
import type { ItemAt } from "../compare-links.ts";
import { DocumentChanges } from "./document-changes.tsx";
import classes from "./policy-diff.module.css";
import type { PolicyDiffView } from "./policy-diff-views.ts";

const JsonDiff = dynamic(async () => (await import("./json-diff.tsx")).JsonDiff);

const views = [
  { value: "words", label: "In words" },
  { value: "changes", label: "Changes" },
  { value: "json", label: "Side by side JSON" },
];

/** What differs in one policy: in words, as a list of paths, or both documents side by side, where both are in sets. */
export function PolicyDiff({
  left = null,
  right = null,
  comparison,
  heading,
  firstView = "words",
  inAddress = false,
  isNew = false,
}: {
  left?: ItemAt | null;
  right?: ItemAt | null;
  comparison: Omit<ItemComparison, "left" | "right">;
  /** Level of the headings of the policy's parts. */
  heading: "h2" | "h3";
  firstView?: PolicyDiffView;
  /** Keeps the choice of the view in the page's address. */
  inAddress?: boolean;
  /** There was no such policy before: all that it holds is listed, and nothing of what it was. */
  isNew?: boolean;
}) {
  const [view, setView] = useState<string>(firstView);
  const across = left?.tenant_id !== right?.tenant_id;
  const choose = (value: string) => {
    setView(value);
    if (!inAddress) return;
    const url = new URL(window.location.href);
    if (value !== "words") url.searchParams.set("view", value);
    else url.searchParams.delete("view");
    window.history.replaceState(null, "", url);
  };
  if (comparison.identical) {
    return <p className={classes.calm}>Nothing differs: both sets hold the same document.</p>;
  }
  const { changes, words, names } = comparison;
  // Words are told of what differs: names that each tenant has of its own, and the order within lists, alone are no difference.
  const shown = view === "words" && changes.length > 0 ? words : changes;
  return (
    <div className={classes.root}>
      <div className={classes.bar}>
        <span className={classes.words}>
          {shown.length} {isNew ? "set" : shown.length === 1 ? "difference" : "differences"}
        </span>
        <SegmentedControl
          size="xs"
          data={left && right ? views : views.filter(({ value }) => value !== "json")}
          value={view}
          onChange={choose}
          aria-label="How to show the differences"
        />
      </div>
      {view === "json" && left && right ? (
        <>
          {across ? (
            <p className={classes.note}>
              These are whole documents: ids, dates, groups and scope tags, which each tenant has of its own,
              are marked too.
            </p>
          ) : null}
          <JsonDiff left={left} right={right} names={names} />
        </>
      ) : changes.length === 0 ? (
        <p className={classes.calm}>
          {across
            ? "Nothing but what each tenant has of its own differs: ids, dates, groups and scope tags."
            : "Only the order within lists differs, which means nothing to Intune."}
        </p>
      ) : view === "words" && words.length > 0 ? (
        <WordChanges changes={words} heading={heading} isNew={isNew} />
      ) : view === "words" ? (
        <p className={classes.calm}>Nothing differs that has a name; see the changes.</p>
      ) : (
        <DocumentChanges changes={changes} names={names} heading={heading} />
      )}
    </div>
  );
}
