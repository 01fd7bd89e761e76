-- contract: the version before does not write the column, and its default is allowed.
-- On which clock a person reads times: of 24 hours, or of 12 with am and pm.
ALTER TABLE user_preferences ADD COLUMN hour_clock TEXT NOT NULL DEFAULT '24';
ALTER TABLE user_preferences ADD CONSTRAINT hour_clock_is_known CHECK (hour_clock IN ('24', '12'));
