import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type S3Server, startS3Server } from "../testing/s3-server.ts";
import { copiesInBucket } from "./copies-in-bucket.ts";
import { PlaceFault } from "./place-fault.ts";

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server.stop());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const small = randomBytes(1_000);
/** Three parts. */
const large = randomBytes(17 * 1024 * 1024);

async function* pieces(bytes: Uint8Array, failAt = Number.POSITIVE_INFINITY) {
  for (let at = 0; at < bytes.length; at += 100_000) {
    if (at >= failAt) throw new Error("cut off");
    yield bytes.subarray(at, at + 100_000);
  }
}

/** Does something while copies go to another server. */
async function withServer(other: Server, work: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const before = process.env.AWS_ENDPOINT_URL_S3;
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    await work();
  } finally {
    process.env.AWS_ENDPOINT_URL_S3 = before;
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  }
}

test("copies of every size are whole, noted for the next time, and found out when they changed", async () => {
  const bucket = await copiesInBucket("s3://vault/of/us/");
  const copies = await bucket.tenant(7);
  expect(copies.sums.size).toBe(0);
  await copies.write("set-1-0123456789ab.zip", pieces(small));
  await copies.write("set-2-0123456789ab.zip", pieces(large));
  await copies.close();
  expect(copies.pathOf("set-2-0123456789ab.zip")).toBe("s3://vault/of/us/tenant-7/set-2-0123456789ab.zip");

  const again = await bucket.tenant(7);
  expect([...again.sums]).toEqual([
    ["set-1-0123456789ab.zip", sha256(small)],
    ["set-2-0123456789ab.zip", sha256(large)],
  ]);
  expect(await again.hashOf("set-1-0123456789ab.zip")).toBe(sha256(small));
  expect(await again.hashOf("set-2-0123456789ab.zip")).toBe(sha256(large));
  expect(await again.hashOf("set-3-0123456789ab.zip")).toBeNull();
  await again.write("set-1-0123456789ab.zip", pieces(small.subarray(1)));
  expect(await again.hashOf("set-1-0123456789ab.zip")).not.toBe(sha256(small));
  expect((await bucket.tenant(8)).sums.size).toBe(0);
});

test("what is cut off leaves nothing, and is written whole the next time", async () => {
  const copies = await (await copiesInBucket("s3://vault")).tenant(9);
  await expect(copies.write("set-1-0123456789ab.zip", pieces(large, 12_000_000))).rejects.toThrow("cut off");
  await copies.close();
  expect(await copies.hashOf("set-1-0123456789ab.zip")).toBeNull();
  const left = await readdir(server.folder, { recursive: true });
  expect(left.filter((path) => path.includes("tenant-9") || /uploads\/.+/.test(path))).toEqual([]);
  const next = await (await copiesInBucket("s3://vault")).tenant(9);
  expect(next.sums.size).toBe(0);
  await next.write("set-1-0123456789ab.zip", pieces(large));
  expect(await next.hashOf("set-1-0123456789ab.zip")).toBe(sha256(large));
});

test("an address that is none, and a bucket that is not there, are told", async () => {
  await expect(copiesInBucket("s3://")).rejects.toThrow("is no address of a bucket");
  await expect(copiesInBucket("s3://Vault")).rejects.toThrow("is no address of a bucket");
  const missing = await copiesInBucket("s3://missing");
  await expect(missing.tenant(1)).rejects.toThrow(/bucket/i);
});

test("what went wrong with one object is told from a bucket that is not there", async () => {
  const trouble = new Error("We encountered an internal error.");
  for (const address of ["s3://vault", "s3://vault/of/us"])
    expect(await (await copiesInBucket(address)).faultAfter(trouble)).toBeNull();
  const missing = await copiesInBucket("s3://missing/of/us");
  const said = await missing.tenant(1).catch((error: unknown) => error);
  const fault = await missing.faultAfter(said);
  expect(fault).toBeInstanceOf(PlaceFault);
  expect(fault?.message).toMatch(/^s3:\/\/missing\/of\/us cannot be used: .*bucket/i);
});

test("a bucket that the key may not write is told by the first copy, of whichever size", async () => {
  const refusing = createServer((request, response) => {
    const code = request.method === "GET" ? "NoSuchKey" : "AccessDenied";
    request.resume().on("end", () => {
      response.writeHead(code === "NoSuchKey" ? 404 : 403, { "Content-Type": "application/xml" });
      response.end(`<Error><Code>${code}</Code><Message>It says ${code}</Message></Error>`);
    });
  });
  await withServer(refusing, async () => {
    const copies = await (await copiesInBucket("s3://vault/of/us")).tenant(7);
    for (const bytes of [small, large]) {
      const written = copies.write("set-1-0123456789ab.zip", pieces(bytes));
      await expect(written).rejects.toThrow(
        "s3://vault/of/us may not be written with this key: It says AccessDenied",
      );
    }
  });
});

test("a server that takes what it is asked and never answers is waited for a while, and told as that", async () => {
  const silent = createServer(() => {});
  await withServer(silent, async () => {
    const patience = { connectionTimeout: 1_000, socketTimeout: 100 };
    const bucket = await copiesInBucket("s3://vault/of/us", patience);
    const said = await bucket.tenant(7).catch((error: unknown) => error);
    const fault = await bucket.faultAfter(said);
    expect(fault?.message).toBe("s3://vault/of/us cannot be used: it does not answer");
  });
});
