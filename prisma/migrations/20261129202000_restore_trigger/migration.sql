-- A restore reads the tenant as a run does. A migration of its own: the word can be used only after it is committed.
ALTER TYPE "run_trigger" ADD VALUE 'restore';
