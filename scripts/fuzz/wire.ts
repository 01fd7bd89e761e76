import { Agent, request } from "node:http";
import type { HostileRequest } from "#lib/testing/hostile-requests";

/** What came back. */
export interface Answer {
  /** 0 when nothing did. */
  status: number;
  location: string;
  /** The beginning of the body, or why there is none. */
  text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const patienceMs = 60_000;
const readMost = 400_000;

/** Sends a request as it is, with these headers beside its own. Never throws. */
export function send(
  url: URL,
  { method, target, headers, body, isChunked }: HostileRequest,
  more: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ status: 0, location: "", text: error.message });
    const announced = isChunked
      ? { "Transfer-Encoding": "chunked" }
      : { "Content-Length": String(body?.length) };
    const sent = request(
      {
        agent,
        host: url.hostname,
        port: url.port,
        method,
        path: target,
        headers: { ...headers, ...(body === null ? {} : announced), ...more },
        timeout: patienceMs,
      },
      (response) => {
        let text = "";
        const done = () =>
          resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "", text });
        // It goes on until somebody hangs up.
        if (response.headers["content-type"]?.startsWith("text/event-stream")) {
          done();
          sent.destroy();
          return;
        }
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          if (text.length < readMost) text += part;
        });
        response.once("end", done);
        response.once("error", fail);
      },
    );
    sent.once("timeout", () => sent.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    sent.once("error", fail);
    if (body !== null) sent.write(body);
    sent.end();
  });
}
