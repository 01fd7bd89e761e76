import { once } from "node:events";
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { beginStopping, endWhatIsOpen } from "#lib/stopping";

export interface StopOptions {
  /** Seconds for which it goes on to take requests although it is not ready any more, until proxies have noticed. */
  noticeSeconds: number;
  /** Seconds after that in which requests in flight may end. */
  limitSeconds: number;
}

/**
 * Stops a web server so that nobody notices: first it says that it is not ready, and goes on; then it takes no new
 * connection, ends event streams, whose browsers connect anew elsewhere, and lets every request that it has end. Answers
 * ask for their connection to be closed all the while, so that none is idle when the server goes.
 */
export async function stopServer(
  server: Server,
  { noticeSeconds, limitSeconds }: StopOptions,
): Promise<void> {
  beginStopping();
  await delay(noticeSeconds * 1_000);
  const closed = once(server, "close");
  server.close();
  endWhatIsOpen();
  // What was answered before it had to be closed is idle later on, and would be kept.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const limit = setTimeout(() => server.closeAllConnections(), limitSeconds * 1_000);
  await closed;
  clearInterval(idle);
  clearTimeout(limit);
}
