import { z } from "zod";
import type { Access } from "./access-token.ts";
import type { Answer, GraphService } from "./graph-service.ts";
import { errorBody, GraphError, requestIds } from "./http-error.ts";
import type { GraphObject, Json } from "./json.ts";
import { optionsOf } from "./odata-query.ts";
import { Random } from "./random.ts";

/** Graph takes this many requests in a batch. */
const MAXIMUM = 20;

const partSchema = z.object({
  id: z.string().min(1),
  method: z.string().default("GET"),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});
const batchSchema = z.object({ requests: z.array(partSchema).min(1) });

/** One POST to `/$batch`. */
interface BatchCall {
  access: Access;
  /** `v1.0` or `beta`: the parts' URLs are relative to it. */
  version: string;
  body: unknown;
  origin: string;
  signal: AbortSignal;
  /** Decides in which order the parts are answered. */
  order: number;
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((value) => ({ value, rank: random.next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

function partBody(answer: Answer): Json | undefined {
  // Inside a batch a stream is base64.
  const body = answer.body instanceof Uint8Array ? Buffer.from(answer.body).toString("base64") : answer.body;
  const text = JSON.stringify(body) ?? "";
  if (answer.damage === "truncate") return text.slice(0, Math.floor(text.length / 2));
  if (answer.damage === "malformed") return `${text.slice(0, -1)},,`;
  return body;
}

/**
 * Answers a batch: each part is judged alone and the whole answers 200. Parts come back in another order than
 * they were sent, as Graph may do; `dependsOn` is not looked at: parts are begun in the order in which they stand.
 * @throws GraphError 400 for a batch that is not well formed or has more than 20 parts
 */
export async function answerBatch(service: GraphService, call: BatchCall): Promise<Answer> {
  const parsed = batchSchema.safeParse(call.body);
  if (!parsed.success) {
    throw new GraphError(400, "BadRequest", `Invalid batch payload format. ${z.prettifyError(parsed.error)}`);
  }
  const { requests } = parsed.data;
  if (requests.length > MAXIMUM) {
    throw new GraphError(
      400,
      "BadRequest",
      `Number of batch request steps exceeds the maximum value of ${MAXIMUM}.`,
    );
  }
  if (new Set(requests.map(({ id }) => id)).size < requests.length) {
    throw new GraphError(400, "BadRequest", "Invalid batch payload format: request ids must be unique.");
  }
  const answers = await Promise.all(
    requests.map(async (part): Promise<{ id: string; answer: Answer }> => {
      const header = Object.entries(part.headers ?? {}).find(
        ([name]) => name.toLowerCase() === "client-request-id",
      );
      const ids = requestIds(header?.[1]);
      if (/^[a-z]+:/i.test(part.url)) {
        const error = { code: "BadRequest", message: "The url of a batch request must be relative." };
        return { id: part.id, answer: { status: 400, headers: {}, body: errorBody(error, ids) } };
      }
      const url = new URL(`/${call.version}/${part.url.replace(/^\/+/, "")}`, call.origin);
      const answer = await service.answer({
        access: call.access,
        method: part.method.toUpperCase(),
        pathname: url.pathname,
        parameters: optionsOf(url.search),
        origin: call.origin,
        ids,
        via: "batch",
        signal: call.signal,
        body: part.body,
        headers: Object.fromEntries(
          Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
      });
      const headers = {
        "request-id": ids.requestId,
        "client-request-id": ids.clientRequestId,
        ...answer.headers,
      };
      return { id: part.id, answer: { ...answer, headers } };
    }),
  );
  // A part cannot be cut alone: the connection is the batch's.
  const cut = answers.find(({ answer }) => answer.damage === "hang" || answer.damage === "reset");
  const responses = shuffled(answers, new Random("batch", call.order)).map(({ id, answer }): GraphObject => {
    const body = partBody(answer);
    return {
      id,
      status: answer.status,
      headers: { "Cache-Control": "private", "Content-Type": "application/json", ...answer.headers },
      ...(body !== undefined && { body }),
    };
  });
  return {
    status: 200,
    headers: {},
    body: { responses },
    ...(cut?.answer.damage && { damage: cut.answer.damage }),
  };
}
