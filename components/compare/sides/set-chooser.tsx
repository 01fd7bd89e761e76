"use client";

import { Loader, Popover, UnstyledButton } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type ReactNode, useState, useTransition } from "react";
import { HiddenWords } from "#components/ui/hidden-words";
import classes from "./set-chooser.module.css";

const SetPicker = dynamic(async () => (await import("./set-picker.tsx")).SetPicker, {
  loading: () => <Loader size="sm" m="md" role="status" aria-label="Loading" />,
});

/** A button with a backup set on it that opens the list of sets to choose another. */
export function SetChooser({
  label,
  tenantId,
  currentSetId,
  otherSetId,
  scheduleId,
  hrefPattern,
  children,
}: {
  /** Which side of the comparison this is, for screen readers. */
  label: string;
  tenantId: number;
  currentSetId: number | null;
  otherSetId: number | null;
  /** The sets of this schedule come first. */
  scheduleId?: number | undefined;
  /** Where a set leads: the address with `SET` in place of its id. */
  hrefPattern: string;
  children: ReactNode;
}) {
  const router = useRouter();
  const [opened, setOpened] = useState(false);
  const [pending, start] = useTransition();
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width="target"
      position="bottom-start"
      shadow="md"
      trapFocus
      returnFocus
      transitionProps={{ duration: 100 }}
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.button}
          aria-busy={pending}
          onClick={() => setOpened((before) => !before)}
        >
          <HiddenWords>{label}</HiddenWords>
          <span className={classes.words}>{children}</span>
          {pending ? <Loader size={16} /> : <IconSelector size={16} aria-hidden className={classes.icon} />}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} className={classes.dropdown} aria-label="Choose a set">
        {opened ? (
          <SetPicker
            tenantId={tenantId}
            scheduleId={scheduleId}
            currentSetId={currentSetId}
            otherSetId={otherSetId}
            onChoose={(setId) => {
              setOpened(false);
              start(() => router.push(hrefPattern.replace("SET", String(setId)), { scroll: false }));
            }}
          />
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
