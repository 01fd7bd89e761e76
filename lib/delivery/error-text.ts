import { RefusedAddress } from "./guarded-request.ts";

/** What went wrong on the way to a receiver, for who reads the log of deliveries: without addresses, which are secret. */
export function errorText(error: unknown): string {
  if (error instanceof RefusedAddress) return `Not sent: the address ${error.message}`;
  if (!(error instanceof Error)) return "Something went wrong.";
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  const said = error.message.replaceAll(/https?:\/\/\S+/g, "(address)").replaceAll("\u0000", "");
  return (code && !said.includes(code) ? `${said} (${code})` : said).slice(0, 1_000);
}
