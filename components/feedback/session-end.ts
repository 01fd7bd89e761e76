let ended = false;
const listeners = new Set<() => void>();

/** Says that the session of this page has ended, while there is something on the page that must not be lost. */
export function tellSessionEnded(): void {
  set(true);
}

/** The person is signed in again. */
export function tellSessionBack(): void {
  set(false);
}

function set(value: boolean): void {
  if (ended === value) return;
  ended = value;
  for (const listener of listeners) listener();
}

/** For `useSyncExternalStore`. */
export const sessionEnd = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  read: () => ended,
  readOnServer: () => false,
};

/** Whether the browser is signed in; null when nobody answers. */
export async function isSignedIn(): Promise<boolean | null> {
  try {
    const { status } = await fetch("/api/tenants", { cache: "no-store" });
    if (status === 401) return false;
    return status === 200 ? true : null;
  } catch {
    return null;
  }
}
