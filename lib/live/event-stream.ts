import { type Actor, callerKey } from "#lib/access/actor";
import { isUnreachable } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { endWhenStopping } from "#lib/stopping";
import { type Heard, subscribe } from "./listen.ts";

export interface EventStreamOptions {
  tenantId: number;
  reader: Actor;
  /** How many streams a caller may have open with this process. */
  mostPerCaller: number;
  /** The mark under which the reader read its data (lib/live/listen.ts); null when it has read none. */
  since?: string | null;
  /** Ends the stream. */
  signal: AbortSignal;
  /** Rejects when the reader may no longer watch: the session, the token or the membership has ended. */
  recheck(): Promise<unknown>;
  /** Milliseconds between two comments that keep proxies from closing a silent stream. */
  heartbeatMs?: number;
  /** Milliseconds between two calls of `recheck`, beside those when there is news of the reader's access. */
  recheckMs?: number;
}

/** Events that may wait for a slow reader; one further behind starts again with a resync. */
const maxWaiting = 1_000;

/** The streams of this process, and whose each is. Next.js may load a module once for each route. */
const holder = globalThis as typeof globalThis & { tenantpilotStreams?: Map<object, string> };

function openStreams(): Map<object, string> {
  holder.tenantpilotStreams ??= new Map();
  return holder.tenantpilotStreams;
}

/**
 * A tenant's live events in the format of server-sent events (HTML standard, section 9.2): `event: <topic>`, the data
 * is JSON `{topic, id}`. It ends when the reader goes, or may no longer watch.
 * @throws AppError RATE_LIMITED when the caller has as many as one may have
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
  requireAnotherStream(options);
  const encoder = new TextEncoder();
  let end = () => {};
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const send = (text: string) => {
          if ((controller.desiredSize ?? 0) < -maxWaiting) end();
          else controller.enqueue(encoder.encode(text));
        };
        const heartbeat = setInterval(() => send(": still here\n\n"), options.heartbeatMs ?? 15_000);
        const look = () => {
          options.recheck().catch((error: unknown) => {
            // A database that restarts is no verdict.
            if (!isUnreachable(error)) end();
          });
        };
        // What the clock ends nobody announces, and news can be lost.
        const recheck = setInterval(look, options.recheckMs ?? 60_000);
        let unsubscribe = () => {};
        let forget = () => {};
        end = () => {
          end = () => {};
          clearInterval(heartbeat);
          clearInterval(recheck);
          unsubscribe();
          options.signal.removeEventListener("abort", stop);
          openStreams().delete(stop);
          forget();
          try {
            controller.close();
          } catch {
            // The reader was faster.
          }
        };
        const stop = () => end();
        options.signal.addEventListener("abort", stop);
        openStreams().set(stop, callerKey(options.reader));
        // A server that stops waits for its answers, and this one would never end.
        forget = endWhenStopping(stop);
        send(`retry: ${reconnectMs()}\n\n`);
        unsubscribe = subscribe(options.tenantId, options.reader, options.since ?? null, {
          event: (event) => send(frame(event)),
          access: look,
        });
        if (options.signal.aborted) end();
      },
      cancel() {
        end();
      },
    },
    { highWaterMark: 16 },
  );
}

/** After how many milliseconds the reader connects again: not all of a server's readers at once, when it goes. */
function reconnectMs(): number {
  return 1_500 + Math.floor(Math.random() * 1_500);
}

function frame(event: Heard): string {
  const data = event.topic === "resync" ? { topic: event.topic } : { topic: event.topic, id: event.id };
  return `event: ${event.topic}\ndata: ${JSON.stringify(data)}\n\n`;
}

function requireAnotherStream({ reader, mostPerCaller: most }: EventStreamOptions): void {
  const caller = callerKey(reader);
  const open = [...openStreams().values()].filter((of) => of === caller).length;
  if (open < most) return;
  throw new AppError(
    "RATE_LIMITED",
    `You have ${most} event streams open, which is the most that one may have. Close one first.`,
    { headers: { "Retry-After": "15" } },
  );
}
