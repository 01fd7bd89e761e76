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

/** Who is signed in with this browser: null for nobody, undefined when there is no answer. */
export async function whoIsSignedIn(): Promise<{ name: string; email: string } | null | undefined> {
  try {
    const answer = await fetch("/api/auth/session", { cache: "no-store" });
    if (!answer.ok) return undefined;
    const { user }: { user?: { name: string; email: string } } = await answer.json();
    return user ?? null;
  } catch {
    return undefined;
  }
}
