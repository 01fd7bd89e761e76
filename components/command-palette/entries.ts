import { canIn } from "#lib/access/permissions";
import type { TenantFinds } from "#lib/overview/search";
import { hrefOf } from "../navigation/href.ts";
import { tenantPages } from "../navigation/tenant-pages.ts";
import { runStateLabels } from "../runs/run-state.ts";
import { relativeText } from "../time/format.ts";
import type { PaletteTenant } from "./command-center.tsx";
import { ranked } from "./rank.ts";

/** What choosing an entry does. */
export type EntryAct =
  | { kind: "go"; href: string }
  | { kind: "choose_run" }
  | { kind: "start_run"; schedule_id: number; name: string }
  | { kind: "verify_all" }
  | { kind: "mark_all_read" }
  | { kind: "theme" }
  | { kind: "help" }
  | { kind: "sign_out" };

/** One line of the palette. */
export interface Entry {
  key: string;
  label: string;
  /** Beside the label, dimmed: what sort of thing it is, or its state. */
  note?: string;
  icon: "page" | "act" | "schedule" | "policy" | "run" | "set" | "tenant";
  act: EntryAct;
  /** Other words by which it is found. */
  also?: readonly string[];
}

export interface EntryGroup {
  label: string;
  entries: Entry[];
}

/** `all`: everything. `run`: the schedules, to start one. */
export type PaletteMode = "all" | "run";

/** The lines of the palette for what was typed, in groups; a group without lines is left out. */
export function entryGroups({
  mode,
  search,
  tenant,
  tenants,
  finds,
  recent,
  now,
}: {
  mode: PaletteMode;
  search: string;
  tenant: PaletteTenant | null;
  tenants: readonly PaletteTenant[];
  /** What the server found for the words; null until it answered. */
  finds: TenantFinds | null;
  /** What it found without words: the newest. */
  recent: TenantFinds | null;
  now: number;
}): EntryGroup[] {
  const found = finds ?? recent;
  const rank = (entries: readonly Entry[]) =>
    ranked(entries, search, (entry) => [entry.label, ...(entry.also ?? [])]);
  if (mode === "run") {
    const runnable = (found?.schedules ?? []).map((schedule) => startEntry(tenant, schedule));
    return withLines([{ label: "Run which schedule now?", entries: rank(runnable) }]);
  }
  const searching = search.trim() !== "";
  const newest = [recent, finds].filter((each) => each !== null);
  const others = tenants.filter((each) => each.id !== tenant?.id);
  const actions = { label: "Actions", entries: rank(actEntries(tenant)) };
  const pages = { label: "Go to", entries: rank(pageEntries(tenant)) };
  const ownTenants = {
    label: "Tenants",
    entries: rank(others.map(tenantEntry)).slice(0, searching ? 8 : 5),
  };
  const things = tenant
    ? [
        {
          label: "Backup schedules",
          entries: searching ? (finds?.schedules ?? []).map((each) => scheduleEntry(tenant, each)) : [],
        },
        {
          label: "Policies",
          entries: [
            ...(finds?.policies ?? []).map((each) => policyEntry(tenant, each)),
            ...(searching ? [contentsEntry(tenant, search.trim())] : []),
          ],
        },
        {
          label: searching ? "Runs" : "Newest runs",
          entries: rank(
            unique(newest.flatMap((each) => each.runs)).map((each) => runEntry(tenant, each, now)),
          ).slice(0, 6),
        },
        {
          label: searching ? "Backup sets" : "Newest backup sets",
          entries: rank(
            unique(newest.flatMap((each) => each.sets)).map((each) => setEntry(tenant, each, now)),
          ).slice(0, 6),
        },
      ]
    : [];
  return withLines(
    searching ? [pages, actions, ...things, ownTenants] : [actions, pages, ...things, ownTenants],
  );
}

function withLines(groups: readonly EntryGroup[]): EntryGroup[] {
  return groups.filter((group) => group.entries.length > 0);
}

function unique<T extends { id: number }>(things: readonly T[]): T[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()];
}

