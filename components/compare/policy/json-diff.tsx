"use client";

import { Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import type { ItemComparison } from "#lib/compare/items";
import { type ItemAt, itemContentApi } from "../compare-links.ts";
import { type Fetched, fetchJson } from "../fetch-json.ts";
import { LineDiff } from "./line-diff.tsx";

/** Both stored documents of one policy, side by side with the differing lines marked. Loaded on demand. */
export function JsonDiff({
  left,
  right,
  names,
}: {
  left: ItemAt;
  right: ItemAt;
  names: ItemComparison["names"];
}) {
  const [documents, setDocuments] = useState<[Fetched<unknown>, Fetched<unknown>] | null>(null);
  const [leftPath, rightPath] = [itemContentApi(left), itemContentApi(right)];
  useEffect(() => {
    const abort = new AbortController();
    Promise.all([fetchJson(leftPath, abort.signal), fetchJson(rightPath, abort.signal)]).then((both) => {
      if (!abort.signal.aborted) setDocuments(both);
    });
    return () => abort.abort();
  }, [leftPath, rightPath]);
  if (!documents) return <Loader size="sm" role="status" aria-label="Loading both documents" />;
  const [before, after] = documents;
  if (!before.ok || !after.ok) {
    return <p role="alert">{before.ok ? (after.ok ? "" : after.message) : before.message}</p>;
  }
  return (
    <LineDiff
      left={JSON.stringify(before.data, null, 2)}
      right={JSON.stringify(after.data, null, 2)}
      names={names}
      tall
    />
  );
}
