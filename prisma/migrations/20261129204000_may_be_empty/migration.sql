-- Whether a run that finds no policy at all is as it should be. Otherwise it is told apart from a backup of something: a
-- connection to the wrong tenant looks the same, and nobody would notice until they need what is not there.
ALTER TABLE "backup_schedules" ADD COLUMN "may_be_empty" BOOLEAN NOT NULL DEFAULT false;
