"use client";

import { useEffect } from "react";
import { dotOf, iconWithDot, type TabSigns as Signs, titleWith } from "./tab-state.ts";

/**
 * Shows in the browser's tab what goes on: before the title, and as a dot on the icon. It works on the document, after
 * hydration, and again whenever a page brings its own title.
 */
export function TabSigns({ active_runs, failing_schedules }: Signs) {
  useEffect(() => {
    const signs = { active_runs, failing_schedules };
    const dot = dotOf(signs);
    const icon = dot && iconWithDot(dot);
    const show = () => {
      const title = titleWith(document.title, signs);
      if (document.title !== title) document.title = title;
      for (const link of icons()) {
        link.dataset.own ??= link.getAttribute("href") ?? "";
        const { own } = link.dataset;
        const wanted = icon ?? own;
        if (link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
      }
    };
    show();
    const observer = new MutationObserver(show);
    observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      document.title = titleWith(document.title, { active_runs: 0, failing_schedules: 0 });
      for (const link of icons()) if (link.dataset.own) link.setAttribute("href", link.dataset.own);
    };
  }, [active_runs, failing_schedules]);
  return null;
}

function icons(): HTMLLinkElement[] {
  return [...document.head.querySelectorAll<HTMLLinkElement>('link[rel="icon"]')];
}
