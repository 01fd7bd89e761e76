import { tellSessionEnded, whoIsSignedIn } from "./session-end.ts";
import { hasUnsaved } from "./unsaved.ts";

/** By these a reverse proxy says that the service behind it is away for the moment. */
const away: readonly number[] = [502, 503, 504];
const firstWaitMs = 500;
const longestWaitMs = 5_000;
/** How long it is waited altogether for a page that somebody goes to. */
const patienceMs = 60_000;
/** How often it is looked whether somebody has signed in again. */
const lookMs = 2_000;
/** What the data of a page holds that sends to the sign-in page (app/page-data.ts), as Next.js writes it. */
const sentToSignIn = "NEXT_REDIRECT;replace;/sign-in?";

/**
 * A fetch that waits for a service that is away, when it is asked for the data of a page: it asks again after 0.5 s,
 * doubling to 5 s. A page that somebody goes to is waited for a minute; the page that is shown, and any while something is not
 * saved, until the service is back. What is counted is the waiting and not the clock's time: a computer that slept for an hour
 * with a request under way has waited for nothing yet. Next.js takes no answer, half of one, and any that is no page, as a reason to load the
 * address anew or to give up: into the browser's error page, the proxy's, or ours. What somebody was typing would be gone,
 * because the service was updated or the train went through a tunnel.
 *
 * It waits as well for a session that has ended, while something on the page is not saved: Next.js would follow the answer to the sign-in
 * page. Whoever asks looks before whether somebody is signed in, and the session may end between that and the answer.
 */
export function patientFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    if (!isForPage(init)) return fetch(input, init);
    let waited = 0;
    for (let wait = firstWaitMs; ; wait = Math.min(2 * wait, longestWaitMs)) {
      const answer = await fetch(input, init)
        .then(whole)
        .catch((error: unknown) => ({ error }));
      const isAway = "error" in answer || away.includes(answer.status);
      const givesUp = waited >= patienceMs && !hasUnsaved() && !isShown(input);
      if (!isAway || init?.signal?.aborted || givesUp) {
        if ("error" in answer) throw answer.error;
        if (!(await losesForm(answer))) return answer;
        tellSessionEnded();
        while (hasUnsaved() && (await whoIsSignedIn()) === null) await pause(lookMs, init?.signal);
        continue;
      }
      await pause(wait, init?.signal);
      waited += wait;
    }
  };
}

/** Whether an answer leads away from what is not saved, because nobody is signed in any more. */
async function losesForm(answer: Response): Promise<boolean> {
  if (!hasUnsaved() || !(await answer.clone().text()).includes(sentToSignIn)) return false;
  return (await whoIsSignedIn()) === null;
}

/** The answer with its body, once all of it is there. Nothing is lost by waiting: pages come whole. */
async function whole(answer: Response): Promise<Response> {
  // A body is not allowed for a 204 or 304, and an empty one is one.
  const body = answer.body ? await answer.arrayBuffer() : null;
  const { status, statusText, headers, url, redirected } = answer;
  const copy = new Response(body, { status, statusText, headers });
  return Object.defineProperties(copy, { url: { value: url }, redirected: { value: redirected } });
}

/** Whether Next.js asks for the data of a page, which it may do as often as it likes. */
function isForPage(init: RequestInit | undefined): boolean {
  return (init?.method ?? "GET") === "GET" && new Headers(init?.headers).has("rsc");
}

/** Whether the data is of the page that is shown, which nobody wants to leave. */
function isShown(input: RequestInfo | URL): boolean {
  const { pathname, search, origin } = window.location;
  const asked = new URL(input instanceof Request ? input.url : input, origin);
  // By this Next.js tells caches apart what it asks for.
  asked.searchParams.delete("_rsc");
  return asked.pathname === pathname && String(asked.searchParams) === String(new URLSearchParams(search));
}

function pause(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
