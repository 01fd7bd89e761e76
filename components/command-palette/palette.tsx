"use client";

import { Loader, Modal } from "@mantine/core";
import {
  IconArrowRight,
  IconBolt,
  IconBuilding,
  IconCalendarClock,
  IconDatabase,
  IconFileText,
  IconHistory,
  IconSearch,
} from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { counted } from "#lib/counted";
import { toast } from "../feedback/toast.ts";
import { showToast } from "../feedback/toast-host.tsx";
import { useAction } from "../feedback/use-action.ts";
import { Keys } from "../keyboard/keys.tsx";
import type { Shortcut, ShortcutAct } from "../keyboard/shortcuts.ts";
import { leaveFor } from "../navigation/leave-for.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import { useNow } from "../time/clock.tsx";
import { HiddenWords } from "../ui/hidden-words.tsx";
import type { PaletteActions, PaletteTenant } from "./command-center.tsx";
import { type Entry, type EntryAct, entryGroups, type PaletteMode } from "./entries.ts";
import classes from "./palette.module.css";
import { useFinds } from "./use-finds.ts";
import { verifyAll } from "./verify-all.ts";

const icons: Record<Entry["icon"], typeof IconSearch> = {
  page: IconArrowRight,
  act: IconBolt,
  schedule: IconCalendarClock,
  policy: IconFileText,
  run: IconHistory,
  set: IconDatabase,
  tenant: IconBuilding,
};

/**
 * Finds everything and does much of it: type, choose with the arrow keys, Enter. A combobox with its list always open
 * (WAI-ARIA 1.2, editable combobox with list autocomplete). Mount it to open it.
 */
