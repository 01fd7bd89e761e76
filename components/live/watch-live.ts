const topics = [
  "run",
  "schedule",
  "set",
  "notification",
  "connection",
  "restore",
  "incident",
  "drift",
  "resync",
] as const;
const firstRetryMs = 2_000;
const longestRetryMs = 30_000;
/** A tab that is hidden for longer gives its connection back. */
const hiddenMs = 2_000;
/** How often a hidden tab is brought up to date: its title and icon are still to be seen. */
const hiddenLookMs = 60_000;

export interface LiveListener {
  /** There is a connection: the first, or one again. */
  onOpen(): void;
  onLost(): void;
  /** The service says that this person may not watch (any more): signed out, or no member. */
  onRefused(): void;
  /** Something in the tenant changed. */
  onChange(): void;
}

/**
 * Watches a tenant's event stream, for good. The browser itself reconnects after a lost connection; after an answer
 * that is no stream (a proxy whose service restarts, a session that ended) it gives up, and this tries again: after 2 s,
 * doubling to 30 s, and at once when the network or the tab comes back.
 *
 * A hidden tab holds no stream: over HTTP/1.1 a browser opens six connections to a service and no more, so six tabs would
 * leave none to load anything by. It looks once a minute, and catches up when it is shown again.
 * @returns ends it
 */
export function watchLive(url: string, listener: LiveListener): () => void {
  const ended = new AbortController();
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let resting: ReturnType<typeof setTimeout> | ReturnType<typeof setInterval> | undefined;
  let failures = 0;

  const connect = () => {
    clearTimeout(timer);
    timer = undefined;
    const opened = new EventSource(url);
    stream = opened;
    opened.addEventListener("open", () => {
      failures = 0;
      listener.onOpen();
    });
    opened.addEventListener("error", () => {
      listener.onLost();
      if (opened.readyState !== EventSource.CLOSED) return;
      stream = null;
      timer = setTimeout(connect, Math.min(longestRetryMs, firstRetryMs * 2 ** failures));
      failures += 1;
      if (failures === 1) void askWhy(url, ended.signal).then((refused) => refused && listener.onRefused());
    });
    for (const topic of topics) opened.addEventListener(topic, () => listener.onChange());
  };
  const rest = () => {
    clearTimeout(timer);
    timer = undefined;
    stream?.close();
    stream = null;
    resting = setInterval(() => listener.onChange(), hiddenLookMs);
  };
  const seenOrNot = () => {
    clearTimeout(resting);
    resting = undefined;
    if (document.visibilityState === "hidden") resting = setTimeout(rest, hiddenMs);
    else if (stream === null) connect();
  };

  connect();
  window.addEventListener("online", () => timer !== undefined && connect(), { signal: ended.signal });
  document.addEventListener("visibilitychange", seenOrNot, { signal: ended.signal });
  if (document.visibilityState === "hidden") seenOrNot();
  return () => {
    ended.abort();
    clearTimeout(timer);
    clearTimeout(resting);
    stream?.close();
  };
}

/** An EventSource hides the status of the answer that ended it. @returns whether it was a refusal */
async function askWhy(url: string, signal: AbortSignal): Promise<boolean> {
  const asked = new AbortController();
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, asked.signal]) });
    return response.status === 401 || response.status === 403 || response.status === 404;
  } catch {
    return false;
  } finally {
    asked.abort();
  }
}
