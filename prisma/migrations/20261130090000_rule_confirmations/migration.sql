-- When Microsoft last said of somebody what a rule made a membership of. For those that are there, the time counts from now on.
ALTER TABLE "memberships" ADD COLUMN "rule_confirmed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
