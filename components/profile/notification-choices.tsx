"use client";

import { Switch } from "@mantine/core";
import type { NotificationKind } from "#lib/notifications/schema";
import { kinds } from "../notifications/kinds.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";
import { SaveNote } from "./save-note.tsx";
import { type SavePreferences, useSave } from "./use-save.ts";

/** Which notifications one wants. */
export function NotificationChoices({
  muted: saved,
  save,
}: {
  muted: readonly NotificationKind[];
  save: SavePreferences;
}) {
  const [muted, setMuted, state] = useSave(saved, save, (muted_notifications) => ({
    muted_notifications: [...muted_notifications],
  }));
  return (
    <Panel title={<span id="notifications">Notifications</span>} action={<SaveNote state={state} />}>
      <div className={classes.account}>
        <p className={classes.note}>
          What you read in the panel of each tenant, from now on. Failures, incomplete and damaged backups go
          to managers and owners alone.
        </p>
        <div className={classes.switches}>
          {kinds.map(({ kind, label, when }) => (
            <Switch
              key={kind}
              label={label}
              description={when}
              checked={!muted.includes(kind)}
              onChange={(event) =>
                setMuted(
                  event.currentTarget.checked ? muted.filter((each) => each !== kind) : [...muted, kind],
                )
              }
            />
          ))}
        </div>
      </div>
    </Panel>
  );
}
