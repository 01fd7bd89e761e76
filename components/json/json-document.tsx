"use client";

import { Button, Skeleton } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import type { Names } from "#lib/names/names";
import { bytesText } from "../ui/bytes.ts";
import { JsonView } from "./json-view.tsx";

type Fetched = { json: string } | { problem: string } | null;

/**
 * A policy's stored JSON. A small one comes with the page; a large one is fetched once the page is there, so that the
 * page itself stays small.
 */
export function JsonDocument({
  json,
  names,
  bytes,
  contentHref,
  fileName,
}: {
  /** Null: fetch it. */
  json: string | null;
  names: Names;
  bytes: number;
  contentHref: string;
  fileName: string;
}) {
  const [fetched, setFetched] = useState<Fetched>(null);
  const load = useCallback(
    async (signal?: AbortSignal) => {
      setFetched(null);
      try {
        const response = await fetch(contentHref, signal ? { signal } : {});
        const text = await response.text();
        if (response.ok) setFetched({ json: text });
        else setFetched({ problem: (JSON.parse(text) as { detail?: string }).detail ?? text });
      } catch {
        if (!signal?.aborted) setFetched({ problem: "The service did not answer. Check your network." });
      }
    },
    [contentHref],
  );
  useEffect(() => {
    if (json !== null) return;
    const leaving = new AbortController();
    void load(leaving.signal);
    return () => leaving.abort();
  }, [json, load]);

  const loaded = json === null ? fetched : { json };
  if (loaded === null) {
    return (
      <div role="status" aria-label={`Loading ${bytesText(bytes)} of JSON`}>
        <Skeleton height="min(70vh, 40rem)" />
      </div>
    );
  }
  if ("problem" in loaded) {
    return (
      <div role="alert">
        <p>{loaded.problem}</p>
        <Button variant="default" onClick={() => void load()}>
          Try again
        </Button>
      </div>
    );
  }
  return <JsonView json={loaded.json} names={names} downloadHref={contentHref} fileName={fileName} />;
}
