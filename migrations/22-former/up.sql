-- The archives of an output that ended: their addresses answer 410, and one goes on when its entries are wanted again.
CREATE INDEX archives_ended ON archives (output, ended_at) WHERE ended_at IS NOT NULL;
