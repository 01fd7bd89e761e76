import type { ReactNode } from "react";

/** Words for screen readers only. */
export function HiddenWords({ children }: { children: ReactNode }) {
  return (
    <span style={{ position: "absolute", width: 1, height: 1, overflow: "hidden", clipPath: "inset(50%)" }}>
      {children}
    </span>
  );
}
