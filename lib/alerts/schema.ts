import type { z } from "zod";
import type { incidentView, ruleView, targetView } from "./views.ts";

/** Something that is wrong, as lists show it. */
export type IncidentView = z.infer<typeof incidentView>;
/** Where alerts go, without addresses and secrets. */
export type TargetView = z.infer<typeof targetView>;
/** Which events go to a target, and when. */
export type RuleView = z.infer<typeof ruleView>;
