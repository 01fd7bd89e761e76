"use client";

import { Switch } from "@mantine/core";
import {
  type Audience,
  audiences,
  type NotificationKind,
  notificationKinds,
  notificationTable,
} from "#lib/notifications/kinds";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";
import { SaveNote, type SavePreferences, useSave } from "./use-save.tsx";

const allAudiences = Object.keys(audiences) as Audience[];

/** Which notifications one wants. */
export function NotificationChoices({
  muted: saved,
  save,
}: {
  muted: readonly NotificationKind[];
  save: SavePreferences;
}) {
  const [muted, setMuted, state] = useSave(saved, save);
  const choose = (kind: NotificationKind, is_wanted: boolean) => {
    const others = muted.filter((each) => each !== kind);
    setMuted(is_wanted ? others : [...others, kind], { notification: { kind, is_wanted } });
  };
  return (
    <Panel title={<span id="notifications">Notifications</span>} action={<SaveNote state={state} />}>
      <div className={classes.account}>
        <p className={classes.note}>What you read in the panel of each tenant, from now on.</p>
        {allAudiences.map((audience) => (
          <fieldset key={audience} className={classes.group}>
            <legend>{audiences[audience].title}</legend>
            <div className={classes.switches}>
              {notificationKinds
                .filter((kind) => notificationTable[kind].audience === audience)
                .map((kind) => (
                  <Switch
                    key={kind}
                    label={notificationTable[kind].label}
                    description={notificationTable[kind].when}
                    checked={!muted.includes(kind)}
                    onChange={(event) => choose(kind, event.currentTarget.checked)}
                  />
                ))}
            </div>
          </fieldset>
        ))}
      </div>
    </Panel>
  );
}
