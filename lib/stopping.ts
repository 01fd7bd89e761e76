/** What a web server that stops tells those who have to know: readiness, answers, event streams. */
interface Stopping {
  begun: boolean;
  /** Ended once no new request is taken: each would never end by itself. */
  open: Set<() => void>;
}

// The web server and what Next.js has bundled each load this module: what they share lies outside of it.
const holder = globalThis as typeof globalThis & { tenantpilotStopping?: Stopping };

function stopping(): Stopping {
  holder.tenantpilotStopping ??= { begun: false, open: new Set() };
  return holder.tenantpilotStopping;
}

/** From now on this process is not ready, and its answers ask for the connection to be closed. */
export function beginStopping(): void {
  stopping().begun = true;
}

/** Whether this process has been asked to stop. */
export function isStopping(): boolean {
  return stopping().begun;
}

/**
 * Notes something that is open without an end, such as an event stream.
 * @param end is called when the server takes no more requests
 * @returns forgets it
 */
export function endWhenStopping(end: () => void): () => void {
  const { open } = stopping();
  open.add(end);
  return () => void open.delete(end);
}

/** Ends what would keep a stopping server waiting for ever. */
export function endWhatIsOpen(): void {
  for (const end of stopping().open) end();
}
