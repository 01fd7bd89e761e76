import { isPackedWorkerCurrent, packedWorker, workerFile } from "./packed-worker.ts";

/**
 * How a worker keeps its memory: a capture makes much that is short-lived, and left to itself V8 lets hundreds of
 * megabytes of it lie on a machine that has them. The old space has room for several times what four captures of the
 * largest tenants hold at once. Measured by `npm run bench -- capture`.
 */
export const workerMemory = ["--max-semi-space-size=4", "--max-old-space-size=512"] as const;

/**
 * What the worker's environment has, unless it says otherwise: glibc keeps what its threads gave back in as many places, each of
 * which holds on to some of it. Read before a process begins; other C libraries do not look at it.
 */
export const workerEnvironment = { MALLOC_ARENA_MAX: "2" } as const;

/** What Node runs for a worker: what was packed of it if that is of the sources that are here, else the sources. */
export async function workerCommand(): Promise<[string, ...string[]]> {
  return [...workerMemory, (await isPackedWorkerCurrent()) ? packedWorker : workerFile];
}
