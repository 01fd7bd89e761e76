import { createHash } from "node:crypto";
import { z } from "zod";
import type { Prisma } from "#lib/db/generated/client";
import { AppError } from "#lib/errors";
import type { CallTerms } from "#lib/operation";
import { malformed } from "./problem.ts";

/** Characters that an Idempotency-Key has at most. */
export const maxKeyLength = 255;

/** How long a key is remembered. */
export const hoursKept = 24;

/** An answer as it went out the first time. */
const keptAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
type KeptAnswer = z.infer<typeof keptAnswer>;

/** Thrown in place of doing the work again: its transaction has nothing to commit. */
class AnsweredBefore extends Error {
  readonly #kept: KeptAnswer;

  constructor(kept: KeptAnswer) {
    super("The request was answered before");
    this.name = "AnsweredBefore";
    this.#kept = kept;
  }

  /** The first answer again, marked as such. */
  answer(): Response {
    const { status, headers, body } = this.#kept;
    return new Response(body === "" ? null : body, {
      status,
      headers: { ...headers, "Idempotency-Replayed": "true" },
    });
  }
}

/**
 * Has the work of a request with an Idempotency-Key done once while the key is remembered. The key is claimed in the
 * transaction of the work and commits with it: another request with the same key waits until then, and one that is refused or dies
 * leaves nothing behind. Keys are told apart by tenant and caller.
 *
 * Its `around` throws AnsweredBefore when the request was answered before, and AppError IDEMPOTENCY_KEY_REUSED when the
 * key came with another request.
 * @param body as it was parsed; undefined when none is expected
 * @param answer makes the answer of the operation's result
 * @returns nothing to ask without the header
 * @throws AppError MALFORMED_REQUEST when the key is empty, too long, or has characters that cannot be printed
 */
export function answerOnce(
  request: Request,
  body: unknown,
  answer: (result: unknown) => Response,
): Pick<CallTerms, "around"> {
  const key = request.headers.get("Idempotency-Key");
  if (key === null) return {};
  if (!/^[ -~]+$/.test(key) || key.length > maxKeyLength)
    throw malformed(`Idempotency-Key must have 1 to ${maxKeyLength} printable ASCII characters.`);
  const keyHash = sha256(key);
  const requestHash = sha256(
    JSON.stringify([request.method, new URL(request.url).pathname, body === undefined ? null : body]),
  );
  return {
    async around({ db, tenant, actor }, work) {
      // Waits for a transaction that holds the same key. A row that is over is as good as none.
      const claimed = await db.$executeRaw`
        INSERT INTO idempotency_keys AS k (tenant_id, actor_kind, actor_id, key_sha256, request_sha256, expires_at)
        VALUES (${tenant.id}, ${actor.kind}, ${actor.id}, ${keyHash}, ${requestHash},
                now() + make_interval(hours => ${hoursKept}))
        ON CONFLICT (tenant_id, actor_kind, actor_id, key_sha256) DO UPDATE
        SET request_sha256 = excluded.request_sha256, expires_at = excluded.expires_at,
            status = NULL, headers = NULL, body = NULL
        WHERE k.expires_at <= now()`;
      const ours: Prisma.IdempotencyKeyWhereInput = {
        tenant_id: tenant.id,
        actor_kind: actor.kind,
        actor_id: actor.id ?? 0,
        key_sha256: keyHash,
      };
      if (claimed === 0) {
        const earlier = await db.idempotencyKey.findFirstOrThrow({ where: ours });
        if (earlier.request_sha256 !== requestHash)
          throw new AppError(
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key came with another method, path or body before. Choose a new key for a new request.",
          );
        throw new AnsweredBefore(keptAnswer.parse(earlier));
      }
      const result = await work();
      const made = answer(result);
      await db.idempotencyKey.updateMany({
        where: ours,
        data: {
          status: made.status,
          headers: Object.fromEntries(made.headers),
          body: await made.text(),
        },
      });
      return result;
    },
  };
}

/** The first answer again, out of what was thrown in place of the work. @throws the error when it is none of that */
export function answerAgain(error: unknown): Response {
  if (error instanceof AnsweredBefore) return error.answer();
  throw error;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
