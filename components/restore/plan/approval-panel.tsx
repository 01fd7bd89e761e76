"use client";

import { Button, Group } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { Panel } from "#components/ui/panel";
import type { RestoreActions } from "../actions.ts";
import { policiesText, writesText } from "../restore-words.ts";
import classes from "./plan.module.css";
import type { RestoreDetails } from "./restore-details.ts";

/** Where a second person approves or refuses a restore. */
export function ApprovalPanel({
  restore,
  tenantName,
  isRequester,
  approves,
  actions,
}: {
  restore: RestoreDetails;
  tenantName: string;
  /** Who asked cannot approve. */
  isRequester: boolean;
  /** Whether the viewer's role may. */
  approves: boolean;
  actions: RestoreActions;
}) {
  const { pending, run } = useAction();
  // What is approved is what they read before they pressed: it does not follow what live updates bring.
  const [asking, setAsking] = useState<RestoreDetails | null>(null);
  return (
    <Panel title="Approval">
      <p className={classes.text}>
        {restore.requested_by?.name} asks to write {policiesText(restore.changes)} to {tenantName} (
        {writesText(restore.outcomes)}). The reason: “{restore.reason}”
      </p>
      {!approves || isRequester ? (
        <p className={classes.text}>
          {isRequester
            ? "You asked for it, so another owner has to approve it. They were notified; you can send them this page."
            : "An owner who did not ask for it approves it."}
        </p>
      ) : (
        <Group gap="xs" mt="md" className="tp-no-print">
          <Button
            leftSection={<IconCheck size={16} aria-hidden />}
            loading={pending}
            onClick={() => setAsking(restore)}
          >
            Approve…
          </Button>
          <Button
            variant="default"
            loading={pending}
            onClick={() =>
              run(() => actions.refuse({ restore_id: restore.id, version: restore.version }), {
                success: () => toast.success("Refused: the restore is a plan again. Nothing was written."),
              })
            }
          >
            Refuse
          </Button>
        </Group>
      )}
      {asking ? (
        <ConfirmDialog
          title={`Approve restore ${asking.id}?`}
          confirmLabel={`Approve and write ${policiesText(asking.changes)}`}
          onClose={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            run(() => actions.approve({ restore_id: asking.id, version: asking.version }), {
              success: () => toast.success(`Restore ${asking.id} is approved and begins.`),
            });
          }}
        >
          TenantPilot first stores what is live now in a pinned backup set, then writes{" "}
          {policiesText(asking.changes)} to {tenantName}. Nothing is deleted. Your name stands in the audit
          log beside that of {asking.requested_by?.name}.
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}
