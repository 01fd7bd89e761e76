import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { type CopyTarget, parseSums, sumsFile, sumsText } from "./copy-target.ts";
import { PlaceFault, saidBy } from "./place-fault.ts";

/** Of what is sent in parts; S3 wants 5 MiB at least and takes 10,000 parts, so a copy has at most 80 GB. */
const partBytes = 8 * 1024 * 1024;
/** So many copies are noted at once: the list of all is sent whole. */
const notedTogether = 25;

/** What servers answer to a write that the bucket does not take, whatever the object: by the error's name (AWS, MinIO, Ceph). */
const saidOfBuckets: Readonly<Record<string, string>> = {
  AccessDenied: "may not be written with this key",
  QuotaExceeded: "is full",
  XMinioAdminBucketQuotaExceeded: "is full",
  XMinioStorageFull: "is full",
};

/** In milliseconds; of either it is waited three times. */
interface Patience {
  /** For a connection. */
  connectionTimeout: number;
  /** While nothing comes and nothing goes. */
  socketTimeout: number;
}

/** By itself the client waits for ever: whoever runs a copy each night would have one more each night that waits. */
const usualPatience: Patience = { connectionTimeout: 10_000, socketTimeout: 120_000 };

type Sdk = typeof import("@aws-sdk/client-s3");

/**
 * Copies in a bucket of S3, or of what speaks its protocol: under a prefix, and there a folder a tenant. An object is there when it is
 * whole, and each part is held against its MD5 by the server. Where and as whom, AWS's own variables and files say
 * (AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE and so on).
 * @param address `s3://bucket/prefix`
 * @param patience how long it is waited for the server
 * @throws Error when that is no such address
 */
export async function copiesInBucket(address: string, patience = usualPatience): Promise<CopyTarget> {
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(address) ?? [];
  if (!bucket) throw new Error(`${address} is no address of a bucket, such as s3://bucket/prefix.`);
  // Nobody else waits for it to load.
  const sdk = await import("@aws-sdk/client-s3");
  const client = clientOf(sdk, patience);
  const writing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const said = error instanceof Error ? saidOfBuckets[error.name] : undefined;
      throw said === undefined ? error : new PlaceFault(`${address} ${said}: ${saidBy(error)}`);
    }
  };
  return {
    async tenant(id) {
      const keyOf = (name: string) => [prefix, `tenant-${id}`, name].filter((part) => part !== "").join("/");
      const place = (name: string) => ({ Bucket: bucket, Key: keyOf(name) });
      const put = async (name: string, body: Uint8Array) => {
        await writing(
          client.send(new sdk.PutObjectCommand({ ...place(name), Body: body, ContentMD5: md5(body) })),
        );
      };
      const read = async (name: string) => {
        try {
          const { Body } = await client.send(new sdk.GetObjectCommand(place(name)));
          return (Body ?? null) as AsyncIterable<Uint8Array> | null;
        } catch (error) {
          if (error instanceof sdk.NoSuchKey) return null;
          throw error;
        }
      };
      const sums = parseSums(await textOf(await read(sumsFile)));
      let unnoted = 0;
      const note = async () => {
        if (unnoted > 0) await put(sumsFile, Buffer.from(sumsText(sums)));
        unnoted = 0;
      };
      return {
        sums,
        pathOf: (name) => `s3://${bucket}/${keyOf(name)}`,
        async write(name, content) {
          const hash = createHash("sha256");
          const parts = inParts(content, hash);
          const { value: first = Buffer.alloc(0) } = await parts.next();
          const { value: second } = await parts.next();
          if (second === undefined) await put(name, first);
          else await writing(sendInParts(sdk, client, place(name), [first, second], parts));
          sums.set(name, hash.digest("hex"));
          unnoted += 1;
          if (unnoted >= notedTogether) await note();
        },
        async hashOf(name) {
          const content = await read(name);
          if (!content) return null;
          const hash = createHash("sha256");
          for await (const piece of content) hash.update(piece);
          return hash.digest("hex");
        },
        close: note,
      };
    },
    async faultAfter(error) {
      // A list writes nothing, which in a bucket might be there for good.
      const Prefix = prefix === "" ? "" : `${prefix}/`;
      return client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix })).then(
        () => null,
        () => new PlaceFault(`${address} cannot be used: ${saidOfServer(error)}`),
      );
    },
  };
}

function clientOf(sdk: Sdk, patience: Patience): S3Client {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const ofSomebodyElse = Boolean(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL);
  return new sdk.S3Client({
    requestHandler: { ...patience },
    // Names of buckets below the host's are AWS's own; others' servers mostly have one name.
    forcePathStyle: ofSomebodyElse,
    ...(ofSomebodyElse && !AWS_REGION && !AWS_DEFAULT_REGION ? { region: "us-east-1" } : {}),
    // Checksums that servers of others do not know; ours is one that all do.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

/** What an error says. The client has a long word for patience that came to its end; what broke has the same name, and a code. */
function saidOfServer(error: unknown): string {
  const isSilence = error instanceof Error && error.name === "TimeoutError" && !("code" in error);
  return isSilence ? "it does not answer" : saidBy(error);
}

/** An upload that fails leaves no parts behind. */
async function sendInParts(
  sdk: Sdk,
  client: S3Client,
  place: { Bucket: string; Key: string },
  read: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(place));
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  const send = async (body: Uint8Array) => {
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(
      new sdk.UploadPartCommand({ ...place, UploadId, PartNumber, Body: body, ContentMD5: md5(body) }),
    );
    parts.push({ PartNumber, ETag });
  };
  try {
    for (const body of read) await send(body);
    for await (const body of rest) await send(body);
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: parts } }),
    );
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand({ ...place, UploadId })).catch(() => {});
    throw error;
  }
}

async function* inParts(
  content: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    hash.update(piece);
    waiting.push(piece);
    bytes += piece.byteLength;
    if (bytes < partBytes) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

async function textOf(content: AsyncIterable<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
