"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useTransition } from "react";
import { AskedAddress } from "./asked-address.ts";

type Changes = Record<string, string | number | null>;

const asked = new AskedAddress();

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
  const own = useRef({});
  const isAsking = useRef(false);
  const query = current.toString();
  useEffect(() => asked.arrived(pathname, query), [pathname, query]);
  useEffect(() => {
    if (pending || !isAsking.current) return;
    isAsking.current = false;
    asked.over(own.current);
  }, [pending]);
  useEffect(() => {
    const { current: control } = own;
    return () => asked.over(control);
  }, []);
  const change = useCallback(
    (changes: Changes) => {
      const next = withChanges(new URLSearchParams(asked.base(pathname, query)), changes);
      asked.ask(own.current, pathname, next.toString());
      isAsking.current = true;
      start(() => router.replace(hrefOf(pathname, next), { scroll: false }));
    },
    [pathname, query, router],
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
