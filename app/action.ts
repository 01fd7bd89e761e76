import type { z } from "zod";
import type { ActionResult } from "#components/feedback/action-result.ts";
import type { Actor } from "#lib/access/actor";
import { actorOf } from "#lib/access/current-user";
import { type FirstDuty, firstDutyRefusal } from "#lib/access/sign-in-rules";
import { AppError, toProblem } from "#lib/errors";
import { countRequest } from "#lib/http/rate-limit";
import { actionBegins } from "#lib/http/server-action";
import { log } from "#lib/log";
import type { Operation } from "#lib/operation";
import { sessionUser } from "./session.ts";

/** The server action of an operation, which is one line in a file of actions. The operation looks at role and input. */
export function action<S extends z.ZodType, R>(operation: Operation<S, R>) {
  return async (tenantId: number, input: z.input<S>): Promise<ActionResult<R>> =>
    act((actor) => operation(actor, tenantId, input));
}

/**
 * The body of a server action: finds who asks, calls one operation, and turns errors into problems.
 * Server actions are public endpoints; the operation checks role and input, whatever the page showed.
 * @param options.duty what those may do with it, too, who have to do that before anything else
 */
export async function act<T>(
  call: (actor: Actor) => Promise<T>,
  { duty }: { duty?: FirstDuty } = {},
): Promise<ActionResult<T>> {
  actionBegins();
  try {
    const user = await sessionUser();
    if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
    if (user.first_duty && user.first_duty !== duty) throw await firstDutyRefusal(user.first_duty, user.id);
    const actor = actorOf(user);
    countRequest(actor);
    return { ok: true, data: await call(actor) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "INTERNAL")
      log.error({ err: error }, "server action failed");
    return { ok: false, problem: toProblem(error) };
  }
}
