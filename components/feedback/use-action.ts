"use client";

import { unstable_isUnrecognizedActionError as isUnrecognizedActionError, useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useTransition } from "react";
import { tellSessionEnded } from "../navigation/session-end.ts";
import type { ActionResult } from "./action-result.ts";
import { toast } from "./toast.ts";
import { useKeptFocus } from "./use-kept-focus.ts";

/** The problem of a request that got no answer. */
export const unreachable = {
  type: "about:blank",
  title: "The service did not answer",
  status: 503,
  code: "UNAVAILABLE",
  detail: "Check your network, then try again.",
} as const;

/** The problem of a page that is older than the service: what it asks for has another name by now. */
const outdated = {
  type: "about:blank",
  title: "TenantPilot was updated",
  status: 404,
  code: "NOT_FOUND",
  detail:
    "This page is of the version before, and nothing was done. Copy what you want to keep of it, load it again, and then repeat it.",
} as const;

/**
 * Runs server actions: says when one is under way, refreshes the page's data afterwards, and shows a problem
 * as a toast unless `problem` takes care of it. Where the session has ended, the page stays (`SessionEnded`). A button that is disabled meanwhile
 * gets its focus back; one that goes away with what it did leaves it to the row, the panel or the page that it was in.
 */
export function useAction() {
  const router = useRouter();
  const [pending, start] = useTransition();
  const holdFocus = useKeptFocus(pending);
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const run = useCallback(
    <T>(
      call: () => Promise<ActionResult<T>>,
      on: {
        /** @param isHere false where who asked has left the page or closed what they asked in: then nothing leads them away */
        success?: (data: T, isHere: boolean) => void;
        problem?: (problem: Extract<ActionResult<T>, { ok: false }>["problem"]) => boolean;
        /** False where what is shown now would go away with it: whoever shows it refreshes later. */
        refresh?: false;
      } = {},
    ) => {
      holdFocus();
      start(async () => {
        const result = await call().catch(
          (error: unknown): ActionResult<T> => ({
            ok: false,
            problem: isUnrecognizedActionError(error) ? outdated : unreachable,
          }),
        );
        // Everything else stays as it is: a refresh would lead to the sign-in page, and lose what was entered.
        if (!result.ok && result.problem.code === "UNAUTHENTICATED") return tellSessionEnded();
        if (result.ok) on.success?.(result.data, isHere.current);
        else if (!on.problem?.(result.problem)) toast.problem(result.problem);
        // Without an answer a refresh would get none either, and Next.js would then load the page anew: into an error. That of a
        // newer version it would load anew as well, and what was entered would be gone.
        const isAnswered = result.ok || (result.problem !== unreachable && result.problem !== outdated);
        if (on.refresh ?? isAnswered) router.refresh();
      });
    },
    [router, holdFocus],
  );
  return { pending, run };
}
