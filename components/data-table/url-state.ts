"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useTransition } from "react";

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
    (changes: Record<string, string | number | null>) => {
      const next = new URLSearchParams(current);
      if (!("page" in changes)) next.delete("page");
      if (!("cursor" in changes)) next.delete("cursor");
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") next.delete(name);
        else next.set(name, String(value));
      }
      const query = next.toString();
      return query ? `${pathname}?${query}` : pathname;
    },
    [current, pathname],
  );
  const change = useCallback(
    (changes: Record<string, string | number | null>) =>
      start(() => router.replace(hrefWith(changes), { scroll: false })),
    [hrefWith, router],
  );
  return { current, pending, hrefWith, change };
}
