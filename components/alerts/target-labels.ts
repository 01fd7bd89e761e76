/** What pages call the kinds of targets. */
export const targetLabels = {
  email: "Mail",
  webhook: "Webhook",
  teams: "Microsoft Teams",
  slack: "Slack",
  heartbeat: "Heartbeat",
} as const;
