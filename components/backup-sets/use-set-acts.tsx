"use client";

import { Button } from "@mantine/core";
import type { BackupSetView } from "#lib/sets/schema";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { Link } from "../navigation/link.tsx";
import { useHourClock, useViewerZone } from "../time/clock.tsx";
import { dateTimeText } from "../time/format.ts";
import type { SetActions } from "./actions.ts";

/** What one can do with a backup set. Each says what it did; what can be undone says so too. */
export function useSetActs(set: { id: number; tenant_id: number }, actions: SetActions) {
  const { pending, run } = useAction();
  const zone = useViewerZone();
  const clock = useHourClock();
  const input = { set_id: set.id };

  const pin = (is_pinned: boolean) =>
    run(() => (is_pinned ? actions.pin(input) : actions.unpin(input)), {
      success: () =>
        toast.success(
          <>
            {is_pinned
              ? `Set ${set.id} is pinned; it is never removed.`
              : `Set ${set.id} is no longer pinned; retention counts it again.`}{" "}
            <Button size="compact-xs" variant="default" onClick={() => pin(!is_pinned)}>
              Undo
            </Button>
          </>,
        ),
    });
  const restore = () =>
    run(() => actions.restore(input), {
      success: () => toast.success(<TakenOut set={set} />),
    });
  return {
    pending,
    pin,
    restore,
    verify: () =>
      run(() => actions.verify(input), {
        success: (verified) =>
          verified.status === "ok"
            ? toast.success(`Set ${set.id} is whole: everything stored is what was captured.`)
            : toast.problem({
                type: "about:blank",
                title: `Set ${set.id} is damaged`,
                status: 500,
                code: "INTERNAL",
                detail: verified.faults[0]?.message ?? "Verification found damage.",
              }),
      }),
    remove: () =>
      run(() => actions.remove(input), {
        success: (removed: BackupSetView) =>
          toast.success(
            <>
              Set {set.id} is in the bin
              {removed.purge_after ? ` until ${dateTimeText(removed.purge_after, zone, clock)}` : null}.{" "}
              <Button size="compact-xs" variant="default" onClick={restore}>
                Undo
              </Button>
            </>,
          ),
      }),
  };
}

/** Says that a set is back, with the way to it. */
export function TakenOut({ set }: { set: { id: number; tenant_id: number } }) {
  return (
    <>
      <Link className="tp-link" href={`/tenants/${set.tenant_id}/backup-sets/${set.id}`}>
        Set {set.id}
      </Link>{" "}
      is out of the bin, and pinned.
    </>
  );
}
