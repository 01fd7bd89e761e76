"use client";

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { Baseline } from "#lib/drift/schema";
import { findType } from "#lib/policies/catalog";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { Link } from "../navigation/link.tsx";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { Facts } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import type { BaselineActions } from "./actions.ts";
import { BaselineButton } from "./baseline-button.tsx";
import type { BaselineChoice } from "./baseline-dialog.tsx";
import { coverageText } from "./drift-words.ts";

/** What the tenant shall look like: whence, what, and how long ago it was compared. */
export function BaselinePanel({
  baseline,
  manages,
}: {
  baseline: Baseline;
  /** Null for roles that may not choose another. */
  manages: { actions: BaselineActions; choice: BaselineChoice } | null;
}) {
  const { source, types } = baseline;
  const own = source.tenant_id === baseline.tenant_id;
  const unseen = types.filter(({ compared_at }) => compared_at === null);
  return (
    <Panel title="Baseline">
      <Facts
        of={[
          [
            "From",
            own ? (
              <Link
                key="set"
                className="tp-link"
                href={`/tenants/${source.tenant_id}/backup-sets/${source.set_id}`}
              >
                Set {source.set_id}
              </Link>
            ) : (
              `Set ${source.set_id} of ${source.tenant_name}, by the policies’ names`
            ),
          ],
          ["As of", <AbsoluteTime key="of" at={source.set_created_at} />],
          ["Holds", coverageText(baseline)],
          [
            "Chosen",
            <span key="chosen">
              by {baseline.set_by.name}, <RelativeTime at={baseline.set_at} />
            </span>,
          ],
          [
            "Last compared",
            baseline.compared_at ? <RelativeTime key="compared" at={baseline.compared_at} /> : "Not yet",
          ],
          unseen.length > 0 && unseen.length < types.length
            ? [
                "Not backed up since",
                unseen.map(({ policy_type }) => findType(policy_type)?.label ?? policy_type).join(", "),
              ]
            : null,
        ]}
      />
      {manages ? (
        <Group gap="xs" mt="md">
          <BaselineButton choice={manages.choice} set={manages.actions.set}>
            Choose another baseline…
          </BaselineButton>
          <RemoveButton remove={manages.actions.remove} />
        </Group>
      ) : null}
    </Panel>
  );
}

function RemoveButton({ remove }: { remove: BaselineActions["remove"] }) {
  const { pending, run } = useAction();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button className="tp-no-print" variant="default" loading={pending} onClick={() => setAsking(true)}>
        Remove…
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Remove the baseline?"
          confirmLabel="Remove the baseline"
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run(() => remove({}), { success: () => toast.success("The baseline is removed.") });
          }}
        >
          Nothing is a difference any more, and nobody is told of drift. What was decided stays in the
          history.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
