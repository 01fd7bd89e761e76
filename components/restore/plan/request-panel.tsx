"use client";

import { Button, Checkbox, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { errorsByField } from "#components/form/server-errors.ts";
import { UnsavedChanges } from "#components/form/unsaved-changes";
import { useHydrated } from "#components/form/use-hydrated.ts";
import { Link } from "#components/navigation/link";
import { RelativeTime } from "#components/time/instant";
import { Panel } from "#components/ui/panel";
import type { Problem } from "#lib/errors";
import { findType } from "#lib/policies/catalog";
import type { WriteConnectionView } from "#lib/restore/schema";
import type { RestoreActions } from "../actions.ts";
import { policiesText } from "../restore-words.ts";
import { type Confirmed, isConfirmed, toggled } from "./confirmations.ts";
import classes from "./plan.module.css";
import type { RestoreDetails } from "./restore-details.ts";

type Faults = Partial<Record<"reason" | "confirmations" | "count", string>>;

/** What somebody has entered who asks for a plan: it stays while the plan changes. */
interface Entered {
  reason: string;
  confirmed: Confirmed;
  count: string;
}

const nothing: Entered = { reason: "", confirmed: new Map(), count: "" };

/**
 * Where an owner asks for a plan to be carried out: why, and what has to be confirmed by itself. While it is planned anew it
 * shows nothing, and keeps what was entered.
 */
export function RequestPanel({
  restore,
  tenantName,
  executes,
  connection,
  request,
}: {
  restore: RestoreDetails;
  tenantName: string;
  /** Whether the viewer's role may. */
  executes: boolean;
  /** For writing; null: there is none. */
  connection: Pick<WriteConnectionView, "kept_until"> | null;
  request: RestoreActions["request"];
}) {
  const [entered, setEntered] = useState(nothing);
  if (restore.status !== "planned") return null;
  if (restore.changes === 0) {
    return (
      <Panel title="Carry it out">
        <p className={classes.text}>
          There is nothing to write
          {(restore.outcomes.blocked ?? 0) > 0 ? " until somebody decides what is blocked" : ""}.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Carry it out">
      {!executes ? (
        <p className={classes.text}>
          An owner of {tenantName} carries it out. Send an owner this page, or print it: the plan stays as it
          is.
        </p>
      ) : connection === null ? (
        <p className={classes.text}>
          Backups read with an app registration that cannot write. To restore, save a second one for writing
          under{" "}
          <Link className="tp-link" href={`/tenants/${restore.tenant_id}/connection#writing`}>
            Connection
          </Link>
          , for this restore alone or for some hours, then come back.
        </p>
      ) : (
        <RequestForm
          restore={restore}
          entered={entered}
          setEntered={setEntered}
          tenantName={tenantName}
          connection={connection}
          request={request}
        />
      )}
    </Panel>
  );
}

function RequestForm({
  restore,
  entered,
  setEntered,
  tenantName,
  connection,
  request,
}: {
  restore: RestoreDetails;
  entered: Entered;
  setEntered: (entered: Entered) => void;
  tenantName: string;
  connection: Pick<WriteConnectionView, "kept_until">;
  request: RestoreActions["request"];
}) {
  const readOnly = !useHydrated();
  const { pending, run } = useAction();
  const [faults, setFaults] = useState<Faults>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  // What is asked for is what they read before they pressed: it does not follow what live updates bring.
  const [asking, setAsking] = useState<RestoreDetails | null>(null);
  const { reason, confirmed, count } = entered;
  const { changes, to_confirm, must_confirm_count, needs_approval, outcomes } = restore;
  const written = policiesText(changes);

  const check = () => {
    const found: Faults = {};
    if (reason.trim().length < 3) found.reason = "Say why, in a few words";
    if (to_confirm.some((item) => !isConfirmed(confirmed, item)))
      found.confirmations = "Confirm each of them, or leave it out in the list below";
    if (must_confirm_count && count.trim() !== String(changes))
      found.count = `Type ${changes}, the number of policies that would be written`;
    setFaults(found);
    setProblem(null);
    if (Object.keys(found).length === 0) setAsking(restore);
  };
  const send = (plan: RestoreDetails) => {
    setAsking(null);
    run(
      () =>
        request({
          restore_id: plan.id,
          version: plan.version,
          reason,
          confirmations: plan.to_confirm.map(({ item_id }) => item_id),
          ...(plan.must_confirm_count ? { count: plan.changes } : {}),
        }),
      {
        success: ({ status }) => {
          setEntered(nothing);
          toast.success(
            status === "awaiting_approval"
              ? "Another owner was asked to approve the restore."
              : `Restore ${plan.id} begins.`,
          );
        },
        problem: (found) => {
          const { reason: why, confirmations, count: number } = errorsByField(found);
          setFaults({
            ...(why ? { reason: why } : {}),
            ...(confirmations ? { confirmations } : {}),
            ...(number ? { count: number } : {}),
          });
          if (!why && !confirmations && !number) setProblem(found);
          return true;
        },
      },
    );
  };
  return (
    <form
      className="tp-no-print"
      aria-label="Carry it out"
      onSubmit={(event) => {
        event.preventDefault();
        check();
      }}
    >
      <UnsavedChanges dirty={reason !== "" || count !== "" || confirmed.size > 0} samePageKeeps />
      <Stack gap="md">
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        {(outcomes.blocked ?? 0) > 0 ? (
          <p className={classes.text}>
            {policiesText(outcomes.blocked ?? 0)} {outcomes.blocked === 1 ? "is" : "are"} blocked and will not
            be restored; {written} will.
          </p>
        ) : null}
        <Textarea
          label="Reason"
          description="For the audit log, and for whoever approves in Intune"
          value={reason}
          onChange={(event) => setEntered({ ...entered, reason: event.currentTarget.value })}
          error={faults.reason}
          readOnly={readOnly}
          autosize
          minRows={2}
          maxRows={6}
          withAsterisk
        />
        {to_confirm.length > 0 ? (
          <fieldset className={classes.confirmations} aria-describedby="confirmations-fault">
            <legend>These ask for a confirmation of their own</legend>
            <Stack gap="sm">
              {to_confirm.map((item) => (
                <Checkbox
                  key={item.item_id}
                  checked={isConfirmed(confirmed, item)}
                  onChange={() => setEntered({ ...entered, confirmed: toggled(confirmed, item) })}
                  label={`${item.display_name} (${findType(item.policy_type)?.label ?? item.policy_type})`}
                  description={item.why.join(" ")}
                />
              ))}
            </Stack>
            <p
              id="confirmations-fault"
              className={classes.fault}
              role={faults.confirmations ? "alert" : undefined}
            >
              {faults.confirmations}
            </p>
          </fieldset>
        ) : null}
        {must_confirm_count ? (
          <TextInput
            label={`How many policies would be written? Type ${changes}.`}
            description={`More than ${restore.mass_change_limit}, the limit of this tenant, ask for it`}
            value={count}
            onChange={(event) => setEntered({ ...entered, count: event.currentTarget.value })}
            error={faults.count}
            inputMode="numeric"
            autoComplete="off"
            readOnly={readOnly}
            withAsterisk
            maw="24rem"
          />
        ) : null}
        <Group gap="md">
          <Button type="submit" loading={pending} leftSection={<IconArrowBackUp size={16} aria-hidden />}>
            {needs_approval ? "Ask for approval…" : `Restore ${written}…`}
          </Button>
          <span className={classes.aside}>
            {connection.kept_until ? (
              <>
                The connection for writing is forgotten <RelativeTime at={connection.kept_until} />.
              </>
            ) : (
              "The connection for writing is forgotten after this restore."
            )}
          </span>
        </Group>
      </Stack>
      {asking ? (
        <ConfirmDialog
          title={
            asking.needs_approval
              ? `Ask for approval of ${policiesText(asking.changes)}?`
              : `Write ${policiesText(asking.changes)} to ${tenantName}?`
          }
          confirmLabel={asking.needs_approval ? "Ask for approval" : `Write ${policiesText(asking.changes)}`}
          onClose={() => setAsking(null)}
          onConfirm={() => send(asking)}
        >
          {asking.needs_approval
            ? "Another owner is notified and reads this plan. Nothing is written before they approve it."
            : "TenantPilot first stores what is live now in a pinned backup set, from which Undo plans the way back; then it writes one policy after the other and reads each back. A policy that somebody changed since the plan is left alone. Nothing is deleted."}
        </ConfirmDialog>
      ) : null}
    </form>
  );
}
