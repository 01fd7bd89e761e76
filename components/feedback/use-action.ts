"use client";

import { useRouter } from "next/navigation";
import { useCallback, useTransition } from "react";
import type { ActionResult } from "./action-result.ts";
import { toast } from "./toast.ts";

const unreachable = {
  type: "about:blank",
  title: "The service did not answer",
  status: 503,
  code: "UNAVAILABLE",
  detail: "Check your network, then try again.",
} as const;

/**
 * Runs server actions: says when one is under way, refreshes the page's data afterwards, and shows a problem
 * as a toast unless `onProblem` takes care of it.
 */
export function useAction() {
  const router = useRouter();
  const [pending, start] = useTransition();
  const run = useCallback(
    <T>(
      call: () => Promise<ActionResult<T>>,
      on: {
        success?: (data: T) => void;
        problem?: (problem: Extract<ActionResult<T>, { ok: false }>["problem"]) => boolean;
      } = {},
    ) => {
      start(async () => {
        const result = await call().catch((): ActionResult<T> => ({ ok: false, problem: unreachable }));
        if (result.ok) on.success?.(result.data);
        else if (!on.problem?.(result.problem)) toast.problem(result.problem);
        router.refresh();
      });
    },
    [router],
  );
  return { pending, run };
}
