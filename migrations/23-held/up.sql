-- The changes of a feed's entries that are held back, by until when: they are told then, whatever its polls bring.
CREATE INDEX entries_held ON entries (feed, held_until) WHERE held_until IS NOT NULL;

-- Of what retention took and whose page went on to other news, the id that its publisher gave it: the row has another by
-- now.
UPDATE entries SET published_as = substr(entry_id, 1, instr(entry_id, char(30)) - 1)
WHERE published_as = '' AND instr(entry_id, char(30)) > 1;
