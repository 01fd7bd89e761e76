"use client";

import { Input, SegmentedControl, Select, useMantineColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { HourClock } from "#lib/access/preferences-schema";
import { useHydrated } from "../form/use-hydrated.ts";
import { useNow, useViewerZone } from "../time/clock.tsx";
import { offsetLabel, timeText } from "../time/format.ts";
import { zoneLabel } from "../time/zone-names.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";
import { SaveNote, type SavePreferences, useSave } from "./use-save.tsx";

const asBrowser = "";
const schemes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

const clocks = [
  { value: "24", label: "14:30" },
  { value: "12", label: "2:30 pm" },
] as const;

/** In which zone, on which clock and in which colors one sees everything. */
export function DisplayPanel({
  timeZone,
  hourClock,
  save,
}: {
  timeZone: string | null;
  hourClock: HourClock;
  save: SavePreferences;
}) {
  const now = useNow();
  const shown = useViewerZone();
  const hydrated = useHydrated();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [zone, setZone, state] = useSave(timeZone, save);
  const [clock, setClock, clockState] = useSave(hourClock, save);
  const chooseZone = (time_zone: string | null) => setZone(time_zone, { time_zone });
  const chooseClock = (hour_clock: HourClock) => setClock(hour_clock, { hour_clock });
  const zones = useMemo(
    () => [
      { value: asBrowser, label: "As this browser" },
      ...[...new Set(["UTC", ...(zone ? [zone] : []), ...Intl.supportedValuesOf("timeZone")])].map(
        (name) => ({ value: name, label: zoneLabel(name) }),
      ),
    ],
    [zone],
  );
  return (
    <Panel title="Display" action={<SaveNote state={state ?? clockState} />}>
      <div className={classes.fields}>
        <Select
          label="Time zone"
          description={`Times are shown in ${zoneLabel(shown)}: now ${timeText(now, shown, clock)}, ${offsetLabel(now, shown)}. Schedules keep their own zones.`}
          data={zones}
          value={zone ?? asBrowser}
          onChange={(value) => chooseZone(value || null)}
          searchable
          limit={80}
          maxDropdownHeight={280}
          allowDeselect={false}
          readOnly={!hydrated}
          nothingFoundMessage="No zone has this name"
        />
        <Input.Wrapper label="Clock" description="How times are shown and entered." labelElement="div">
          <SegmentedControl
            mt={6}
            fullWidth
            aria-label="Clock"
            value={clock}
            onChange={(value) => chooseClock(value as HourClock)}
            readOnly={!hydrated}
            data={[...clocks]}
          />
        </Input.Wrapper>
        <Input.Wrapper label="Colors" description="Kept in this browser." labelElement="div">
          <SegmentedControl
            mt={6}
            fullWidth
            aria-label="Colors"
            // What this browser keeps is known only there.
            value={hydrated ? colorScheme : "auto"}
            onChange={setColorScheme}
            data={[...schemes]}
          />
        </Input.Wrapper>
      </div>
    </Panel>
  );
}
