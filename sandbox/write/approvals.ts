import { randomUUID } from "node:crypto";
import { GraphError } from "../http-error.ts";

interface Pending {
  request: string;
  approved: boolean;
}

/**
 * Multi Admin Approval of one tenant: writes to Intune wait for a second administrator. Source: learn.microsoft.com,
 * intune/fundamentals/multi-admin-approval-graph-api.
 */
export class Approvals {
  #required = false;
  readonly #pending = new Map<string, Pending>();

  require(required: boolean): void {
    this.#required = required;
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
   * @throws GraphError 400 without a justification, or with a code for other bytes; 412 until it is approved
   */
  judge(request: string, headers: Readonly<Record<string, string | undefined>>): void {
    if (!this.#required) return;
    const justification = headers["x-msft-approval-justification"];
    const code = headers["x-msft-approval-code"];
    if (!justification && !code)
      throw new GraphError(400, "BadRequest", "The header x-msft-approval-justification is required.");
    if (!code) {
      if (Buffer.from(justification ?? "", "base64").length > 1024)
        throw new GraphError(400, "BadRequest", "The justification is longer than 1024 characters.");
      const made = randomUUID();
      this.#pending.set(made, { request, approved: false });
      throw waits(made);
    }
    const pending = this.#pending.get(code);
    if (pending?.request !== request)
      throw new GraphError(400, "BadRequest", "The approval code belongs to another request.");
    if (!pending.approved) throw waits(code);
    this.#pending.delete(code);
  }

  reset(): void {
    this.#required = false;
    this.#pending.clear();
  }
}

function waits(code: string): GraphError {
  return new GraphError(
    412,
    "PreconditionFailed",
    "The request waits for the approval of an administrator.",
    {
      "x-msft-approval-code": code,
    },
  );
}
