import type { Actor } from "#lib/access/actor";
import { AppError, toProblem } from "#lib/errors";
import { log } from "#lib/log";
import type { ActionResult } from "../components/feedback/action-result.ts";
import { sessionActor } from "./session.ts";

/**
 * The body of every server action: finds who asks, calls one operation, and turns errors into problems.
 * Server actions are public endpoints; the operation checks role and input, whatever the page showed.
 */
export async function act<T>(call: (actor: Actor) => Promise<T>): Promise<ActionResult<T>> {
  try {
    const actor = await sessionActor();
    if (!actor) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
    return { ok: true, data: await call(actor) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "INTERNAL")
      log.error({ err: error }, "server action failed");
    return { ok: false, problem: toProblem(error) };
  }
}
