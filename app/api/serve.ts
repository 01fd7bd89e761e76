import { serving } from "#lib/http/serve";
import { requestActor } from "./request-actor.ts";

/** Makes the exports of a route file out of operations: lib/http/serve.ts, for callers with a bearer token or a session. */
export const serve = serving(requestActor);
