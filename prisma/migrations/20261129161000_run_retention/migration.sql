-- The run history does not grow for ever: retention removes old runs that no backup set came of.
GRANT DELETE ON backup_schedule_runs TO tenantpilot_retention;

-- What refers to a run as what it repeats: without it every removed run costs a look at all of the others.
CREATE INDEX repeated_runs ON backup_schedule_runs (tenant_id, retry_of_run_id) WHERE retry_of_run_id IS NOT NULL;

-- Whatever its statement says, retention removes no run that is going on, is younger than 30 days, or made a set that is
-- there. Foreign keys hold the set, what is staged and what repeats it.
CREATE FUNCTION refuse_run_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.finished_at IS NULL OR OLD.finished_at > now() - interval '30 days' OR OLD.backup_set_id IS NOT NULL THEN
    RAISE EXCEPTION 'run % is kept: it is active, young, or has its set', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER kept BEFORE DELETE ON backup_schedule_runs FOR EACH ROW
  WHEN (current_user = 'tenantpilot_retention') EXECUTE FUNCTION refuse_run_removal();

-- What was counted stays counted: the sums of past days are all that is left of them.
DROP TRIGGER counted_gone ON backup_schedule_runs;
CREATE TRIGGER counted_gone AFTER DELETE ON backup_schedule_runs FOR EACH ROW
  WHEN (OLD.finished_at IS NOT NULL AND current_user <> 'tenantpilot_retention') EXECUTE FUNCTION count_run();
