-- The policy whose second step alone a restore was taken up for: it writes no other, however many of a stopped one are left.
ALTER TABLE restores ADD COLUMN only_item_id INTEGER;

-- What restores of before kept beyond their end: secrets that people gave, and writes that nobody approved.
ALTER TABLE restores NO FORCE ROW LEVEL SECURITY;
ALTER TABLE restore_items NO FORCE ROW LEVEL SECURITY;
UPDATE restore_items i SET secrets_ciphertext = NULL
FROM restores r
WHERE i.secrets_ciphertext IS NOT NULL AND r.id = i.restore_id AND r.status IN ('done', 'done_with_problems', 'discarded');
UPDATE restore_items SET approval_ciphertext = NULL, approval_since = NULL
WHERE approval_ciphertext IS NOT NULL AND state <> 'waiting_for_approval';
ALTER TABLE restores FORCE ROW LEVEL SECURITY;
ALTER TABLE restore_items FORCE ROW LEVEL SECURITY;
