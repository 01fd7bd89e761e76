"use client";

import { useEffect, useRef, useState } from "react";
import { toast } from "./toast.ts";
import { unreachable } from "./use-action.ts";

/**
 * Code that a page loads when somebody is about to need it. When it cannot be had (the service restarts, or a newer
 * version replaced it) a toast says so, and the page stays as it is.
 * @param load the import; called again, it gives the same
 */
export function useOnDemand<T>(load: () => Promise<T>) {
  const [loaded, setLoaded] = useState<{ code: T } | null>(null);
  const wanted = useRef(false);
  useEffect(
    () => () => {
      wanted.current = false;
    },
    [],
  );
  return {
    /** What was loaded, once it was wanted. */
    code: loaded?.code ?? null,
    /** A hint: it will probably be wanted. */
    prepare: () => void load().catch(() => {}),
    /** Wants it: `then` is called when it is there, unless nobody wants it any more. */
    want(then: () => void) {
      if (loaded) return then();
      wanted.current = true;
      load().then(
        (code) => {
          setLoaded({ code });
          if (wanted.current) then();
        },
        () => {
          if (wanted.current) toast.problem(unreachable);
        },
      );
    },
    /** Does not want it any more. */
    forget() {
      wanted.current = false;
    },
  };
}
