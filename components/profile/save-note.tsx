import type { SaveState } from "./use-save.ts";

/** Says quietly that a change is kept: these panels have no button for it. */
export function SaveNote({ state }: { state: SaveState }) {
  return (
    <span role="status" className="tp-dim" style={{ fontSize: "var(--mantine-font-size-xs)" }}>
      {state === "saving" ? "Saving…" : state === "saved" ? "Saved" : null}
    </span>
  );
}
