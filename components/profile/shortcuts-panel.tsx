"use client";

import { Switch } from "@mantine/core";
import { Keys } from "../keyboard/keys.tsx";
import { type Place, shortcutsOf } from "../keyboard/shortcuts.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";
import { SaveNote, type SavePreferences, useSave } from "./use-save.tsx";

/** Turns shortcuts of single characters on or off (WCAG 2.1.4), and lists them all. */
export function ShortcutsPanel({
  enabled: saved,
  place,
  save,
}: {
  enabled: boolean;
  place: Place;
  save: SavePreferences;
}) {
  const [enabled, setEnabled, state] = useSave(saved, save);
  const choose = (shortcuts_enabled: boolean) => setEnabled(shortcuts_enabled, { shortcuts_enabled });
  return (
    <Panel title={<span id="shortcuts">Keyboard shortcuts</span>} action={<SaveNote state={state} />}>
      <Switch
        label="Shortcuts of single keys"
        description="They wait while you type. Turn them off when a screen reader or voice control gets in their way; those with Ctrl or ⌘ stay."
        checked={enabled}
        onChange={(event) => choose(event.currentTarget.checked)}
      />
      <dl className={classes.keys}>
        {shortcutsOf(place).map(({ keys, label }) => (
          <div key={keys.join(" ")} className={classes.pair}>
            <dt>{label}</dt>
            <dd>
              <Keys of={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
