import { endpoints } from "#lib/http/endpoint";
import { requestActor } from "./request-actor.ts";

/** Makes a route handler of a definition: lib/http/endpoint.ts, for callers with a bearer token or a session. */
export const endpoint = endpoints(requestActor);
