import type { HeaderMap } from "./errors.ts";

const codeHeader = "x-msft-approval-code";
/** Microsoft's page on it has these words, and so have the answers that people show. */
const wanted =
  /\bapproval ?required\b|\brequires multi[ -]?admin approval\b|\bmulti[ -]?admin approval is required\b|x-msft-approval-/i;
const codeInText = /x-msft-approval-code[\\"']*:\s*[\\"']*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i;
/** What Graph quotes of a policy's own words; its headers it quotes as well. */
const quoted = /(?<=\s)(?:'(?!x-msft-)[^']{1,256}'|“[^”]{1,256}”)/gi;

/**
 * What a refusal says of Intune's Multi Admin Approval. It comes with 412, with 400 or with 403: Microsoft's page has said one
 * and the other, and 403 also means that a permission is missing, so that only the words tell them apart.
 * @param body the parsed answer
 * @returns the code under which the write waits, null where it is told none; undefined: it is no refusal for want of approval
 */
export function approvalWantedBy(
  status: number,
  headers: HeaderMap,
  body: unknown,
): string | null | undefined {
  const named = headers[codeHeader];
  if (status === 412) return named || undefined;
  if (status !== 400 && status !== 403) return undefined;
  const said = JSON.stringify(body) ?? "";
  if (!wanted.test(said.replaceAll(quoted, ""))) return undefined;
  return named || (codeInText.exec(said)?.[1] ?? null);
}
