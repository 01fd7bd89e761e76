"use client";

import { UnstyledButton } from "@mantine/core";
import { createContext, useContext, useMemo, useState } from "react";
import { NameTag } from "#components/names/named-id";
import { CopyButton } from "#components/ui/copy-button";
import { HiddenWords } from "#components/ui/hidden-words";
import { guidInText } from "#lib/guid";
import { nameOf } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import classes from "./line-diff.module.css";
import { type Hunk, lineHunks } from "./line-hunks.ts";
import { differingParts } from "./shown-value.ts";

type SideNames = { left: Names; right: Names };
const noNames: SideNames = { left: {}, right: {} };
const Named = createContext(noNames);

/** Equal lines that stay beside a change; more of them are folded. */
const context = 3;

/** Two texts side by side with the differing lines marked, one above the other on a phone. Loaded on demand. */
export function LineDiff({
  left,
  right,
  names = noNames,
  decoded = false,
  tall = false,
}: {
  left: string;
  right: string;
  /** What ids in the lines stand for. */
  names?: SideNames;
  /** The texts are stored as Base64. */
  decoded?: boolean;
  /** The whole of a page rather than one value in a list. */
  tall?: boolean;
}) {
  const hunks = useMemo(() => lineHunks(left, right), [left, right]);
  return (
    <Named value={names}>
      <div className={classes.root}>
        <div className={classes.bar}>
          <span className={classes.side}>
            Before <CopyButton text={left} label="Copy the text before" />
          </span>
          <span className={classes.side}>
            After <CopyButton text={right} label="Copy the text after" />
          </span>
          {decoded ? <span className={classes.note}>Stored as Base64, shown decoded</span> : null}
        </div>
        <section
          className={classes.scroll}
          data-tall={tall || undefined}
          tabIndex={tall ? undefined : 0}
          aria-label="Line by line"
        >
          {hunks ? (
            hunks.map((hunk, index) => (
              <HunkView
                key={`${hunk.leftStart} ${hunk.rightStart}`}
                hunk={hunk}
                first={index === 0}
                last={index === hunks.length - 1}
              />
            ))
          ) : (
            <>
              <p className={classes.apart}>
                These texts have too little in common to be matched line by line.
              </p>
              <Changed
                hunk={{
                  kind: "changed",
                  left: left.split("\n"),
                  right: right.split("\n"),
                  leftStart: 1,
                  rightStart: 1,
                }}
              />
            </>
          )}
        </section>
      </div>
    </Named>
  );
}

function HunkView({ hunk, first, last }: { hunk: Hunk; first: boolean; last: boolean }) {
  const [open, setOpen] = useState(false);
  if (hunk.kind === "changed") return <Changed hunk={hunk} />;
  const head = first ? 0 : context;
  const tail = last ? 0 : context;
  const hidden = hunk.left.length - head - tail;
  if (open || hidden < 2) return <Same hunk={hunk} from={0} to={hunk.left.length} />;
  return (
    <>
      <Same hunk={hunk} from={0} to={head} />
      <UnstyledButton className={classes.fold} onClick={() => setOpen(true)}>
        {hidden} equal lines
      </UnstyledButton>
      <Same hunk={hunk} from={hunk.left.length - tail} to={hunk.left.length} />
    </>
  );
}

function Same({ hunk, from, to }: { hunk: Hunk; from: number; to: number }) {
  if (from === to) return null;
  const [left, right] = [hunk.left.slice(from, to), hunk.right.slice(from, to)];
  return (
    <div className={classes.hunk}>
      <div className={classes.twin} aria-hidden>
        <Lines side="left" lines={left} start={hunk.leftStart + from} />
      </div>
      <div>
        <Lines side="right" lines={right} start={hunk.rightStart + from} />
      </div>
    </div>
  );
}

function Changed({ hunk }: { hunk: Hunk }) {
  // As many lines on both sides: most likely each became the one beside it.
  const pairs =
    hunk.left.length === hunk.right.length
      ? hunk.left.map((line, index) => differingParts(line, hunk.right[index] ?? ""))
      : undefined;
  return (
    <div className={classes.hunk}>
      <del className={classes.lines} data-side="before" data-none={hunk.left.length === 0 || undefined}>
        {hunk.left.length > 0 ? <HiddenWords>Before: </HiddenWords> : null}
        <Lines
          side="left"
          lines={hunk.left}
          start={hunk.leftStart}
          sign="−"
          marks={pairs?.map((pair) => pair && [pair.start, pair.before, pair.end])}
        />
      </del>
      <ins className={classes.lines} data-side="after" data-none={hunk.right.length === 0 || undefined}>
        {hunk.right.length > 0 ? <HiddenWords>After: </HiddenWords> : null}
        <Lines
          side="right"
          lines={hunk.right}
          start={hunk.rightStart}
          sign="+"
          marks={pairs?.map((pair) => pair && [pair.start, pair.after, pair.end])}
        />
      </ins>
    </div>
  );
}

function Lines({
  side,
  lines,
  start,
  sign = " ",
  marks,
}: {
  side: "left" | "right";
  lines: readonly string[];
  start: number;
  sign?: string;
  /** Per line, what differs in it, between what it begins and ends with. */
  marks?: readonly (readonly [string, string, string] | null)[] | undefined;
}) {
  const names = useContext(Named)[side];
  return lines.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number; the lines of a hunk never move
    <span key={start + index} className={classes.line}>
      <span className={classes.number} aria-hidden data-number={start + index} data-sign={sign} />
      <span className={classes.text}>
        <LineText line={line} parts={marks?.[index] ?? null} />
        <LineName line={line} names={names} />
      </span>
    </span>
  ));
}

function LineName({ line, names }: { line: string; names: Names }) {
  const id = guidInText.exec(line)?.[0];
  const name = id ? nameOf(names, null, id) : null;
  return name && <NameTag of={name} />;
}

function LineText({ line, parts }: { line: string; parts: readonly [string, string, string] | null }) {
  if (!parts) return line || " ";
  const [start, differing, end] = parts;
  return (
    <>
      {start}
      {differing ? <mark className={classes.mark}>{differing}</mark> : null}
      {end}
    </>
  );
}
