"use client";

import {
  Button,
  Checkbox,
  Group,
  Modal,
  PasswordInput,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { TargetView } from "#lib/alerts/schema";
import type { Action } from "../feedback/action-result.ts";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { useAction } from "../feedback/use-action.ts";
import { useNoteUnsaved } from "../navigation/use-note-unsaved.ts";
import {
  addressesIn,
  type TargetChange,
  type TargetDraft,
  targetChange,
  targetDraft,
  targetFaults,
} from "./target-draft.ts";

/** Changes what a target is called and where it goes. Mount it to open it. */
export function TargetDialog({
  target,
  hasOwners,
  save,
  onClose,
}: {
  /** As it was when the dialog was opened. */
  target: TargetView;
  /** Whether mail can go to owners: the platform has none. */
  hasOwners: boolean;
  save: Action<TargetChange, unknown>;
  onClose: () => void;
}) {
  useReturnFocus();
  const { pending, run } = useAction();
  const [draft, setDraft] = useState<TargetDraft>(() => targetDraft(target));
  const [faults, setFaults] = useState<Partial<Record<keyof TargetChange, string>>>({});
  const [problem, setProblem] = useState<{ title: string; detail: string } | null>(null);
  const wanted = targetChange(target, draft);
  const isChanged = Object.keys(wanted).length > 0;
  useNoteUnsaved(isChanged);
  const change = (changes: Partial<TargetDraft>) => setDraft({ ...draft, ...changes });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setFaults({});
    setProblem(null);
    if (!isChanged) return onClose();
    if (target.kind === "email" && !draft.to_owners && addressesIn(draft.recipients).length === 0)
      return setFaults({ recipients: hasOwners ? "Enter one, or choose the owners" : "Enter at least one" });
    run(() => save(wanted), {
      success: onClose,
      problem: (found) => {
        const own = targetFaults(found, wanted);
        setFaults(own);
        if (found.code === "EDIT_CONFLICT") setProblem({ title: found.title, detail: changedMeanwhile });
        else if (Object.keys(own).length === 0) setProblem(found);
        return true;
      },
    });
  };
  return (
    <Modal {...modalWhile(pending, onClose)} title={`Edit “${target.name}”`} centered>
      <form onSubmit={submit} noValidate aria-label="Alert target">
        <Stack gap="md">
          {problem ? (
            <ProblemAlert title={problem.title} reveal>
              {problem.detail}
            </ProblemAlert>
          ) : null}
          <TextInput
            label="Name"
            maxLength={200}
            autoComplete="off"
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={faults.name}
            data-autofocus
          />
          {target.kind === "email" ? (
            <>
              <Textarea
                label="Mail addresses"
                description="One a line"
                autosize
                minRows={2}
                maxRows={8}
                spellCheck={false}
                autoComplete="off"
                value={draft.recipients}
                onChange={(event) => change({ recipients: event.currentTarget.value })}
                error={faults.recipients}
              />
              {hasOwners ? (
                <Switch
                  label="The tenant’s owners, too"
                  description="Whoever is one when it is sent"
                  checked={draft.to_owners}
                  onChange={(event) => change({ to_owners: event.currentTarget.checked })}
                  error={faults.to_owners}
                />
              ) : null}
            </>
          ) : (
            <TextInput
              label="Address"
              description={`It is ${target.hint}, and no more of it is shown. Leave empty to keep it.`}
              autoComplete="off"
              spellCheck={false}
              value={draft.url}
              onChange={(event) => change({ url: event.currentTarget.value })}
              error={faults.url}
            />
          )}
          {target.kind === "webhook" ? (
            <>
              <PasswordInput
                label="Authorization header"
                description={
                  draft.url.trim() === ""
                    ? "Sent with each message. Stored and never shown. Leave empty to keep what is stored."
                    : "What is stored is not sent to another address. Enter it again, or leave empty for none."
                }
                autoComplete="new-password"
                visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
                disabled={draft.drops_authorization}
                value={draft.authorization}
                onChange={(event) => change({ authorization: event.currentTarget.value })}
                error={faults.authorization}
              />
              <Checkbox
                label="Send no such header any more"
                checked={draft.drops_authorization}
                onChange={(event) => change({ drops_authorization: event.currentTarget.checked })}
              />
            </>
          ) : null}
          <Group justify="flex-end">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Save target
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const changedMeanwhile =
  "Your changes are not saved. Cancel, look at the target as it is now, then change it again.";
