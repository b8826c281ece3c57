-- What is known of the ids that a feed's publisher gives. `guid_health`: what is proven against them; 'good' until
-- then, and not again after it. `guid_suspicion`: what the last poll that could tell found across polls.
ALTER TABLE feeds ADD COLUMN guid_health    TEXT NOT NULL DEFAULT 'good';
ALTER TABLE feeds ADD COLUMN guid_suspicion TEXT NOT NULL DEFAULT 'good';
