"use client";

import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { restoreItemsMost } from "#lib/limits";
import { policiesText } from "../restore-words.ts";
import classes from "./chosen-bar.module.css";
import type { RestoreStart } from "./restore-start.ts";
import { StartRestoreButton } from "./start-restore-button.tsx";
import type { Chosen } from "./use-chosen.ts";

/** What can be done with the chosen policies of a list: it stays in sight while there are any. */
export function ChosenBar({
  start,
  setId,
  chosen,
  children,
}: {
  start: RestoreStart;
  setId: number;
  chosen: Chosen;
  /** Ways to choose more. */
  children?: ReactNode;
}) {
  const { policies, clear } = chosen;
  if (policies.length === 0) return null;
  const over = policies.length > restoreItemsMost;
  return (
    <section className={`${classes.bar} tp-no-print`} aria-label="Chosen policies">
      <span className={classes.count} role="status">
        {policiesText(policies.length)} chosen{over ? `: ${restoreItemsMost} at most` : ""}
      </span>
      {children}
      <Button variant="default" size="xs" onClick={clear}>
        Clear
      </Button>
      {over ? null : (
        <StartRestoreButton start={start} setId={setId} policies={policies} size="xs">
          Restore policies…
        </StartRestoreButton>
      )}
    </section>
  );
}
