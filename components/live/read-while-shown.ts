const everyMs = 60_000;

interface Reading {
  /** Begins to read. */
  read(): void;
  /**
   * Whether what was begun is under way: it may wait for a service that is away, for hours. Another one would wait beside it, and
   * ask as often.
   */
  isReading(): boolean;
}

/**
 * Has the data of a page read anew every minute while it is looked at, and when one comes back to it.
 * @returns ends it
 */
export function readWhileShown({ read, isReading }: Reading): () => void {
  let readAt = Date.now();
  const look = () => {
    if (isReading()) {
      readAt = Date.now();
      return;
    }
    // A clock that was set back must not stop it.
    if (document.visibilityState !== "visible" || Math.abs(Date.now() - readAt) < everyMs) return;
    readAt = Date.now();
    read();
  };
  const timer = setInterval(look, everyMs / 4);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
