import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { trustedCertificate } from "./trusted-certificate.ts";

/** Somebody else's service, to which alerts are sent. */
export interface Receiver {
  url: string;
  /** The TLS of `localhost`, for other servers of the test. */
  tls: { key: string; cert: string };
  /** What it got, in its order. */
  got: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[];
  /** What it answers from now on. */
  answers(status: number, headers?: Record<string, string>, body?: string): void;
  stop(): Promise<void>;
}

/** Starts a receiver on this machine, with a certificate that this process trusts. */
export async function startReceiver(): Promise<Receiver> {
  const tls = await trustedCertificate();
  const got: Receiver["got"] = [];
  let answer = { status: 200, headers: {} as Record<string, string>, body: "taken" };
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    got.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    tls,
    got,
    answers(status, headers = {}, body = "taken") {
      answer = { status, headers, body };
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
