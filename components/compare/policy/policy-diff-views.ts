/** How a policy's differences can be shown, the first one first. */
export const policyDiffViews = ["words", "changes", "json"] as const;
export type PolicyDiffView = (typeof policyDiffViews)[number];
