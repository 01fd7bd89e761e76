import { z } from "zod";

/** A session as its person sees it. */
export const sessionView = z.strictObject({
  id: z.int(),
  /** The browser in words; null when it did not say. */
  device: z.string().nullable(),
  /** The client's IP address when it was seen last; null when it is not known. */
  address: z.string().nullable(),
  created_at: z.iso.datetime(),
  /** To the minute. */
  last_seen_at: z.iso.datetime(),
  /** The one that asks. */
  is_current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;
