import { randomUUID } from "node:crypto";
import type { GraphObject } from "./json.ts";

/** What identifies one request in Graph's headers and error bodies. */
export interface RequestIds {
  requestId: string;
  clientRequestId: string;
}

export function requestIds(clientRequestId: string | undefined): RequestIds {
  const requestId = randomUUID();
  return { requestId, clientRequestId: clientRequestId || requestId };
}

/** A refusal that Graph would give. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** `{error: {code, message, innerError}}` as every Graph service answers. */
export function errorBody(error: { code: string; message: string }, ids: RequestIds): GraphObject {
  return {
    error: {
      code: error.code,
      message: error.message,
      innerError: {
        date: new Date().toISOString().slice(0, 19),
        "request-id": ids.requestId,
        "client-request-id": ids.clientRequestId,
      },
    },
  };
}

/** Intune's messages are JSON in a string, with CRLF. */
export function intuneMessage(text: string, path: string, ids: RequestIds): string {
  const message =
    `${text} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000` +
    ` - Activity ID: ${ids.requestId} - Url: https://fef.sandbox.manage.microsoft.com/StatelessFEService/${path}`;
  const detail = {
    _version: 3,
    Message: message,
    CustomApiErrorPhrase: "",
    RetryAfter: null,
    ErrorSourceService: "",
    HttpHeaders: "{}",
  };
  return JSON.stringify(detail, null, 2).replaceAll("\n", "\r\n");
}

/** 401 from Intune that means 403: the refusal is inside the message, one JSON string in another. */
export function forbiddenInside(path: string, ids: RequestIds): GraphError {
  const message = JSON.stringify({
    ErrorCode: "Forbidden",
    Message: intuneMessage("An error has occurred", path, ids),
    Target: null,
    Details: null,
    InnerError: null,
    InstanceAnnotations: [],
  });
  return new GraphError(401, "UnknownError", message);
}
