/** Whether one part works, and if not, why and what to do. */
export interface Check {
  ok: boolean;
  message: string;
}
