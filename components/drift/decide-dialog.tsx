"use client";

import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { type Drift, reasonMost } from "#lib/drift/schema";
import type { Problem } from "#lib/errors";
import { dayBounds, dayFault } from "../data-table/time-range.ts";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { useNoteUnsaved } from "../navigation/use-note-unsaved.ts";
import { useViewerZone } from "../time/clock.tsx";
import type { DriftActions } from "./actions.ts";
import classes from "./drift.module.css";
import { differencesText, endOfDay } from "./drift-words.ts";

const about = {
  accept:
    "It counts no more, and is watched on: when the policy changes again, or the time is over, it is new again.",
  deny: "It counts until the policy is as the baseline has it. Restore it, or put it right in Microsoft’s portal.",
} as const;

/** What somebody has typed for a decision. */
export interface DecisionDraft {
  reason: string;
  day: string;
}

/** Asks why, and until when, differences are accepted or denied. */
export function DecideDialog({
  decision,
  drifts,
  draft,
  actions,
  onClose,
  onDone,
}: {
  decision: "accept" | "deny";
  /** As they were when the dialog was opened: what changes meanwhile is not decided about. */
  drifts: readonly Drift[];
  /** What was typed before, and could not be saved. */
  draft: DecisionDraft | null;
  actions: DriftActions;
  /** Gets what was typed, where it could not be saved: whoever reads what changed decides with it. */
  onClose: (unsaved: DecisionDraft | null) => void;
  onDone: () => void;
}) {
  useReturnFocus();
  const zone = useViewerZone();
  const { pending, run } = useAction();
  const [reason, setReason] = useState(draft?.reason ?? "");
  const [day, setDay] = useState(draft?.day ?? "");
  const dayField = useRef<HTMLInputElement>(null);
  const [isDayFaulty, setDayFaulty] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useNoteUnsaved(reason !== "" || day !== "");
  const word = decision === "accept" ? "Accept" : "Deny";
  const [first] = drifts;
  const what = drifts.length === 1 && first ? `“${first.display_name}”` : differencesText(drifts.length);
  const wanted = drifts.map(({ id, version }) => ({ id, version }));
  const decide = () => {
    // Of a day that is half typed the browser tells nothing but that.
    const typedUntil = () => (dayField.current?.validity.badInput ? undefined : endOfDay(day, zone));
    const until = decision === "accept" ? typedUntil() : null;
    if (until === undefined) {
      setDayFaulty(true);
      dayField.current?.focus();
      return;
    }
    setProblem(null);
    run(
      () =>
        decision === "accept"
          ? actions.accept({ drifts: wanted, reason, until })
          : actions.deny({ drifts: wanted, ...(reason.trim() ? { reason } : {}) }),
      {
        success: () => {
          toast.success(decision === "accept" ? `Accepted: ${what}.` : `Denied: ${what}.`);
          onDone();
        },
        problem: (found) => {
          setProblem(found);
          return true;
        },
      },
    );
  };
  const close = () => onClose(problem ? { reason, day } : null);
  return (
    <Modal {...modalWhile(pending, close)} title={`${word} ${what}?`} centered>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          decide();
        }}
      >
        <Stack gap="md">
          <p className={classes.text}>{about[decision]}</p>
          {problem ? (
            <ProblemAlert title={problem.title} reveal>
              {problem.detail}
            </ProblemAlert>
          ) : null}
          <Textarea
            label="Reason"
            description={
              decision === "accept"
                ? "Who reads this next year wants to know why it may be"
                : "If there is something to say"
            }
            required={decision === "accept"}
            maxLength={reasonMost}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            autosize
            minRows={2}
            data-autofocus
          />
          {decision === "accept" ? (
            <TextInput
              ref={dayField}
              type="date"
              {...dayBounds}
              label="Accepted through"
              description="Leave it empty, and it holds until the policy changes"
              value={day}
              error={isDayFaulty ? dayFault : undefined}
              onChange={(event) => {
                setDay(event.currentTarget.value);
                setDayFaulty(false);
              }}
            />
          ) : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={pending} disabled={decision === "accept" && reason.trim() === ""}>
              {word}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
