-- A look through a tenant's snapshots is one with one cloud, and is begun anew from time to time: what Microsoft did not know, or has renamed
-- since, is asked again. What is there already says neither, and is begun anew once.
ALTER TABLE definition_looks
  ADD COLUMN "cloud" TEXT NOT NULL DEFAULT '',
  ADD COLUMN "begun_at" TIMESTAMPTZ(3);
