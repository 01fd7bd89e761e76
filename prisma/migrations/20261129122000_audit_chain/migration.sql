-- The audit log shows tampering. Each entry has a place in the chain of its tenant: a sequence number, and a hash over
-- the entry and the hash before it. Whoever changes, removes, inserts or moves an entry breaks the chain from there on, and
-- whoever computes it anew comes to another head than the ones noted elsewhere (`npm run audit:verify`).

-- 1. The log -------------------------------------------------------------------------------------------------------
-- Entries without a tenant are the platform's own.
ALTER TABLE "audit_log" ALTER COLUMN "tenant_id" DROP NOT NULL;
-- From where, and by which request. Every statement that writes an entry gets them from its transaction.
ALTER TABLE "audit_log"
  ADD COLUMN "address" TEXT DEFAULT NULLIF(current_setting('app.client_address'::text, true), ''::text),
  ADD COLUMN "request_id" TEXT DEFAULT NULLIF(current_setting('app.request_id'::text, true), ''::text);

-- 2. The chains ----------------------------------------------------------------------------------------------------
-- A chain is a tenant's, by its id; 0 is the platform's. No foreign key leads away from here: what is no longer there to
-- be referred to is for the verification to find.
CREATE TABLE "audit_chains" (
    "chain" INTEGER NOT NULL,
    "head_sequence" BIGINT NOT NULL DEFAULT 0,
    "head_hash" BYTEA NOT NULL,
    "cut_sequence" BIGINT NOT NULL DEFAULT 0,
    "cut_hash" BYTEA NOT NULL,
    "anchored_sequence" BIGINT NOT NULL DEFAULT 0,
    "anchored_at" TIMESTAMPTZ(3),

    CONSTRAINT "audit_chains_pkey" PRIMARY KEY ("chain")
);

-- An entry's place. Beside the log, not in it: places are given at the commit, and an entry is never updated.
CREATE TABLE "audit_chain" (
    "chain" INTEGER NOT NULL,
    "sequence" BIGINT NOT NULL,
    "entry_id" BIGINT NOT NULL,
    "previous_hash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_chain_pkey" PRIMARY KEY ("chain","sequence")
);
CREATE UNIQUE INDEX "audit_chain_entry_id_key" ON "audit_chain"("entry_id");

ALTER TABLE audit_chains
  ADD CONSTRAINT hashes_are_whole CHECK (octet_length(head_hash) = 32 AND octet_length(cut_hash) = 32),
  ADD CONSTRAINT cut_before_head CHECK (cut_sequence BETWEEN 0 AND head_sequence);
ALTER TABLE audit_chain
  ADD CONSTRAINT hashes_are_whole CHECK (octet_length(previous_hash) = 32 AND octet_length(hash) = 32);

