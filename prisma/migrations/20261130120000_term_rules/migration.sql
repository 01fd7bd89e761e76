-- Which rules have made the index over contents. What is there lacks scripts in Windows-1252 and UTF-16: the worker makes it again, and until
-- then a search reads what it lacks. A worker of the version before goes on by its rules, as the default says.
ALTER TABLE content_segments ADD COLUMN "term_rules" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE content_looks ADD COLUMN "term_rules" SMALLINT NOT NULL DEFAULT 1;
