import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

/** An S3 server of its own, and the variables by which AWS's client finds it set in this process, until `stop`. */
export interface S3Server {
  /** The folder in which it keeps the objects of its bucket `vault`. */
  folder: string;
  stop(): Promise<void>;
}

export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), "tenantpilot-s3-"));
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: folder,
    configureBuckets: [{ name: "vault" }],
  });
  const { port }: AddressInfo = await server.run();
  const variables = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "S3RVER",
    AWS_SECRET_ACCESS_KEY: "S3RVER",
  };
  Object.assign(process.env, variables);
  return {
    folder,
    async stop() {
      for (const name of Object.keys(variables)) delete process.env[name];
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
