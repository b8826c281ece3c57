-- In which order the articles of a label came: their numbers are given in that order. An output keeps what came lately
-- (publish/window.rs), also where its publisher dates it long before.
CREATE INDEX labels_by_arrival ON labels (label, article);
