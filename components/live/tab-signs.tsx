"use client";

import { useEffect } from "react";

/** What a tab shows of its tenant while it is in the background. */
interface Signs {
  active_runs: number;
  failing_schedules: number;
}

const prefix = /^(?:▶ \d+ running · |! \d+ failing · )+/;

/** A page's title with the state before it: `▶ 2 running · Runs`, `! 1 failing · Runs`. */
export function titleWith(title: string, { active_runs, failing_schedules }: Signs): string {
  const plain = title.replace(prefix, "");
  if (active_runs > 0) return `▶ ${active_runs} running · ${plain}`;
  if (failing_schedules > 0) return `! ${failing_schedules} failing · ${plain}`;
  return plain;
}

/** The color of the dot on the icon; null for none. What fails goes before what runs: it stays. */
export function dotOf({ active_runs, failing_schedules }: Signs): string | null {
  if (failing_schedules > 0) return "#d4372b";
  return active_runs > 0 ? "#d9860a" : null;
}

/** The icon (that of app/icon.svg) with a dot, as a data URL. */
export function iconWithDot(color: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3650cf"/><path d="M16 5.5 25 9v6.6c0 5.4-3.6 9.2-9 10.9-5.4-1.7-9-5.5-9-10.9V9z" fill="none" stroke="#fff" stroke-width="2.2" stroke-linejoin="round"/><circle cx="23.5" cy="23.5" r="8.5" fill="${color}" stroke="#fff" stroke-width="2"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

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
