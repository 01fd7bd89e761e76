import type { Problem } from "#lib/errors";

/** What the API answers to a GET: data, or why not, in words. */
export type Fetched<T> = { ok: true; data: T; next: string | null } | { ok: false; message: string };

/** Reads from the service's own API as the signed-in person. `next` is the cursor of a list's next page. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<Fetched<T>> {
  try {
    const response = await fetch(path, {
      headers: { accept: "application/json" },
      ...(signal ? { signal } : {}),
    });
    const body: unknown = await response.json();
    if (!response.ok) return { ok: false, message: (body as Problem).detail };
    return { ok: true, data: body as T, next: nextCursor(response.headers.get("link")) };
  } catch {
    return { ok: false, message: "The service did not answer. Check your network, then try again." };
  }
}

function nextCursor(link: string | null): string | null {
  const target = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  return target ? new URL(target, "http://localhost").searchParams.get("cursor") : null;
}
