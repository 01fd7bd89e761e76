/**
 * What Node runs for a worker, with how it keeps its memory: a capture makes much that is short-lived, and left to
 * itself V8 lets hundreds of megabytes of it lie on a machine that has them. The old space has room for several
 * times what four captures of the largest tenants hold at once. Measured by `npm run bench -- capture`.
 */
export const workerCommand: [string, ...string[]] = [
  "--max-semi-space-size=8",
  "--max-old-space-size=512",
  "worker/index.ts",
];