-- 3. Roles ---------------------------------------------------------------------------------------------------------
--   tenantpilot_chain     extends and cuts chains. No process takes it: the functions below act as it.
--   tenantpilot_auditor   reads the logs and chains of all tenants, to verify them
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['tenantpilot_chain', 'tenantpilot_auditor'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT', role_name);
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE', role_name);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
  END LOOP;
  -- Else the migration "login_roles" does, which comes later.
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tenantpilot_web') THEN
    GRANT tenantpilot_auditor TO tenantpilot_web WITH INHERIT FALSE, SET TRUE;
  END IF;
END $$;

GRANT SELECT, INSERT, DELETE ON audit_log, audit_chain TO tenantpilot_chain;
GRANT SELECT, INSERT, UPDATE ON audit_chains TO tenantpilot_chain;
GRANT USAGE ON SEQUENCE audit_log_id_seq TO tenantpilot_chain;
GRANT SELECT ON audit_log, audit_chain, audit_chains TO tenantpilot_auditor;
-- The worker says the heads in its log, and notes that it did.
GRANT SELECT, UPDATE (anchored_sequence, anchored_at) ON audit_chains TO tenantpilot_dispatcher;
GRANT SELECT ON audit_chain, audit_chains TO tenantpilot_app;

ALTER TABLE audit_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_chain FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_chains ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_chains FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_chain FOR SELECT TO tenantpilot_app USING (chain = app_tenant_id());
CREATE POLICY tenant ON audit_chains FOR SELECT TO tenantpilot_app USING (chain = app_tenant_id());
CREATE POLICY chain ON audit_log TO tenantpilot_chain USING (true) WITH CHECK (true);
CREATE POLICY chain ON audit_chain TO tenantpilot_chain USING (true) WITH CHECK (true);
CREATE POLICY chain ON audit_chains TO tenantpilot_chain USING (true) WITH CHECK (true);
CREATE POLICY audit ON audit_log FOR SELECT TO tenantpilot_auditor USING (true);
CREATE POLICY audit ON audit_chain FOR SELECT TO tenantpilot_auditor USING (true);
CREATE POLICY audit ON audit_chains FOR SELECT TO tenantpilot_auditor USING (true);
CREATE POLICY dispatch ON audit_chains TO tenantpilot_dispatcher USING (true) WITH CHECK (true);

-- 4. Hashes --------------------------------------------------------------------------------------------------------
-- Everything in an entry, in one way of writing. lib/audit/verify.ts writes it again, out of what the rows say: whoever
-- can replace a function here fools no verification.
CREATE FUNCTION audit_canonical(entry audit_log, sequence bigint) RETURNS text LANGUAGE sql STABLE
  RETURN json_build_array('tenantpilot audit entry 1', coalesce(entry.tenant_id, 0), sequence, entry.id,
    extract(epoch FROM entry.at)::text, entry.actor_kind, entry.actor_id, entry.actor_name, entry.action,
    entry.target_kind, entry.target_id, entry.details::text, entry.address, entry.request_id)::text;

CREATE FUNCTION audit_chain_step(state bytea, head bytea, canonical text) RETURNS bytea LANGUAGE sql IMMUTABLE
  RETURN sha256(coalesce(state, head) || convert_to(canonical, 'UTF8'));

-- What the first entry of a chain stands on.
CREATE FUNCTION audit_chain_origin() RETURNS bytea LANGUAGE sql IMMUTABLE RETURN decode(repeat('00', 32), 'hex');

-- As a window function: the hash of each entry, one after another, beginning behind `head`.
CREATE AGGREGATE audit_chain_hash(head bytea, canonical text) (SFUNC = audit_chain_step, STYPE = bytea);

-- 5. New entries ---------------------------------------------------------------------------------------------------
-- In the database, since entries are written by statements of many kinds, some for many tenants at once, and by whoever
-- holds a login: none of them can leave an entry out, or choose its place. And at the commit (a deferred trigger), since a
-- tenant's transactions take their places one after another: the head of the chain is locked only while the transaction
-- commits, when it has every other lock that it needs, and heads are locked in the order of their tenants. So no two wait
-- for each other, and dispatch, which writes for many tenants early in its transaction, holds nobody up.
CREATE FUNCTION chain_new_audit_entries(first_id bigint) RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp
  -- The entries of one transaction lie close together at the end of the log: never look through all of it.
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  ids bigint[];
  chains integer[];
BEGIN
  -- Others' entries are invisible, or have their places: what has none is this transaction's.
  SELECT array_agg(e.id), array_agg(DISTINCT coalesce(e.tenant_id, 0)) INTO ids, chains
  FROM audit_log e
  WHERE e.id >= first_id AND NOT EXISTS (SELECT FROM audit_chain l WHERE l.entry_id = e.id);

  INSERT INTO audit_chains (chain, head_hash, cut_hash)
  SELECT chain, audit_chain_origin(), audit_chain_origin() FROM unnest(chains) AS wanted(chain)
  WHERE NOT EXISTS (SELECT FROM audit_chains known WHERE known.chain = wanted.chain)
  ORDER BY chain ON CONFLICT DO NOTHING;
  PERFORM FROM audit_chains WHERE chain = ANY (chains) ORDER BY chain FOR UPDATE;

  WITH placed AS (
    SELECT h.chain, h.head_hash, e.id,
           h.head_sequence + row_number() OVER (PARTITION BY h.chain ORDER BY e.id) AS sequence, e AS entry
    FROM unnest(ids) AS added(id)
    JOIN audit_log e ON e.id = added.id
    JOIN audit_chains h ON h.chain = coalesce(e.tenant_id, 0)
  ), hashed AS (
    SELECT chain, sequence, id, head_hash,
           audit_chain_hash(head_hash, audit_canonical(entry, sequence)) OVER (PARTITION BY chain ORDER BY id) AS hash
    FROM placed
  ), linked AS (
    INSERT INTO audit_chain (chain, sequence, entry_id, previous_hash, hash)
    SELECT chain, sequence, id, lag(hash, 1, head_hash) OVER (PARTITION BY chain ORDER BY id), hash FROM hashed
    RETURNING chain, sequence, hash
  )
  UPDATE audit_chains h SET head_sequence = last.sequence, head_hash = last.hash
  FROM (SELECT DISTINCT ON (chain) chain, sequence, hash FROM linked ORDER BY chain, sequence DESC) last
  WHERE h.chain = last.chain;
END $$;

CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- The first entry of a transaction takes the others along.
  IF NOT EXISTS (SELECT FROM audit_chain WHERE entry_id = NEW.id) THEN
    PERFORM chain_new_audit_entries(NEW.id);
  END IF;
  RETURN NULL;
END $$;

-- 6. Retention -----------------------------------------------------------------------------------------------------
-- Removes the beginning of the log of the tenant that the transaction is bound to, or without one of the platform's: the
-- entries before an instant, up to the first that is not, and `most` of them at once. What stays behind is the place and
-- hash of the last one removed, on which the rest of the chain stands, and an entry that says so.
-- Returns how many were removed; it may be called again.
CREATE FUNCTION cut_audit_log(before timestamptz, most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  -- As long as anything else asks the log: who moved a set to the bin, for instance.
  kept_at_least CONSTANT interval := interval '30 days';
  this audit_chains;
  through bigint;
  through_hash bytea;
  computed_hash bytea;
  says_something boolean;
  removed integer;
BEGIN
  IF before > now() - kept_at_least THEN
    RAISE EXCEPTION 'the audit log is kept for % at least', kept_at_least USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT * INTO this FROM audit_chains WHERE chain = coalesce(app_tenant_id(), 0) FOR UPDATE;
  IF NOT FOUND THEN RETURN 0; END IF;

  SELECT coalesce(min(sequence) FILTER (WHERE at IS NULL OR at >= before) - 1, max(sequence)) INTO through
  FROM (SELECT l.sequence, e.at FROM audit_chain l LEFT JOIN audit_log e ON e.id = l.entry_id
        WHERE l.chain = this.chain AND l.sequence > this.cut_sequence AND l.sequence < this.head_sequence
        ORDER BY l.sequence LIMIT most) oldest;
  IF through IS NULL OR through <= this.cut_sequence THEN RETURN 0; END IF;

  -- What was tampered with stays to be seen. And the entries of earlier cuts alone are no reason for another one.
  SELECT max(hash) FILTER (WHERE sequence = through), audit_chain_hash(this.cut_hash, canonical ORDER BY sequence),
         bool_or(action <> 'audit.cut')
  INTO through_hash, computed_hash, says_something
  FROM (SELECT l.sequence, l.hash, e.action, audit_canonical(e, l.sequence) AS canonical
        FROM audit_chain l JOIN audit_log e ON e.id = l.entry_id
        WHERE l.chain = this.chain AND l.sequence > this.cut_sequence AND l.sequence <= through) part;
  IF through_hash IS DISTINCT FROM computed_hash THEN
    RAISE EXCEPTION 'the audit log of chain % was tampered with before entry %: nothing is removed', this.chain, through
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT says_something THEN RETURN 0; END IF;

  DELETE FROM audit_log WHERE id IN (
    SELECT entry_id FROM audit_chain WHERE chain = this.chain AND sequence <= through);
  GET DIAGNOSTICS removed = ROW_COUNT;
  DELETE FROM audit_chain WHERE chain = this.chain AND sequence <= through;
  UPDATE audit_chains SET cut_sequence = through, cut_hash = through_hash WHERE chain = this.chain;
  INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, details)
  VALUES (nullif(this.chain, 0), 'system', 'retention', 'audit.cut',
          jsonb_build_object('through_sequence', through, 'through_hash', encode(through_hash, 'hex'),
                             'before', before, 'removed', removed));
  RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND (
       TG_TABLE_NAME IN ('audit_log', 'audit_chain') AND current_user = 'tenantpilot_chain'
       OR TG_TABLE_NAME NOT IN ('audit_log', 'audit_chain', 'audit_chains') AND current_user = 'tenantpilot_retention') THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is kept: % refused outside retention', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER kept BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept BEFORE DELETE ON audit_chains FOR EACH ROW EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_chains FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal();

-- 7. What is in the log already ------------------------------------------------------------------------------------
-- Row-level security hides the rows from the owner too, so it is off meanwhile.
ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_chain NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_chains NO FORCE ROW LEVEL SECURITY;
WITH placed AS (
  SELECT e.tenant_id AS chain, e.id, row_number() OVER (PARTITION BY e.tenant_id ORDER BY e.id) AS sequence, e AS entry
  FROM audit_log e
), hashed AS (
  SELECT chain, sequence, id,
         audit_chain_hash(audit_chain_origin(), audit_canonical(entry, sequence)) OVER (PARTITION BY chain ORDER BY id) AS hash
  FROM placed
)
INSERT INTO audit_chain (chain, sequence, entry_id, previous_hash, hash)
SELECT chain, sequence, id, lag(hash, 1, audit_chain_origin()) OVER (PARTITION BY chain ORDER BY id), hash
FROM hashed;
INSERT INTO audit_chains (chain, head_sequence, head_hash, cut_hash)
SELECT DISTINCT ON (chain) chain, sequence, hash, audit_chain_origin() FROM audit_chain ORDER BY chain, sequence DESC;
ALTER TABLE audit_chains FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_chain FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;

CREATE CONSTRAINT TRIGGER chained AFTER INSERT ON audit_log DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();

-- 8. Nobody but the functions acts as the role of the chains ---------------------------------------------------------
REVOKE EXECUTE ON FUNCTION cut_audit_log(timestamptz, integer), chain_new_audit_entries(bigint), chain_audit_entry()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cut_audit_log(timestamptz, integer) TO tenantpilot_retention;
DO $$
BEGIN
  -- To own a function one must be allowed to make one.
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO tenantpilot_chain', current_schema());
  ALTER FUNCTION chain_audit_entry() OWNER TO tenantpilot_chain;
  ALTER FUNCTION chain_new_audit_entries(bigint) OWNER TO tenantpilot_chain;
  ALTER FUNCTION cut_audit_log(timestamptz, integer) OWNER TO tenantpilot_chain;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM tenantpilot_chain', current_schema());
END $$;
REVOKE tenantpilot_chain FROM CURRENT_USER;
