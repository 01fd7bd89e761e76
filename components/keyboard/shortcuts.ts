import { canIn, type Permission, type Standing } from "#lib/access/permissions";
import { tenantPages } from "../navigation/tenant-pages.ts";

/** What a shortcut does; the frame knows how. */
export type ShortcutAct =
  | { kind: "palette" }
  | { kind: "help" }
  | { kind: "theme" }
  | { kind: "search" }
  | { kind: "row"; step: 1 | -1 }
  | { kind: "go"; href: string };

export interface Shortcut {
  /** Keys one after the other: `["g", "r"]`. `mod` is ⌘ on a Mac and Ctrl elsewhere, held with the next. */
  keys: readonly string[];
  label: string;
  group: "Anywhere" | "Go to" | "In a list";
  act: ShortcutAct;
}

/** Where the viewer is and what they may. */
export interface Place {
  tenant: ({ id: number } & Standing) | null;
}

/** Every shortcut that does something here: what listens, what is listed and what the palette hints at is this table. */
export function shortcutsOf({ tenant }: Place): Shortcut[] {
  const go = (key: string, label: string, href: string): Shortcut => ({
    keys: ["g", key],
    label,
    group: "Go to",
    act: { kind: "go", href },
  });
  const may = (permission: Permission) => tenant !== null && canIn(tenant, permission);
  const base = tenant ? `/tenants/${tenant.id}` : "";
  return [
    { keys: ["mod", "k"], label: "Search or jump", group: "Anywhere", act: { kind: "palette" } },
    { keys: ["/"], label: "Search this list, or everything", group: "Anywhere", act: { kind: "search" } },
    { keys: ["?"], label: "Show the keyboard shortcuts", group: "Anywhere", act: { kind: "help" } },
    ...(may("schedule:write")
      ? [
          {
            keys: ["n"],
            label: "New backup schedule",
            group: "Anywhere" as const,
            act: { kind: "go" as const, href: `${base}/backup-schedules/new` },
          },
        ]
      : []),
    { keys: ["t"], label: "Switch between light and dark", group: "Anywhere", act: { kind: "theme" } },
    ...(tenant
      ? tenantPages(tenant.role).map(({ key, label, path }) => go(key, label, `${base}${path}`))
      : []),
    go("t", "Tenants", "/tenants"),
    go("u", "Your profile", "/profile"),
    { keys: ["j"], label: "Next row", group: "In a list", act: { kind: "row", step: 1 } },
    { keys: ["k"], label: "Previous row", group: "In a list", act: { kind: "row", step: -1 } },
    // The row's link has the focus: the browser itself opens it.
  ];
}

/** What was pressed, as far as shortcuts care. */
export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** How long the first key of two waits for the second, in milliseconds. */
export const sequenceMs = 1_500;

/**
 * Finds the shortcut of a press.
 * @param before the first key of two, if it was pressed a moment ago
 * @param singles whether shortcuts without a modifier count: not while typing, and not for who turned them off
 * @returns the shortcut, or the first key of one whose second is awaited, or null
 */
export function match(
  shortcuts: readonly Shortcut[],
  { key, ctrlKey, metaKey, altKey }: Press,
  before: string | null,
  singles: boolean,
): { shortcut: Shortcut } | { awaiting: string } | null {
  if (altKey) return null;
  if (ctrlKey || metaKey) {
    const shortcut =
      ctrlKey && metaKey
        ? undefined
        : shortcuts.find(({ keys }) => keys[0] === "mod" && keys[1] === key.toLowerCase());
    return shortcut ? { shortcut } : null;
  }
  if (!singles || key.length !== 1) return null;
  const pressed = key.toLowerCase();
  const pair = before ? shortcuts.find(({ keys }) => keys[0] === before && keys[1] === pressed) : undefined;
  if (pair) return { shortcut: pair };
  const single = shortcuts.find(({ keys }) => keys.length === 1 && keys[0] === pressed);
  if (single) return { shortcut: single };
  const begins = shortcuts.some(({ keys }) => keys.length === 2 && keys[0] === pressed);
  return begins ? { awaiting: pressed } : null;
}