function actEntries(tenant: PaletteTenant | null): Entry[] {
  const may = (permission: Parameters<typeof canIn>[1]) => tenant !== null && canIn(tenant, permission);
  const act = (label: string, entryAct: EntryAct, also: readonly string[] = []): Entry => ({
    key: `act:${label}`,
    label,
    icon: "act",
    act: entryAct,
    also,
  });
  return [
    ...(may("run:start")
      ? [act("Run a schedule now…", { kind: "choose_run" }, ["Start backup", "Run now"])]
      : []),
    ...(tenant && may("schedule:write")
      ? [
          act("New backup schedule", { kind: "go", href: `/tenants/${tenant.id}/backup-schedules/new` }, [
            "Create schedule",
          ]),
        ]
      : []),
    ...(may("set:verify")
      ? [act("Verify all backup sets", { kind: "verify_all" }, ["Check integrity"])]
      : []),
    ...(may("notification:own") ? [act("Mark all notifications as read", { kind: "mark_all_read" })] : []),
    act("Switch between light and dark", { kind: "theme" }, ["Theme", "Colors", "Dark mode"]),
    act("Keyboard shortcuts", { kind: "help" }, ["Help", "Hotkeys"]),
    act("Sign out", { kind: "sign_out" }, ["Log out"]),
  ];
}

function pageEntries(tenant: PaletteTenant | null): Entry[] {
  const page = (label: string, href: string, also: readonly string[] = []): Entry => ({
    key: `page:${href}`,
    label,
    icon: "page",
    act: { kind: "go", href },
    also,
  });
  return [
    ...(tenant
      ? tenantPages(tenant.role).map(({ label, path, also }) =>
          page(label, `/tenants/${tenant.id}${path}`, also),
        )
      : []),
    ...(tenant
      ? [
          page("Search in contents", `/tenants/${tenant.id}/policies/contents`, [
            "Find setting",
            "Find group",
            "Full text",
          ]),
        ]
      : []),
    page("Tenants", "/tenants", ["Portfolio", "All tenants"]),
    page("Your profile", "/profile", ["Password", "Preferences", "Settings", "Time zone", "Account"]),
    page("Error codes explained", "/help/error-codes", ["Help"]),
  ];
}

function tenantEntry({ id, name, role }: PaletteTenant): Entry {
  return {
    key: `tenant:${id}`,
    label: name,
    note: role,
    icon: "tenant",
    act: { kind: "go", href: `/tenants/${id}` },
  };
}

function startEntry(tenant: PaletteTenant | null, schedule: TenantFinds["schedules"][number]): Entry {
  const active = schedule.active_run_id;
  return {
    key: `start:${schedule.id}`,
    label: schedule.name,
    ...(active === null ? {} : { note: "is running: open the run" }),
    icon: "schedule",
    act:
      active === null
        ? { kind: "start_run", schedule_id: schedule.id, name: schedule.name }
        : { kind: "go", href: `/tenants/${tenant?.id}/runs/${active}` },
  };
}

function scheduleEntry(tenant: PaletteTenant, schedule: TenantFinds["schedules"][number]): Entry {
  return {
    key: `schedule:${schedule.id}`,
    label: schedule.name,
    ...(schedule.active_run_id !== null
      ? { note: "running" }
      : schedule.is_enabled
        ? {}
        : { note: "disabled" }),
    icon: "schedule",
    act: { kind: "go", href: `/tenants/${tenant.id}/backup-schedules/${schedule.id}` },
  };
}

/** Goes on to look into the policies themselves. Its label is no find of the words: it does not hold them. */
function contentsEntry(tenant: PaletteTenant, search: string): Entry {
  return {
    key: "policies:contents",
    label: "Look for these words in contents",
    icon: "policy",
    act: { kind: "go", href: hrefOf(`/tenants/${tenant.id}/policies/contents`, { search }) },
  };
}

function policyEntry(tenant: PaletteTenant, policy: TenantFinds["policies"][number]): Entry {
  const { policy_type, graph_id, display_name, type_label } = policy;
  return {
    key: `policy:${policy_type}:${graph_id}`,
    label: display_name,
    note: type_label,
    icon: "policy",
    act: {
      kind: "go",
      href: `/tenants/${tenant.id}/policies/${encodeURIComponent(policy_type)}/${encodeURIComponent(graph_id)}`,
    },
  };
}

function runEntry(tenant: PaletteTenant, run: TenantFinds["runs"][number], now: number): Entry {
  return {
    key: `run:${run.id}`,
    label: `${run.schedule_name}, run ${run.id}`,
    note: `${runStateLabels[run.status].toLowerCase()}, ${relativeText(run.at, now)}`,
    icon: "run",
    act: { kind: "go", href: `/tenants/${tenant.id}/runs/${run.id}` },
  };
}

function setEntry(tenant: PaletteTenant, set: TenantFinds["sets"][number], now: number): Entry {
  return {
    key: `set:${set.id}`,
    label: `${set.schedule_name}, set ${set.id}`,
    note: relativeText(set.created_at, now),
    icon: "set",
    act: { kind: "go", href: `/tenants/${tenant.id}/backup-sets/${set.id}` },
  };
}
