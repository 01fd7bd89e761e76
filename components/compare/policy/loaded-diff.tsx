"use client";

import { Button, Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import type { ItemComparison } from "#lib/compare/items";
import { type ItemAt, itemComparisonApi } from "../compare-links.ts";
import { type Fetched, fetchJson } from "../fetch-json.ts";
import { PolicyDiff } from "./policy-diff.tsx";

/** The differences of one policy, read when this is shown for the first time. */
export function LoadedDiff({ left, right }: { left: ItemAt; right: ItemAt }) {
  const [answer, setAnswer] = useState<Fetched<ItemComparison> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const path = itemComparisonApi(left, right);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads again
  useEffect(() => {
    const abort = new AbortController();
    setAnswer(null);
    fetchJson<ItemComparison>(path, abort.signal).then((found) => {
      if (!abort.signal.aborted) setAnswer(found);
    });
    return () => abort.abort();
  }, [path, attempt]);
  if (!answer) return <Loader size="sm" role="status" aria-label="Loading the differences" />;
  if (!answer.ok) {
    return (
      <div role="alert">
        {answer.message}{" "}
        <Button size="compact-sm" variant="default" onClick={() => setAttempt((before) => before + 1)}>
          Try again
        </Button>
      </div>
    );
  }
  return <PolicyDiff left={left} right={right} comparison={answer.data} heading="h3" />;
}
