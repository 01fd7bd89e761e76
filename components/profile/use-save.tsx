"use client";

import { useRouter } from "next/navigation";
import { useOptimistic, useState, useTransition } from "react";
import type { PreferencesChange } from "#lib/access/preferences-schema";
import type { Action } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";
import { unreachable } from "../feedback/use-action.ts";

export type SavePreferences = Action<PreferencesChange, void>;

/** How far the last change is; nothing before the first. */
export type SaveState = "saving" | "saved" | null;

/** A preference that is shown as chosen at once, and as it was when it could not be saved. Only the change is sent. */
export function useSave<T>(saved: T, save: SavePreferences) {
  const router = useRouter();
  const [value, setValue] = useOptimistic(saved);
  const [done, setDone] = useState(false);
  const [saving, start] = useTransition();
  const set = (next: T, change: PreferencesChange) =>
    start(async () => {
      setValue(next);
      const answer = await save(change).catch(() => ({ ok: false, problem: unreachable }) as const);
      if (!answer.ok) toast.problem(answer.problem);
      start(() => setDone(answer.ok));
      router.refresh();
    });
  const state: SaveState = saving ? "saving" : done ? "saved" : null;
  return [value, set, state] as const;
}

/** Says quietly that a change is kept: these panels have no button for it. */
export function SaveNote({ state }: { state: SaveState }) {
  return (
    <span role="status" className="tp-dim" style={{ fontSize: "var(--mantine-font-size-xs)" }}>
      {state === "saving" ? "Saving…" : state === "saved" ? "Saved" : null}
    </span>
  );
}
