"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useTransition } from "react";

type Changes = Record<string, string | number | null>;

/**
 * The address that was asked for last, until it is there. A second filter that is chosen while the server still answers
 * to the first must add to it, not undo it; and each control has its own hook.
 */
let asked: { pathname: string; query: string } | null = null;

/**
 * The state of a list in the page's address: sorting, filters, page. A change of anything but the page goes
 * back to the first page. `pending` while the server answers.
 */
export function useUrlState() {
  const router = useRouter();
  const pathname = usePathname();
  const current = useSearchParams();
  const [pending, start] = useTransition();

  const hrefWith = useCallback(
    (changes: Changes) => hrefOf(pathname, withChanges(current, changes)),
    [current, pathname],
  );
  const asking = useRef(false);
  useEffect(() => {
    if (pending || !asking.current) return;
    asking.current = false;
    asked = null;
  }, [pending]);
  const change = useCallback(
    (changes: Changes) => {
      const base = asked?.pathname === pathname ? new URLSearchParams(asked.query) : current;
      const next = withChanges(base, changes);
      asked = { pathname, query: next.toString() };
      asking.current = true;
      start(() => router.replace(hrefOf(pathname, next), { scroll: false }));
    },
    [current, pathname, router],
  );
  return { current, pending, hrefWith, change };
}

function withChanges(base: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(base);
  if (!("page" in changes)) next.delete("page");
  if (!("cursor" in changes)) next.delete("cursor");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, String(value));
  }
  return next;
}

function hrefOf(pathname: string, query: URLSearchParams): string {
  return query.size > 0 ? `${pathname}?${query}` : pathname;
}
