-- contract: until it is replaced, a worker of an older version cannot store definitions; its job comes again, and nothing waits for it
-- Microsoft's clouds do not have the same settings: each is asked for its own. And the order in which a template has its settings.
ALTER TABLE setting_definitions ADD COLUMN "cloud" TEXT NOT NULL DEFAULT 'global';
ALTER TABLE setting_definitions DROP CONSTRAINT setting_definitions_pkey;
ALTER TABLE setting_definitions ADD CONSTRAINT setting_definitions_pkey PRIMARY KEY ("cloud", "id");
ALTER TABLE setting_categories ADD COLUMN "cloud" TEXT NOT NULL DEFAULT 'global';
ALTER TABLE setting_categories DROP CONSTRAINT setting_categories_pkey;
ALTER TABLE setting_categories ADD CONSTRAINT setting_categories_pkey PRIMARY KEY ("cloud", "id");

-- CreateTable
CREATE TABLE "setting_templates" (
    "cloud" TEXT NOT NULL DEFAULT 'global',
    "id" TEXT NOT NULL,
    "setting_ids" TEXT[],
    "fetched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_templates_pkey" PRIMARY KEY ("cloud", "id")
);

-- Nothing of a tenant's is in it: every tenant reads and adds to the same.
GRANT SELECT, INSERT, UPDATE ON setting_templates TO tenantpilot_app;
ALTER TABLE setting_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE setting_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON setting_templates TO tenantpilot_app USING (true) WITH CHECK (true);

-- What is there is looked through once more, for templates, and by the clouds that are not the worldwide one.
TRUNCATE definition_looks;
