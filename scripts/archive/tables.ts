/** A table that is backed up. */
interface BackedUpTable {
  name: string;
  /** The rows of one tenant, as a condition in which `$tenant` stands for its id. */
  ofTenant: string;
  /** Columns that a file of one tenant says differently, as expressions. */
  inOneTenant?: Readonly<Record<string, string>>;
}

const byTenant = "tenant_id = $tenant";
const ofMembers = "user_id IN (SELECT user_id FROM memberships WHERE tenant_id = $tenant)";

/**
 * Every table that a backup holds, each after what most people would look at first; a restore needs no order. With the list
 * below it is closed: a table that is in neither fails the test beside this file.
 */
export const backedUp: readonly BackedUpTable[] = [
  { name: "tenants", ofTenant: "id = $tenant" },
  {
    name: "users",
    ofTenant: "id IN (SELECT user_id FROM memberships WHERE tenant_id = $tenant)",
    // Who looks after this installation looks after no other one by that.
    inOneTenant: { is_platform_admin: "false" },
  },
  { name: "user_preferences", ofTenant: ofMembers },
  { name: "external_identities", ofTenant: ofMembers },
  { name: "second_factors", ofTenant: ofMembers },
  { name: "recovery_codes", ofTenant: ofMembers },
  { name: "memberships", ofTenant: byTenant },
  { name: "role_rules", ofTenant: byTenant },
  { name: "invitations", ofTenant: byTenant },
  { name: "api_tokens", ofTenant: byTenant },
  { name: "connections", ofTenant: byTenant },
  { name: "write_connections", ofTenant: byTenant },
  { name: "restore_settings", ofTenant: byTenant },
  { name: "reference_decisions", ofTenant: byTenant },
  { name: "restores", ofTenant: byTenant },
  { name: "restore_items", ofTenant: byTenant },
  { name: "baselines", ofTenant: byTenant },
  { name: "baseline_types", ofTenant: byTenant },
  { name: "baseline_items", ofTenant: byTenant },
  { name: "drifts", ofTenant: byTenant },
  { name: "backup_schedules", ofTenant: byTenant },
  { name: "backup_schedule_runs", ofTenant: byTenant },
  { name: "run_counts", ofTenant: byTenant },
  { name: "snapshots", ofTenant: byTenant },
  { name: "damaged_snapshots", ofTenant: byTenant },
  { name: "rereadings", ofTenant: byTenant },
  { name: "backup_sets", ofTenant: byTenant },
  { name: "item_ranges", ofTenant: byTenant },
  { name: "item_volatiles", ofTenant: byTenant },
  { name: "moved_volatiles", ofTenant: byTenant },
  { name: "policy_changes", ofTenant: byTenant },
  { name: "policy_change_looks", ofTenant: byTenant },
  // Those of people who are no members any more have nobody to read them.
  { name: "notifications", ofTenant: `${byTenant} AND ${ofMembers}` },
  { name: "alert_targets", ofTenant: byTenant },
  { name: "alert_rules", ofTenant: byTenant },
  { name: "incidents", ofTenant: byTenant },
  { name: "audit_log", ofTenant: byTenant },
  { name: "audit_chain", ofTenant: "chain = $tenant" },
  { name: "audit_chains", ofTenant: "chain = $tenant" },
  { name: "encryption_key_check", ofTenant: "true" },
];

/** Tables that a backup of an older schema holds: what is in them is converted when it is restored. */
export const backedUpBefore: readonly { name: string; schema: string }[] = [
  { name: "backup_items", schema: "20261129162000_item_ranges" },
];

/** Every table that a backup does not hold, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  sessions: "people sign in again; a session that was ended since would be open again",
  sign_in_attempts: "counts of the last hours, and networks of the last 90 days that people signed in from",
  security_windows: "counts of the last hours, on their way into the audit log",
  password_resets: "links that are good for a day; one that was used since would work once more",
  pending_sign_ins: "right passwords that wait some minutes for their code",
  setup_codes: "good for a day, and only while nobody has an account",
  alert_events: "what was told, or was about to be; a restored one would be told again",
  alert_deliveries: "as above",
  document_sayings: "worked out from snapshots, and worked out anew",
  idempotency_keys: "answers of the last day, and one may hold a token",
  staged_items: "what an attempt in progress has captured; its run ends without a worker",
  staged_seen: "what an attempt in progress has found unchanged; as above",
  setting_definitions: "Microsoft's, and asked for again",
  setting_categories: "as above",
  setting_templates: "as above",
  definition_looks: "how far they were asked for; at the new place it begins anew",
  content_segments: "the index over the contents of snapshots; the worker makes it again from those",
  content_looks: "how far it goes; at the new place it begins anew",
  installation: "what whoever migrates says, and says again at the new place",
  _prisma_migrations: "the file names the migrations, and a restore applies them",
};

/** Columns with what TENANTPILOT_ENCRYPTION_KEYS encrypts. They stay encrypted in a backup. */
export const encryptedColumns: readonly { table: string; column: string }[] = [
  { table: "connections", column: "credential_ciphertext" },
  { table: "second_factors", column: "secret_ciphertext" },
  { table: "write_connections", column: "credential_ciphertext" },
  { table: "restore_items", column: "approval_ciphertext" },
  { table: "restore_items", column: "secrets_ciphertext" },
  { table: "alert_targets", column: "secret_ciphertext" },
];
