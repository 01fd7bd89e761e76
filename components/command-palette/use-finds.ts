"use client";

import { useEffect, useState } from "react";
import type { TenantFinds } from "#lib/overview/search";
import type { PaletteActions } from "./command-center.tsx";

const debounceMs = 160;

/**
 * What the server finds for the words in the palette. An answer that was overtaken by other words is dropped; until a
 * new one is there, the one before stays, so that the list does not flicker.
 * @param search undefined where there is nothing to ask
 */
export function useFinds(search: PaletteActions["search"] | undefined, text: string) {
  const words = text.trim();
  const [answer, setAnswer] = useState<{ words: string; finds: TenantFinds } | null>(null);
  const [recent, setRecent] = useState<TenantFinds | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!search) return;
    let current = true;
    const timer = setTimeout(
      async () => {
        const found = await search({ text: words }).catch(() => null);
        if (!current) return;
        setFailed(!found?.ok);
        if (!found?.ok) return;
        setAnswer({ words, finds: found.data });
        if (words === "") setRecent(found.data);
      },
      words === "" ? 0 : debounceMs,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [search, words]);
  return {
    finds: words === "" || answer?.words === "" ? null : (answer?.finds ?? null),
    recent,
    failed,
    searching: search !== undefined && !failed && answer?.words !== words,
  };
}