export function Palette({
  tenant,
  tenants,
  actions,
  shortcuts,
  perform,
  signOut,
  onClose,
}: {
  tenant: PaletteTenant | null;
  tenants: readonly PaletteTenant[];
  actions: PaletteActions | null;
  shortcuts: readonly Shortcut[];
  perform: (act: ShortcutAct) => void;
  signOut: () => Promise<void>;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const now = useNow();
  const { run } = useAction();
  const [mode, setMode] = useState<PaletteMode>("all");
  const [search, setSearch] = useState("");
  /** The key of the line that the arrow keys went to; none: the first. */
  const [chosen, setChosen] = useState<string | null>(null);
  const { finds, recent, searching, failed } = useFinds(actions?.search, search);
  const groups = entryGroups({ mode, search, tenant, tenants, finds, recent, now });
  const entries = groups.flatMap((group) => group.entries);
  const index = Math.max(
    0,
    entries.findIndex((entry) => entry.key === chosen),
  );
  const active = entries[index];
  const id = useId();
  const optionId = (entry: Entry) => `${id}-${entries.indexOf(entry)}`;
  const list = useRef<HTMLDivElement>(null);

  const activeKey = active?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another line is active, it must be in sight
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [activeKey]);

  const start = (next: PaletteMode) => {
    setMode(next);
    setSearch("");
    setChosen(null);
  };

  const act = (what: EntryAct) => {
    if (what.kind === "choose_run") return start("run");
    onClose();
    switch (what.kind) {
      case "go":
        return leaveFor(what.href, navigate);
      case "start_run":
        return (
          actions &&
          run(() => actions.startRun({ schedule_id: what.schedule_id }), {
            success: () => toast.success(`“${what.name}” is starting.`),
          })
        );
      case "mark_all_read":
        return (
          actions &&
          run(() => actions.markAllRead({ notification_ids: "all" }), {
            success: ({ marked }) =>
              toast.success(marked === 0 ? "Everything was read already." : `${marked} marked as read.`),
          })
        );
      case "verify_all":
        return tenant ? void verifyWithToast(tenant.id) : undefined;
      case "sign_out":
        return void signOut();
      case "help":
      case "theme":
        return perform({ kind: what.kind });
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen(entries[(index + step + entries.length) % entries.length]?.key ?? null);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active) act(active.act);
    } else if (event.key === "Backspace" && search === "" && mode !== "all") {
      event.preventDefault();
      start("all");
    }
  };

  const label = mode === "run" ? "Find the schedule to run" : "Search or jump";
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size="40rem"
      radius="lg"
      yOffset="12dvh"
      transitionProps={{ duration: 80 }}
      classNames={{ content: classes.dialog ?? "" }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Search or jump">
        <div className={classes.head}>
          {searching ? <Loader size={18} aria-hidden /> : <IconSearch size={18} aria-hidden />}
          {mode === "run" ? <span className={classes.mode}>Run now</span> : null}
          <input
            className={classes.input}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setChosen(null);
            }}
            onKeyDown={onKeyDown}
            data-autofocus
            role="combobox"
            aria-label={label}
            aria-expanded={entries.length > 0}
            aria-controls={entries.length > 0 ? `${id}-list` : undefined}
            aria-activedescendant={active ? optionId(active) : undefined}
            aria-autocomplete="list"
            placeholder={
              mode === "run"
                ? "Name of the schedule"
                : tenant
                  ? "Schedules, policies, runs, pages, actions…"
                  : "Tenants, pages, actions…"
            }
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
          />
        </div>
        {entries.length > 0 ? (
          <div
            role="listbox"
            id={`${id}-list`}
            aria-label={label}
            className={classes.body}
            ref={list}
            tabIndex={-1}
          >
            {groups.map((group) => (
              // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
              <div key={group.label} role="group" aria-label={group.label}>
                <p className={classes.group} aria-hidden>
                  {group.label}
                </p>
                {group.entries.map((entry) => (
                  <Line
                    key={entry.key}
                    id={optionId(entry)}
                    entry={entry}
                    active={entry === active}
                    keys={keysOf(shortcuts, entry.act)}
                    onHover={() => setChosen(entry.key)}
                    onChoose={() => act(entry.act)}
                  />
                ))}
              </div>
            ))}
          </div>
        ) : (
          <p className={classes.none}>
            {searching ? "Searching…" : `Nothing is called “${search.trim()}” here.`}
          </p>
        )}
        {failed ? (
          <p className={classes.none}>The service did not answer. Pages and actions still work.</p>
        ) : null}
        <div className={classes.foot} aria-hidden>
          <span>
            <Keys of={["↑", "↓"]} /> choose
          </span>
          <span>
            <Keys of={["Enter"]} /> open
          </span>
          <span>
            <Keys of={["Esc"]} /> close
          </span>
        </div>
        <div role="status">
          <HiddenWords>
            {searching
              ? ""
              : entries.length === 0
                ? "Nothing found"
                : `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`}
          </HiddenWords>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function Line({
  id,
  entry,
  active,
  keys,
  onHover,
  onChoose,
}: {
  id: string;
  entry: Entry;
  active: boolean;
  keys: readonly string[] | null;
  onHover: () => void;
  onChoose: () => void;
}) {
  const Icon = icons[entry.icon];
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys
    <div
      role="option"
      id={id}
      aria-selected={active}
      className={classes.line}
      // The focus stays where one types.
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={active ? undefined : onHover}
      onClick={onChoose}
    >
      <Icon size={16} stroke={1.75} aria-hidden className={classes.icon} />
      <span className={classes.label}>{entry.label}</span>
      {entry.note ? <span className={classes.note}>{entry.note}</span> : null}
      {keys ? (
        <span className={classes.hint} aria-hidden>
          <Keys of={keys} />
        </span>
      ) : null}
    </div>
  );
}

/** The shortcut that does the same, to be learned in passing. */
function keysOf(shortcuts: readonly Shortcut[], act: EntryAct): readonly string[] | null {
  const same = shortcuts.find((shortcut) =>
    act.kind === "go"
      ? shortcut.act.kind === "go" && shortcut.act.href === act.href
      : shortcut.act.kind === act.kind,
  );
  return same?.keys ?? null;
}

/** The palette is closed by then: a toast tells how far it is, and how it ended. */
async function verifyWithToast(tenantId: number): Promise<void> {
  const update = showToast({ loading: true, autoClose: false, message: "Verifying all backup sets…" });
  try {
    const { sets, damaged } = await verifyAll(tenantId, (done, of) =>
      update({
        loading: true,
        autoClose: false,
        message: `Verifying ${done + 1} of ${counted(of, "backup set")}…`,
      }),
    );
    update({
      loading: false,
      autoClose: damaged.length > 0 ? false : 6_000,
      color: damaged.length > 0 ? "red.8" : "teal.8",
      message:
        damaged.length > 0
          ? `${damaged.length} of ${counted(sets, "backup set")} ${damaged.length === 1 ? "is" : "are"} damaged: ${damaged.map((set) => `set ${set}`).join(", ")}.`
          : `${sets} backup ${sets === 1 ? "set is" : "sets are"} as they were written.`,
    });
  } catch {
    update({
      loading: false,
      autoClose: 10_000,
      color: "red.8",
      title: "Not all backup sets were verified",
      message: "The service did not answer as it should. Try again.",
    });
  }
}
