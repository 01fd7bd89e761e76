import { randomUUID } from "node:crypto";
import { GraphError } from "../http-error.ts";

interface Pending {
  request: string;
  approved: boolean;
}

/**
 * Multi Admin Approval of one tenant: writes to Intune wait for a second administrator. Source: learn.microsoft.com,
 * intune/fundamentals/role-based-access-control/multi-admin-approval-graph-api. One version of it says that both refusals are
 * a 403, the second with the code `ApprovalRequired`; another that the first is a 400, as Micke-K/IntuneManagement#426 and
 * Microsoft365DSC#7236 show it. A test says which of them a tenant gives.
 */
export class Approvals {
  #required = false;
  #forbids = false;
  readonly #pending = new Map<string, Pending>();

  /** @param forbids answers 403 where it otherwise answers 400 or 412 */
  require(required: boolean, forbids = false): void {
    this.#required = required;
    this.#forbids = forbids;
  }

  /** The codes that nobody approved yet. */
  get waiting(): string[] {
    return [...this.#pending].flatMap(([code, { approved }]) => (approved ? [] : [code]));
  }

  /** @throws Error when nothing waits under the code */
  approve(code: string): void {
    const pending = this.#pending.get(code);
    if (!pending) throw new Error(`Nothing waits for approval under ${code}.`);
    pending.approved = true;
  }

  /**
   * Lets a write pass, or says that it must wait.
   * @param request method, address and body, byte for byte
   * @throws GraphError 400 without a justification, or with a code for other bytes; 412 until it is approved; or 403 for
   *   the first and the last
   */
  judge(request: string, headers: Readonly<Record<string, string | undefined>>): void {
    if (!this.#required) return;
    const justification = headers["x-msft-approval-justification"];
    const code = headers["x-msft-approval-code"];
    if (!justification && !code)
      throw new GraphError(
        this.#forbids ? 403 : 400,
        this.#forbids ? "ApprovalRequired" : "BadRequest",
        "Header 'x-msft-approval-justification' is required to request approval",
      );
    if (!code) {
      if (Buffer.from(justification ?? "", "base64").length > 1024)
        throw new GraphError(400, "BadRequest", "The justification is longer than 1024 characters.");
      const made = randomUUID();
      this.#pending.set(made, { request, approved: false });
      throw this.#waits(made);
    }
    const pending = this.#pending.get(code);
    if (pending?.request !== request)
      throw new GraphError(400, "BadRequest", "The approval code belongs to another request.");
    if (!pending.approved) throw this.#waits(code);
    this.#pending.delete(code);
  }

  reset(): void {
    this.#required = false;
    this.#forbids = false;
    this.#pending.clear();
  }

  #waits(code: string): GraphError {
    const headers = { "x-msft-approval-code": code };
    if (!this.#forbids)
      return new GraphError(
        412,
        "PreconditionFailed",
        "The request waits for the approval of an administrator.",
        headers,
      );
    const text =
      "Approval Required. Request Approval using the request ID returned as part of the x-msft-approval-code response header.";
    return new GraphError(403, "ApprovalRequired", `${text} x-msft-approval-code: ${code}`, headers);
  }
}
