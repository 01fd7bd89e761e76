"use client";

import { VisuallyHidden } from "@mantine/core";
import { usePathname } from "next/navigation";
import { useEffect, useRef, useState } from "react";

/**
 * Says to whoever hears a page instead of seeing it that another one has come, by its heading. When what had the focus has gone
 * with the page before, the keyboard and a screen reader go on at the top of the new one's content, and not at that of the
 * document; what the page itself gives the focus to, has it.
 *
 * Next.js' own announcement speaks whenever the title differs, which is also said to be empty for a moment now and then, and
 * which tells of runs in the background (TabSigns): with every refresh, in the middle of what is being read. It is hidden
 * (app/globals.css).
 */
export function PageSaid() {
  const pathname = usePathname();
  const [said, setSaid] = useState("");
  const shown = useRef({ pathname, heading: "" });
  useEffect(() => {
    const heading = document.querySelector("h1")?.textContent ?? "";
    const before = shown.current;
    shown.current = { pathname, heading };
    if (before.pathname === pathname) return;
    // What opens over a page leaves its heading as it is, and tells of itself.
    if (before.heading !== heading) setSaid(heading);
    // After what gives the focus back that a dialog had.
    const timer = setTimeout(() => {
      const { activeElement } = document;
      if (activeElement === null || activeElement === document.body)
        document.getElementById("main")?.focus({ preventScroll: true });
    });
    return () => clearTimeout(timer);
  }, [pathname]);
  return <VisuallyHidden role="status">{said}</VisuallyHidden>;
}
