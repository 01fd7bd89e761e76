/** One entry of the audit log, as an operation notes it. Details never hold secrets. */
export interface AuditEntryInput {
  /** `schedule.created`: subject and past participle. */
  action: string;
  target?: { kind: string; id: number };
  details?: Record<string, unknown>;
}
