import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface StartOptions {
  /** TCP port of web; 0: any free one. */
  port: number;
  /** The address that web listens on. */
  host: string;
  /** Absolute path. */
  dataDir: string;
  /** Sandbox and demo data although DATABASE_URL names the database. */
  demo: boolean;
}

export const usage = `Usage: npm start -- [options]

  --port PORT      where the pages and the API are (default 3000; 0: any free port)
  --host HOST      the address to listen on (default 127.0.0.1: this machine alone)
  --data-dir DIR   where database, secrets and demo.json are kept (default .data)
  --demo           with DATABASE_URL set: also the Graph sandbox and demo data
  --help           this text

Environment
  DATABASE_URL         a PostgreSQL of your own instead of the embedded one
  DATABASE_OWNER_URL   its owner, who migrates it, where DATABASE_URL is a login that owns nothing
  DATABASE_WORKER_URL  the worker's login, where it has one of its own
  GRAPH_SANDBOX_DATA   a folder of Graph objects (*.json) that the sandbox serves
`;

/**
 * Reads the options of `npm start`.
 * @throws Error that names the wrong option
 */
export function parseStartOptions(args: string[]): StartOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: process.env.PORT || "3000" },
      host: { type: "string", default: process.env.HOST || "127.0.0.1" },
      "data-dir": { type: "string", default: ".data" },
      demo: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port wants a number up to 65535, not "${values.port}".`);
  return { port, host: values.host, dataDir: resolve(values["data-dir"]), demo: values.demo };
}
