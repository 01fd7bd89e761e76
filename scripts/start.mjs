import { runInstalled } from "./bootstrap.mjs";

await runInstalled("scripts/start.ts");
