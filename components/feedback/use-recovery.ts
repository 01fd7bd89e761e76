import { useEffect, useRef, useState } from "react";

/** Milliseconds between two questions whether the service can serve again. */
const askEveryMs = 5_000;

/**
 * Asks whether the service can serve, while it cannot, and calls `recovered` once it can again. A page that failed although
 * the service could serve all the time stays as it is: it would fail once more.
 * @returns whether the service was found unable to serve
 */
export function useRecovery(recovered: () => void): boolean {
  const [isAway, setAway] = useState(false);
  const latest = useRef(recovered);
  useEffect(() => {
    latest.current = recovered;
  });
  useEffect(() => {
    let wasAway = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const ask = async () => {
      const serves = await canServe();
      if (left) return;
      if (serves && wasAway) return latest.current();
      if (serves) return;
      wasAway = true;
      setAway(true);
      timer = setTimeout(() => void ask(), askEveryMs);
    };
    void ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, []);
  return isAway;
}

/** A server that cannot be reached cannot serve either. */
async function canServe(): Promise<boolean> {
  try {
    const { ok } = await fetch("/api/ready", { cache: "no-store" });
    return ok;
  } catch {
    return false;
  }
}
